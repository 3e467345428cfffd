/** The IdentityManager of a page: knows who is signed in, runs the sign-in, never sees a token. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { fromWireError, identityError, toWireError, type IdentityError } from '../protocol/errors.js';
import {
  ACTIVITY_CHANNEL,
  parseHandedOver,
  type Activity,
  type CodeRequired,
  type WorkerMessage,
} from '../protocol/messages.js';
import type { Returned, SignInWish } from '../protocol/worker-api.js';
import { Connection } from './connection.js';
import { hasForeignParent, reportControl, type Control } from './control.js';
import { ActivityEvent, type IdentityEventMap } from './events.js';
import { handOver, submit, takeAuthorizationResponse, takeOutcome } from './login/callback.js';
import { wordingFor, type WordingOptions } from './login/languages.js';
import { pastedCode } from './login/pasted-code.js';
import { openPopup } from './login/popup.js';
import { SilentSignIn } from './login/silent.js';
import { failureText } from './login/texts.js';
import { comeFromSignOut, expectSignOut, forgetSignOut, here, scrollBack } from './login/way-back.js';
import { serviceWorkers, type WorkerSource } from './registration.js';
import { PING_MS, SignIn, type LoginMode, type SignInHost } from './sign-in.js';
import { SignInsElsewhere } from './sign-ins-elsewhere.js';

/** Options of {@link IdentityManager.instance}; those of the first call count. */
export interface IdentityManagerOptions extends WorkerSource, WordingOptions {
  /**
   * `popup`: the sign-in page opens in a window. `redirect`: it takes the place of the app's page, and comes back to it.
   * `none`: the app answers every `oauth-code-required` event itself. Default `popup`; `redirect` where windows do not
   * come back, as in an app on the home screen of an iPhone.
   */
  login?: LoginMode;
}

/** Options of {@link IdentityManager.signIn}. */
export interface SignInOptions extends SignInWish {
  /** Ends the wait; the sign-in is then cancelled. */
  readonly signal?: AbortSignal;
}

/** Options of {@link IdentityManager.signOut}. */
export interface SignOutOptions {
  /** Ends the portal's own session with this browser too, in a window or in place of this page. Default `false`. */
  readonly portalSession?: boolean;
}

/** How a sign-in ended that took the place of the page. */
export interface RedirectOutcome {
  readonly portal: string;
  /** Why nobody has signed in. */
  readonly error?: IdentityError;
}

let instance: IdentityManager | undefined;

