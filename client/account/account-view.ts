/** What `<identity-account>` shows: a button, a panel with the portals, a line of status, and one for errors. */
import type { CredentialInfo, PortalInfo } from '../../protocol/credential-info.js';
import { directionOf } from '../language-tags.js';
import { makeButton, makeElement, say } from './make-element.js';
import { PortalRow, type RowActions } from './portal-row.js';
import { accountStyle } from './style.js';
import type { AccountTexts } from './texts.js';

/** What is to be shown. */
export interface AccountState {
  readonly portals: readonly PortalInfo[];
  readonly credentials: readonly CredentialInfo[];
  readonly texts: AccountTexts;
  readonly lang: string;
  readonly status: string;
  /** What went wrong; read out at once. */
  readonly alert: string;
  readonly isBusy: boolean;
}

/** The content of one element. */
export class AccountView {
  readonly #root: ShadowRoot;
  readonly #actions: RowActions;
  readonly #frame = document.createElement('div');
  readonly #main = makeButton('main button', () => this.#press());
  readonly #avatar = makeElement('span', 'avatar');
  readonly #name = makeElement('bdi', 'name');
  readonly #panel = makeElement('div', 'panel');
  readonly #list = makeElement('ul', 'portals');
  readonly #status = makeElement('p', 'status');
  readonly #alert = makeElement('p', 'alert');
  readonly #rows = new Map<string, PortalRow>();
  #isOpen = false;
  /** Where there is one portal and nobody is signed in, the main button is its sign-in. */
  #onlySignIn: string | undefined;

  constructor(host: HTMLElement, actions: RowActions) {
    this.#actions = actions;
    this.#root = host.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [accountStyle()];
    this.#avatar.setAttribute('aria-hidden', 'true');
    this.#panel.id = 'panel';
    this.#panel.hidden = true;
    this.#panel.setAttribute('role', 'group');
    this.#status.setAttribute('role', 'status');
    this.#alert.setAttribute('role', 'alert');
    this.#main.append(this.#avatar, this.#name);
    this.#panel.append(this.#list);
    this.#frame.append(this.#main, this.#panel, this.#status, this.#alert);
    this.#frame.hidden = true;
    this.#root.append(this.#frame);
    this.#frame.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#isOpen) return;
      event.stopPropagation();
      this.#toggle(false);
      this.#main.focus();
    });
    this.#frame.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !this.#root.contains(relatedTarget as Node)) this.#toggle(false);
    });
  }

  show({ portals, credentials, texts, lang, status, alert, isBusy }: AccountState): void {
    const of = (url: string): CredentialInfo | undefined => credentials.find(({ portal }) => portal === url);
    const signedIn = portals.map(({ url }) => of(url)).find(Boolean);
    const [portal] = portals;
    this.#main.hidden = portal === undefined;
    this.#frame.hidden = this.#main.hidden && alert === '';
    this.#frame.lang = lang;
    this.#frame.dir = directionOf(lang);
    this.#onlySignIn = portals.length === 1 && !signedIn ? portal?.url : undefined;
    this.#panel.setAttribute('aria-label', texts.account);
    this.#showRows(portals);
    for (const [url, row] of this.#rows) {
      row.show(of(url), texts);
      row.isBusy = isBusy;
    }

    const { username } = signedIn ?? {};
    const isInPanel = this.#panel.contains(this.#root.activeElement);
    say(this.#avatar, initialOf(username ?? ''));
    say(this.#name, signedIn ? (username ?? texts.signedIn) : texts.signIn);
    this.#avatar.hidden = username === undefined;
    this.#main.classList.toggle('sign-in', !signedIn);
    this.#main.setAttribute('aria-disabled', String(isBusy && this.#onlySignIn !== undefined));
    if (this.#onlySignIn !== undefined) {
      this.#toggle(false);
      if (isInPanel) this.#main.focus();
    }
    this.#toggle(this.#isOpen);
    say(this.#status, status);
    say(this.#alert, alert);
  }

  /** A click elsewhere in the page. */
  close(): void {
    this.#toggle(false);
  }

  #showRows(portals: readonly PortalInfo[]): void {
    const urls = portals.map(({ url }) => url);
    if (urls.join(' ') === [...this.#rows.keys()].join(' ')) return;
    this.#rows.clear();
    for (const portal of portals) this.#rows.set(portal.url, new PortalRow(portal, this.#actions));
    this.#list.replaceChildren(...[...this.#rows.values()].map(({ item }) => item));
  }

  #press(): void {
    if (this.#onlySignIn === undefined) this.#toggle(!this.#isOpen);
    else if (this.#main.getAttribute('aria-disabled') !== 'true') this.#actions.signIn(this.#onlySignIn);
  }

  /** Below the button's end, or below its start where the window has no room there. */
  #place(): void {
    this.#panel.classList.remove('from-start');
    const { left, right } = this.#panel.getBoundingClientRect();
    this.#panel.classList.toggle('from-start', left < 0 || right > innerWidth);
  }

  #toggle(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#panel.hidden = !isOpen;
    if (isOpen) this.#place();
    if (this.#onlySignIn === undefined) {
      this.#main.setAttribute('aria-expanded', String(isOpen));
      this.#main.setAttribute('aria-controls', 'panel');
    } else for (const name of ['aria-expanded', 'aria-controls']) this.#main.removeAttribute(name);
  }
}

/** The first letter of a name; what looks like one may be made of several characters. */
function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment.toUpperCase() ?? '';
}
