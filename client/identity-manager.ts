/** The IdentityManager of a page: knows who is signed in, runs the sign-in, never sees a token. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { fromWireError, identityError, type IdentityError } from '../protocol/errors.js';
import {
  ACTIVITY_CHANNEL,
  type Activity,
  type CodeRequired,
  type WorkerMessage,
} from '../protocol/messages.js';
import { Connection } from './connection.js';
import { ActivityEvent, OAuthCodeRequiredEvent, type IdentityEventMap } from './events.js';
import { handOver, takeAuthorizationResponse, takeOutcome } from './login/callback.js';
import { runLogin } from './login/login.js';
import { openPopup } from './login/popup.js';
import { english, type LoginTexts } from './login/texts.js';
import type { WorkerSource } from './registration.js';

/** Options of {@link IdentityManager.instance}; those of the first call count. */
export interface IdentityManagerOptions extends WorkerSource {
  /** `popup`: the default login. `none`: the app answers every `oauth-code-required` event itself. Default `popup`. */
  login?: 'popup' | 'none';
  /** Texts of the sign-in dialog. Default: English. */
  texts?: Partial<LoginTexts>;
}

/** How often the worker is told that it is still needed, in ms: browsers stop one that hears nothing for 30 s and more. */
const PING_MS = 10_000;

/** A challenge that this page takes part in. */
interface Ongoing {
  readonly over: AbortController;
  readonly ended: Promise<void>;
  readonly end: (reason?: IdentityError) => void;
}

let instance: IdentityManager | undefined;

/**
 * Signs the page's user in to portals, with the help of the service worker that signs the page's requests.
 *
 * @example
 * const identity = IdentityManager.instance({ worker: '/sw.js' });
 * await identity.ready; // from here every request to a registered portal is signed
 */
export class IdentityManager extends EventTarget {
  readonly #options: IdentityManagerOptions;
  readonly #connection: Connection;
  readonly #ongoing = new Map<string, Ongoing>();
  #portals: readonly PortalInfo[] = [];
  #credentials: readonly CredentialInfo[] = [];
  #ready: Promise<void> | undefined;
  #activity: BroadcastChannel | undefined;

  private constructor(options: IdentityManagerOptions) {
    super();
    this.#options = options;
    this.#connection = new Connection(options);
  }

  /** The page's one IdentityManager. */
  static instance(options: IdentityManagerOptions = {}): IdentityManager {
    if (!instance) {
      instance = new IdentityManager(options);
      // Starts at once; who wants to know of failures awaits `ready`.
      instance.ready.catch(() => undefined);
    }
    return instance;
  }

  /**
   * Resolves when the worker controls this page: from here on its requests are signed. Requests made before are not.
   *
   * @throws ConfigurationError for a worker that cannot be registered, ConnectionError `page-uncontrolled`, `worker-unreachable`, `protocol-mismatch`.
   */
  get ready(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  /** The portals that the worker signs requests for; empty before {@link ready}. */
  get portals(): readonly PortalInfo[] {
    return this.#portals;
  }

  /** Who is signed in where; never a token. Empty before {@link ready}. */
  get credentials(): readonly CredentialInfo[] {
    return this.#credentials;
  }

  /**
   * Signs in. Call it in the user's click: elsewhere browsers block the window, and a dialog asks for the click.
   *
   * @param portal - URL of the portal, in any of its spellings. May be left out where only one is registered.
   * @param options.signal - Ends the wait; the sign-in is then cancelled.
   * @returns Who has signed in.
   * @throws ChallengeError `access-denied`, `challenge-cancelled`, `code-refused`, …; PortalError; ConfigurationError `portal-not-registered`.
   */
  async signIn(portal?: string, options: { signal?: AbortSignal } = {}): Promise<CredentialInfo> {
    options.signal?.throwIfAborted();
    // Before anything is awaited: the browser lets the window open in the click only.
    const opened = this.#options.login !== 'none' && navigator.userActivation?.isActive ? openPopup() : null;
    try {
      await this.ready;
      const challenge = await this.#connection.call('signIn', portal);
      const ongoing = this.#takePart(challenge, opened);
      const abort = (): void => void this.#cancel(challenge.challengeId);
      options.signal?.addEventListener('abort', abort, { once: true });
      try {
        await ongoing.ended;
      } finally {
        options.signal?.removeEventListener('abort', abort);
      }
      return await this.#credentialOf(challenge.portal);
    } catch (error) {
      opened?.close();
      options.signal?.throwIfAborted();
      throw error;
    }
  }

  /**
   * Signs out everywhere: removes the credential, revokes it at the portal, tells every tab.
   *
   * @param portal - URL of the portal; may be left out where only one is registered.
   * @throws ConfigurationError `portal-not-registered`, `portal-ambiguous`.
   */
  async signOut(portal?: string): Promise<void> {
    await this.ready;
    await this.#connection.call('signOut', portal);
  }

  /**
   * Answers a challenge with the authorization code that the portal gave for its authorization URL.
   *
   * @param authorizationUrl - Of the `oauth-code-required` event.
   * @param code - As received, or as pasted by the person.
   * @throws ChallengeError `authorization-url-unknown`, `code-missing`, `code-reused`, `code-refused`; PortalError `portal-unreachable`.
   */
  async setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void> {
    await this.#connection.call('submitCode', { authorizationUrl, code }, crypto.randomUUID());
  }

  /**
   * The work of the callback page: hands the portal's answer to the worker and closes the window. Needs no `ready`.
   *
   * @returns Whether there was an answer in the page's address.
   * @throws ChallengeError, PortalError: what the person can be told.
   */
  async completeSignIn(): Promise<boolean> {
    if (takeOutcome()) return true;
    const response = takeAuthorizationResponse();
    if (response) await handOver(response, this.#connection);
    return response !== undefined;
  }

  override addEventListener<K extends keyof IdentityEventMap>(
    type: K,
    listener: ((event: IdentityEventMap[K]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (type === 'activity') this.#listenToActivity();
    super.addEventListener(type, listener as EventListener | null, options);
  }

  override removeEventListener<K extends keyof IdentityEventMap>(
    type: K,
    listener: ((event: IdentityEventMap[K]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener | null, options);
  }

  async #start(): Promise<void> {
    await this.#connection.controlled();
    this.#connection.listen((message) => this.#receive(message));
    await this.#readState();
    // A new version of the worker may have been told of changes that this page was not.
    navigator.serviceWorker.addEventListener(
      'controllerchange',
      () => void this.#readState().catch(() => undefined),
    );
    setInterval(() => this.#keepSession(), PING_MS);
  }

  /** A session that only the worker remembers lasts as long as some page of the site is open. */
  #keepSession(): void {
    const isMemoryOnly = ({ url, isMemoryOnly: is }: PortalInfo): boolean =>
      is && this.#credentials.some(({ portal }) => portal === url);
    if (this.#portals.some(isMemoryOnly)) this.#ping();
  }

  #ping(): void {
    this.#connection.ping().catch(() => undefined);
  }

  /** The messages of a sign-in may arrive in any order, or be lost with a stopped worker: then it is asked. */
  async #credentialOf(portal: string): Promise<CredentialInfo> {
    const find = (): CredentialInfo | undefined => this.#credentials.find((info) => info.portal === portal);
    if (!find()) await this.#readState();
    const credential = find();
    if (credential) return credential;
    throw identityError('challenge-cancelled', { origin: new URL(portal).origin });
  }

  async #readState(): Promise<void> {
    const state = await this.#connection.call('state');
    this.#portals = state.portals;
    this.#setCredentials(state.credentials);
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'identity:code-required':
        if (message.asked) this.#takePart(message, null);
        return;
      case 'identity:challenge-settled':
        this.#ongoing
          .get(message.challengeId)
          ?.end(message.outcome === 'signed-in' ? undefined : errorOf(message));
        return;
      case 'identity:credential-changed': {
        const others = this.#credentials.filter(({ portal }) => portal !== message.portal);
        this.#setCredentials(message.credential ? [...others, message.credential] : others);
        return;
      }
    }
  }

  #setCredentials(credentials: readonly CredentialInfo[]): void {
    this.#credentials = credentials;
    this.dispatchEvent(new Event('credentials-changed'));
  }