/** An app on the home screen of iOS: the window would open in another browser, which has other storage. */
const hasNoWindows = (): boolean => 'standalone' in navigator && navigator.standalone === true;

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
  readonly #signInHost: SignInHost;
  /** By portal. */
  readonly #signIns = new Map<string, SignIn>();
  readonly #elsewhere = new SignInsElsewhere();
  /** By challenge. */
  readonly #silent = new Map<string, SilentSignIn>();
  #portals: readonly PortalInfo[] = [];
  #redirectOutcome: RedirectOutcome | undefined;
  #credentials: readonly CredentialInfo[] = [];
  #ready: Promise<void> | undefined;
  #activity: BroadcastChannel | undefined;

  private constructor(options: IdentityManagerOptions) {
    super();
    if (!['popup', 'redirect', 'none'].includes(options.login ?? 'popup'))
      throw identityError('option-invalid', { field: 'login' });
    this.#options = options;
    this.#connection = new Connection(options);
    this.#signInHost = {
      connection: this.#connection,
      login: this.#login,
      wording: () => wordingFor(options),
      dispatchEvent: (event) => this.dispatchEvent(event),
    };
  }

  get #login(): LoginMode {
    const { login = 'popup' } = this.#options;
    return login === 'popup' && hasNoWindows() ? 'redirect' : login;
  }

  /**
   * The page's one IdentityManager.
   *
   * @throws ConfigurationError `option-invalid`.
   */
  static instance(options: IdentityManagerOptions = {}): IdentityManager {
    if (!instance) {
      instance = new IdentityManager(options);
      // Starts at once; who wants to know of failures awaits `ready`.
      instance.ready.catch(() => undefined);
      instance.#tellOfControl();
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

  /** How a sign-in ended that took the place of this page, when the person has just come back; after {@link ready}. */
  get redirectOutcome(): RedirectOutcome | undefined {
    return this.#redirectOutcome;
  }

  /**
   * Signs in, whoever is signed in already. Call it in the user's click: elsewhere browsers block the window, and a
   * dialog asks for the click. With `login: 'redirect'` the page goes away, and the promise with it: see {@link redirectOutcome}.
   *
   * @param portal - URL of the portal, in any of its spellings. May be left out where only one is registered.
   * @param options.signal - Ends the wait; the sign-in is then cancelled.
   * @param options.forceLogin - The portal asks who signs in, whatever session it has: for another account.
   * @param options.loginHint - Name that the portal may fill in; ArcGIS knows no such thing.
   * @param options.silent - Nobody is asked: works where the portal has a session, may be framed, and is of one site with
   * the app or may have third-party cookies.
   * @returns Who has signed in.
   * @throws ChallengeError `access-denied`, `challenge-cancelled`, `code-refused`, `login-required`, …; PortalError; ConfigurationError `portal-not-registered`.
   */
  async signIn(portal?: string, options: SignInOptions = {}): Promise<CredentialInfo> {
    const { signal, silent = false, ...wish } = options;
    signal?.throwIfAborted();
    // Before anything is awaited: the browser lets the window open in the click only.
    const opened = silent ? null : this.#openInClick();
    try {
      await this.ready;
      const challenge = await this.#connection.call('signIn', portal, { ...wish, silent });
      if (silent) await this.#signInSilently(challenge, signal);
      else await this.#takePart(challenge, opened).wait(signal);
      return await this.#credentialOf(challenge.portal);
    } catch (error) {
      opened?.close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /**
   * Signs out everywhere: removes the credential, revokes it at the portal, tells every tab.
   *
   * @param portal - URL of the portal; may be left out where only one is registered.
   * @param options.portalSession - Ends the portal's own session too. Call it in the user's click: it needs a window,
   * or takes the place of this page and comes back (`login: 'redirect'`, or no window).
   * @throws ConfigurationError `portal-not-registered`, `portal-ambiguous`, `sign-out-unsupported`; PortalError `portal-unreachable`: signed out of this app all the same.
   */
  async signOut(portal?: string, { portalSession = false }: SignOutOptions = {}): Promise<void> {
    // The window is opened with a copy of what this tab remembers.
    if (portalSession) expectSignOut('close');
    const opened = portalSession ? this.#openInClick() : null;
    forgetSignOut();
    try {
      await this.ready;
      await this.#connection.call('signOut', portal);
      if (!portalSession) return;
      const url = await this.#connection.call('signOutUrl', portal);
      if (opened) opened.location.href = url;
      else {
        expectSignOut(here().url);
        location.assign(url);
      }
    } catch (error) {
      opened?.close();
      throw error;
    }
  }

  /**
   * Answers a challenge with the authorization code that the portal gave for its authorization URL.
   *
   * @param authorizationUrl - Of the `oauth-code-required` event.
   * @param code - As received, or as pasted by the person, with what stands around it.
   * @throws ChallengeError `authorization-url-unknown`, `code-missing`, `code-reused`, `code-refused`; PortalError `portal-unreachable`.
   */
  async setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void> {
    const found = pastedCode(code) ?? code;
    await this.#connection.call('submitCode', { authorizationUrl, code: found }, crypto.randomUUID());
  }

  /**
   * Reports whose requests pass through the worker, and why others do not: this page first, then its frames, then the other
   * pages and the workers of this origin that the browser shows. Never rejects, and does not wait for {@link ready}.
   * The event `control-changed` says when to look again for this page.
   */
  control(): Promise<readonly Control[]> {
    return reportControl(this.#connection);
  }

  /**
   * What to tell a person of a failure, in the language and the words of the sign-in dialog.
   *
   * @param error - Whatever a call of this library rejected with; `message` is for developers.
   */
  async describeError(error: unknown): Promise<string> {
    const { texts, dir } = await wordingFor(this.#options);
    const { code, facts } = toWireError(error);
    const isOfPortal = ({ url }: PortalInfo): boolean => new URL(url).origin === facts.origin;
    const [first, ...others] = this.#portals.filter(
      (portal) => facts.origin === undefined || isOfPortal(portal),
    );
    const name =
      first && others.length === 0 ? first.name : (facts.origin?.replace(/^https?:\/\//, '') ?? '…');
    // A name stands in a direction of its own.
    return texts[failureText(code)].split('{portal}').join(dir === 'rtl' ? `\u2068${name}\u2069` : name);
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
    return response !== undefined || comeFromSignOut();
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
    addEventListener('message', ({ origin, data }: MessageEvent<unknown>) => {
      if (origin === location.origin) void this.#takeHandedOver(data).catch(() => undefined);
    });
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
    if (state.returned) this.#comeBack(state.returned);
    this.#setCredentials(state.credentials);
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'identity:code-required':
        if (message.asked) {
          this.#elsewhere.end(message.challengeId);
          this.#takePart(message);
        } else this.#hearOf(message);
        return;
      case 'identity:challenge-settled':
        this.#elsewhere.end(message.challengeId);
        this.#signIns.get(message.portal)?.settle(message.challengeId, message.outcome, errorOf(message));
        this.#silent
          .get(message.challengeId)
          ?.settle(message.outcome === 'signed-in' ? undefined : errorOf(message));
        return;
      case 'identity:credential-changed': {
        const others = this.#credentials.filter(({ portal }) => portal !== message.portal);
        this.#setCredentials(message.credential ? [...others, message.credential] : others);
        if (message.credential) this.#signIns.get(message.portal)?.credentialArrived();
        return;
      }
    }
  }

  #comeBack({ portal, error, ...place }: Returned): void {
    this.#redirectOutcome = { portal, ...(error ? { error: fromWireError(error) } : {}) };
    scrollBack(place);
  }

  /** A window, where the login has one and this is a click. */
  #openInClick(): Window | null {
    return this.#login === 'popup' && navigator.userActivation?.isActive ? openPopup() : null;
  }

  async #signInSilently(challenge: CodeRequired, signal: AbortSignal | undefined): Promise<void> {
    const silent = new SilentSignIn(challenge);
    this.#silent.set(challenge.challengeId, silent);
    try {
      await silent.run(signal);
    } catch (error) {
      await this.#connection.call('cancel', challenge.challengeId).catch(() => undefined);
      throw error;
    } finally {
      this.#silent.delete(challenge.challengeId);
    }
  }

  /** The window of a sign-in speaks to another worker than this frame of a foreign page. */
  async #takeHandedOver(data: unknown): Promise<void> {
    const handedOver = parseHandedOver(data);
    if (handedOver?.response) await submit(handedOver.response, this.#connection);
    else if (handedOver && hasForeignParent()) {
      for (const signIn of this.#signIns.values()) await signIn.failPartitioned();
    }
  }

  #setCredentials(credentials: readonly CredentialInfo[]): void {
    this.#credentials = credentials;
    this.dispatchEvent(new Event('credentials-changed'));
  }

  #hearOf(challenge: CodeRequired): void {
    // The worker may have been stopped since this page spoke to it, and asks only who it has heard, should the other fall silent.
    this.#ping();
    const event = this.#signIns.has(challenge.portal) ? undefined : this.#elsewhere.take(challenge);
    if (event) this.dispatchEvent(event);
  }

  #takePart(challenge: CodeRequired, opened?: Window | null): SignIn {
    const { portal } = challenge;
    let signIn = this.#signIns.get(portal);
    if (!signIn) {
      const made = new SignIn(portal, this.#signInHost, () => {
        if (this.#signIns.get(portal) === made) this.#signIns.delete(portal);
      });
      this.#signIns.set(portal, made);
      signIn = made;
    }
    signIn.take(challenge, opened);
    return signIn;
  }

  #tellOfControl(): void {
    try {
      serviceWorkers().addEventListener('controllerchange', () =>
        this.dispatchEvent(new Event('control-changed')),
      );
    } catch {
      // `ready` says why.
    }
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
