/** The strip of pictures: plain `<img>` elements, some of them secured. */
import { askAccess, type Access } from './access.js';
import { make } from './dom.js';

interface Picture {
  readonly title: string;
  readonly src: string;
  /** URL of the item or layer that the picture belongs to. */
  readonly url: string;
}

const items = {
  Countries: '0a1b2c3d4e5f60718293a4b5c6d7e8f1',
  Terrain: '0a1b2c3d4e5f60718293a4b5c6d7e8f2',
  Sites: '0a1b2c3d4e5f60718293a4b5c6d7e8f3',
  'World map': '0a1b2c3d4e5f60718293a4b5c6d7e8f5',
};

const reasons: Readonly<Record<Access, string>> = {
  readable: 'Could not be loaded',
  unreachable: 'Could not be loaded',
  'sign-in-needed': 'Signed out',
  'not-allowed': 'Not allowed',
};

function picturesOf(portalUrl: string, serverUrl: string): Picture[] {
  const site = `${serverUrl}/rest/services/Sites/FeatureServer/0`;
  return [
    ...Object.entries(items).map(([title, id]) => {
      const url = `${portalUrl}/sharing/rest/content/items/${id}`;
      return { title, url, src: `${url}/info/thumbnail/thumb.png` };
    }),
    { title: 'Photo of a site', url: site, src: `${site}/1/attachments/11` },
  ];
}

/** The strip. */
export class Pictures {
  readonly #pictures: readonly Picture[];
  #user: string | undefined;

  constructor(
    private readonly list: HTMLUListElement,
    portalUrl: string,
    serverUrl: string,
  ) {
    this.#pictures = picturesOf(portalUrl, serverUrl);
  }

  /** Loads all pictures. The worker holds those that need a sign-in. */
  load(user: string | undefined): void {
    this.#user = user;
    this.list.replaceChildren(...this.#pictures.map((picture) => this.#frameOf(picture)));
  }

  /** Addresses of the pictures that are shown. */
  get urls(): readonly string[] {
    return [...this.list.querySelectorAll('img')]
      .filter(({ naturalWidth }) => naturalWidth > 0)
      .map(({ src }) => src);
  }

  /** Updates the pictures after a sign-in, a sign-out or a change of user. */
  follow(user: string | undefined): void {
    const previous = this.#user;
    if (previous === user) return;
    this.#user = user;
    if (user === undefined) {
      this.list.replaceChildren(
        ...this.#pictures.map(({ title }) => placeholder(title, reasons['sign-in-needed'])),
      );
      return;
    }
    [...this.list.children].forEach((frame, at) => {
      const picture = this.#pictures[at];
      // The worker still holds the request of a picture that waited for this sign-in.
      const isWaiting = previous === undefined && frame.querySelector('img') !== null;
      if (picture && !isWaiting) frame.replaceWith(this.#frameOf(picture));
    });
  }

  #frameOf({ title, src, url }: Picture): HTMLLIElement {
    const image = make('img', { alt: `Picture: ${title}`, width: 120, height: 80 });
    const frame = make('li', {}, make('figure', {}, image, make('figcaption', {}, title)));
    image.addEventListener('error', () => void this.#explain(frame, title, url));
    image.src = src;
    return frame;
  }

  async #explain(frame: HTMLLIElement, title: string, url: string): Promise<void> {
    const user = this.#user;
    const access = user === undefined ? 'sign-in-needed' : await askAccess(url);
    if (frame.isConnected && user === this.#user) frame.replaceWith(placeholder(title, reasons[access]));
  }
}

function placeholder(title: string, reason: string): HTMLLIElement {
  return make(
    'li',
    {},
    make('figure', {}, make('span', { className: 'no-picture' }, reason), make('figcaption', {}, title)),
  );
}