  /** Shows the challenge to the app, or the default login to the person; once, however often the worker asks. */
  #takePart(challenge: CodeRequired, opened: Window | null): Ongoing {
    const known = this.#ongoing.get(challenge.challengeId);
    if (known) {
      // The click that comes while the dialog is open: its window takes the sign-in over.
      if (opened) opened.location.href = challenge.authorizationUrl;
      return known;
    }
    const { challengeId, authorizationUrl } = challenge;
    const over = new AbortController();
    let end: Ongoing['end'] = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      end = (reason) => {
        this.#ongoing.delete(challengeId);
        clearInterval(ping);
        over.abort();
        if (reason) reject(reason);
        else resolve();
      };
    });
    // Nobody may wait for it: a request's challenge is answered by the request itself.
    ended.catch(() => undefined);
    const ongoing = { over, ended, end };
    this.#ongoing.set(challengeId, ongoing);
    const ping = setInterval(() => this.#ping(), PING_MS);

    const submitCode = (code: string): Promise<void> => this.setOAuthCodeForUrl(authorizationUrl, code);
    const cancel = (): Promise<void> => this.#cancel(challengeId);
    const isDefault = this.dispatchEvent(
      new OAuthCodeRequiredEvent(challenge, over.signal, submitCode, cancel),
    );
    if (isDefault && this.#options.login !== 'none') {
      const isOpen = (): Promise<boolean> => this.#isOpen(challenge);
      const texts = { ...english, ...this.#options.texts };
      runLogin(challenge, opened, { submitCode, cancel: () => void cancel(), isOpen }, texts, over.signal);
    } else opened?.close();
    return ongoing;
  }

  /** Asks the worker where a challenge stands, and ends it here if the news was lost with a stopped worker. */
  async #isOpen({ challengeId, portal }: CodeRequired): Promise<boolean> {
    const state = await this.#connection.call('challengeState', challengeId);
    if (state === 'open' || state === 'redeeming') return true;
    const reason = identityError('challenge-cancelled', { origin: new URL(portal).origin });
    this.#ongoing.get(challengeId)?.end(state === 'signed-in' ? undefined : reason);
    return false;
  }

  async #cancel(challengeId: string): Promise<void> {
    await this.#connection.call('cancel', challengeId);
  }

  #listenToActivity(): void {
    if (this.#activity) return;
    this.#activity = new BroadcastChannel(ACTIVITY_CHANNEL);
    this.#activity.addEventListener('message', ({ data }: MessageEvent<Activity>) =>
      this.dispatchEvent(new ActivityEvent(data)),
    );
  }
}

function errorOf({
  portal,
  error,
}: Extract<WorkerMessage, { type: 'identity:challenge-settled' }>): IdentityError {
  return error
    ? fromWireError(error)
    : identityError('challenge-cancelled', { origin: new URL(portal).origin });
}
