/** `<identity-account>`: who is signed in, and the buttons that change it. */
import type { OAuthCodeRequiredEvent, SignInElsewhereEvent } from '../events.js';
import type { IdentityManager } from '../identity-manager.js';
import { chooseLanguage } from '../language-tags.js';
import { AccountView } from './account-view.js';
import { accountTexts, type AccountTexts } from './texts.js';

/** A state that pages can style: `identity-account:state(signed-in)`. */
type State = 'signed-in' | 'waiting' | 'offline' | 'busy' | 'failed';

/** A sign-in that goes on. */
interface Prompt {
  readonly portal: string;
  /** Requests that waited when it began. */
  readonly waitingRequests: number;
  readonly isElsewhere: boolean;
}

/** Where there is no DOM, as in a server's rendering, the module can be imported all the same. */
const Base = globalThis.HTMLElement ?? Object;

/**
 * A control to sign in and out, with a button for one portal and a panel for several.
 *
 * Attributes: `portal`, URL of the one portal that it shows (default: all that are registered); `portal-session`, so that a sign-out ends
 * the portal's own session too; `lang`, its language (default: that of the sign-in dialog, then the page's).
 */
export class IdentityAccountElement extends Base {
  static readonly observedAttributes = ['portal', 'lang'];
  /** The page's IdentityManager, once there is one. */
  static identity: Promise<IdentityManager> = new Promise(() => undefined);

  #identity: IdentityManager | undefined;
  #view: AccountView | undefined;
  #internals: ElementInternals | undefined;
  #connection: AbortController | undefined;
  #texts: Partial<AccountTexts> = {};
  #prompts: readonly Prompt[] = [];
  #isBusy = false;
  /** Why the last call failed, for the user. */
  #alert = '';

  /** Texts of the page's own, all or some. In a language of your own, name it in `lang`. */
  get texts(): Partial<AccountTexts> {
    return this.#texts;
  }

  set texts(texts: Partial<AccountTexts>) {
    this.#texts = texts;
    this.#show();
  }

  /** Called by the browser. */
  connectedCallback(): void {
    this.#internals ??= this.attachInternals();
    this.#view ??= new AccountView(this, {
      signIn: (portal, forceLogin = false) =>
        void this.#run((identity) => identity.signIn({ portal, forceLogin })),
      signOut: (portal) =>
        void this.#run((identity) =>
          identity.signOut({ portal, portalSession: this.hasAttribute('portal-session') }),
        ),
    });
    this.#connection = new AbortController();
    void this.#connect(this.#connection.signal);
  }

  /** Called by the browser. */
  disconnectedCallback(): void {
    this.#connection?.abort();
    this.#prompts = [];
  }

  /** Called by the browser. */
  attributeChangedCallback(): void {
    this.#show();
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const identity = await IdentityAccountElement.identity;
    if (signal.aborted) return;
    this.#identity = identity;
    const show = (): void => this.#show();
    const options = { signal };
    identity.addEventListener('credentials-changed', show, options);
    identity.addEventListener('oauth-code-required', (event) => this.#prompt(event), options);
    identity.addEventListener('sign-in-elsewhere', (event) => this.#prompt(event), options);
    addEventListener('online', show, options);
    addEventListener('offline', show, options);
    document.addEventListener(
      'pointerdown',
      (event) => {
        if (!event.composedPath().includes(this)) this.#view?.close();
      },
      options,
    );
    try {
      await identity.ready;
    } catch (error) {
      if (!signal.aborted) await this.#fail(identity, error);
    }
    this.#show();
  }

  #prompt(event: OAuthCodeRequiredEvent | SignInElsewhereEvent): void {
    const { portal } = event;
    const prompt = {
      portal,
      waitingRequests: 'waitingRequests' in event ? event.waitingRequests : 0,
      isElsewhere: event.type === 'sign-in-elsewhere',
    };
    this.#prompts = [...this.#prompts.filter((other) => other.portal !== portal), prompt];
    event.signal.addEventListener('abort', () => {
      this.#prompts = this.#prompts.filter((other) => other !== prompt);
      this.#show();
    });
    this.#show();
  }

  async #run(act: (identity: IdentityManager) => Promise<unknown>): Promise<void> {
    const identity = this.#identity;
    if (!identity || this.#isBusy) return;
    this.#isBusy = true;
    this.#alert = '';
    this.#show();
    try {
      // In the click: browsers let a window open only then.
      await act(identity);
    } catch (error) {
      await this.#fail(identity, error);
    } finally {
      this.#isBusy = false;
      this.#show();
    }
  }

  async #fail(identity: IdentityManager, error: unknown): Promise<void> {
    this.#alert = await identity.describeError(error).catch(() => String(error));
  }

  #show(): void {
    const identity = this.#identity;
    if (!identity || !this.isConnected) return;
    const own = this.getAttribute('portal');
    const portals = identity.portals.filter(({ url }) => own === null || url === own.replace(/\/+$/, ''));
    const isShown = ({ portal }: { readonly portal: string }): boolean =>
      portals.some(({ url }) => url === portal);
    const credentials = identity.credentials.filter(isShown);
    const prompts = this.#prompts.filter(isShown);
    const isOffline = !navigator.onLine;
    const { lang, texts } = this.#wording(identity);
    this.#view?.show({
      portals,
      credentials,
      texts,
      lang,
      status: [...statusOf(prompts, texts), ...(isOffline ? [texts.offline] : [])].join(' · '),
      alert: this.#alert,
      isBusy: this.#isBusy,
    });
    this.#setStates({
      'signed-in': credentials.length > 0,
      waiting: prompts.length > 0,
      offline: isOffline,
      busy: this.#isBusy,
      failed: this.#alert !== '',
    });
  }

  #wording(identity: IdentityManager): { lang: string; texts: AccountTexts } {
    const wished = this.lang || identity.language;
    const tags =
      wished === undefined
        ? [this.closest('[lang]')?.getAttribute('lang') ?? '', ...navigator.languages]
        : [wished];
    const chosen = chooseLanguage(tags, accountTexts);
    const texts = { ...(accountTexts[chosen] ?? accountTexts.en), ...this.#texts };
    const isOwn = wished !== undefined && Object.keys(this.#texts).length > 0;
    return { lang: isOwn ? wished : chosen, texts };
  }

  #setStates(states: Readonly<Record<State, boolean>>): void {
    // Older browsers have no states: the parts can be styled all the same.
    for (const [state, isSet] of Object.entries(states))
      this.#internals?.states?.[isSet ? 'add' : 'delete'](state);
  }
}

function statusOf(prompts: readonly Prompt[], texts: AccountTexts): string[] {
  const here = prompts.filter(({ isElsewhere }) => !isElsewhere);
  const requests = here.reduce((sum, { waitingRequests }) => sum + waitingRequests, 0);
  return [
    ...(here.length > 0 ? [requests > 0 ? `${texts.waiting} (${requests})` : texts.waiting] : []),
    ...(prompts.length > here.length ? [texts.elsewhere] : []),
  ];
}
