/** The IdentityManager of a page: knows who is signed in, runs the sign-in, never sees a token. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import {
  fromWireError,
  identityError,
  isIdentityError,
  toWireError,
  type IdentityError,
} from '../protocol/errors.js';
import { ACTIVITY_CHANNEL, CALLBACK_RELAY, type Activity, type WorkerMessage } from '../protocol/messages.js';
import type { RedirectReturn, SignInParameters } from '../protocol/worker-api.js';
import { submitCallback, takeAuthorizationResponse, takeOutcome } from './callback-page.js';
import { Connection, PING_MS } from './connection.js';
import type { ClientReport } from './inspect-clients.js';
import { ActivityEvent, type IdentityEventMap } from './events.js';
import type { WordingOptions } from './sign-in/languages.js';
import type { LoginMode } from './sign-in/session.js';
import type { SignInMessage, SignInCoordinator } from './sign-in/coordinator.js';
import { explain, explained, loadChunk, preloadSignIn } from './lazy.js';
import { openPopup } from './popup.js';
import { comeFromSignOut, expectSignOut, forgetSignOut } from './portal-sign-out.js';
import { serviceWorkers, type WorkerSource } from './worker-registration.js';

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
export interface SignInOptions extends SignInParameters {
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
  #signIns: Promise<SignInCoordinator> | undefined;
  #portals: readonly PortalInfo[] = [];
  #redirectOutcome: RedirectOutcome | undefined;
  #credentials: readonly CredentialInfo[] = [];
  #ready: Promise<void> | undefined;
  #activity: BroadcastChannel | undefined;

  private constructor(options: IdentityManagerOptions) {
    super();
    this.#options = options;
    this.#connection = new Connection(options);
  }

  get #login(): LoginMode {
    const { login = 'popup' } = this.#options;
    return login === 'popup' && hasNoWindows() ? 'redirect' : login;
  }

  /** The page's one IdentityManager. Does not throw: what is wrong is told by {@link ready}. */
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
   * @throws ConfigurationError `option-invalid`, or for a worker that cannot be registered; ConnectionError `page-uncontrolled`, `worker-unreachable`, `protocol-mismatch`.
   */
  get ready(): Promise<void> {
    this.#ready ??= explained(this.#start());
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
    const { signal, ...parameters } = options;
    signal?.throwIfAborted();
    // Before anything is awaited: the browser lets the window open in the click only.
    const opened = parameters.silent ? null : this.#openInClick();
    void this.#loadSignIns();
    try {
      await this.ready;
      return await explained(this.#signIn(portal, parameters, signal, opened));
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
  signOut(portal?: string, options: SignOutOptions = {}): Promise<void> {
    return explained(this.#signOut(portal, options));
  }

  /**
   * Answers a challenge with the authorization code that the portal gave for its authorization URL.
   *
   * @param authorizationUrl - Of the `oauth-code-required` event.
   * @param code - As received, or as pasted by the person, with what stands around it.
   * @throws ChallengeError `authorization-url-unknown`, `code-missing`, `code-reused`, `code-refused`; PortalError `portal-unreachable`.
   */
  setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void> {
    return explained(this.#submitCode(authorizationUrl, code));
  }

  /**
   * Reports whose requests pass through the worker, and why others do not: this page first, then its frames, then the other
   * pages and the workers of this origin that the browser shows. Never rejects, and does not wait for {@link ready}.
   * The event `controller-changed` says when to look again for this page.
   */
  async inspectClients(): Promise<readonly ClientReport[]> {
    try {
      const { inspectClients } = await loadChunk('inspectClients');
      return await inspectClients(this.#connection);
    } catch (error) {
      return [unreportedControl(error)];
    }
  }

  /**
   * What to tell a person of a failure, in the language and the words of the sign-in dialog.
   *
   * @param error - Whatever a call of this library rejected with; `message` is for developers.
   */
  async describeError(error: unknown): Promise<string> {
    const { describeFailure, wordingFor } = await loadChunk('signIn');
    return describeFailure(toWireError(error), this.#portals, await wordingFor(this.#options));
  }

  /**
   * The work of the callback page: hands the portal's answer to the worker and closes the window. Needs no `ready`.
   *
   * @returns Whether there was an answer in the page's address.
   * @throws ChallengeError, PortalError: what the person can be told.
   */
  completeSignIn(): Promise<boolean> {
    return explained(this.#completeSignIn());
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
    if (!['popup', 'redirect', 'none'].includes(this.#options.login ?? 'popup'))
      throw identityError('option-invalid', { field: 'login' });
    await this.#connection.controlled();
    this.#connection.listen((message) => this.#receive(message));
    addEventListener('message', ({ origin, data }: MessageEvent<unknown>) => {
      const isRelay =
        origin === location.origin && (data as { type?: unknown } | null)?.type === CALLBACK_RELAY;
      if (isRelay) void this.#withSignIns((signIns) => signIns.acceptRelayedCallback(data));
    });
    await this.#readState();
    // A new version of the worker may have been told of changes that this page was not.
    navigator.serviceWorker.addEventListener(
      'controllerchange',
      () => void this.#readState().catch(() => undefined),
    );
    setInterval(() => this.#keepSession(), PING_MS);
    preloadSignIn();
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
    if (state.returned) await this.#comeBack(state.returned);
    this.#setCredentials(state.credentials);
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'identity:code-required':
        // The worker may have been stopped since this page spoke to it, and asks only who it has heard, should the other fall silent.
        if (!message.asked) this.#ping();
        void this.#hearOfSignIn(message);
        return;
      case 'identity:challenge-settled':
        if (this.#signIns) void this.#hearOfSignIn(message);
        return;
      case 'identity:credential-changed': {
        const { portal, credential } = message;
        const others = this.#credentials.filter((info) => info.portal !== portal);
        this.#setCredentials(credential ? [...others, credential] : others);
        if (credential && this.#signIns)
          void this.#withSignIns((signIns) => signIns.credentialArrived(portal));
        return;
      }
    }
  }

  /** The part that signs in; loaded by the first who needs it. */
  #loadSignIns(): Promise<SignInCoordinator> {
    this.#signIns ??= this.#makeSignIns().catch((error: unknown) => {
      this.#signIns = undefined;
      throw error;
    });
    // Who waits for something else first hears of it later.
    this.#signIns.catch(() => undefined);
    return this.#signIns;
  }

  async #makeSignIns(): Promise<SignInCoordinator> {
    const chunk = await loadChunk('signIn');
    return new chunk.SignInCoordinator({
      connection: this.#connection,
      login: this.#login,
      wording: () => chunk.wordingFor(this.#options),
      dispatchEvent: (event) => this.dispatchEvent(event),
      setOAuthCodeForUrl: (url, code) => this.setOAuthCodeForUrl(url, code),
    });
  }

  /** Never rejects. */
  async #withSignIns(act: (signIns: SignInCoordinator) => unknown): Promise<void> {
    await this.#loadSignIns()
      .then(act)
      .catch(() => undefined);
  }

  /** Messages are taken in their order. Never rejects. */
  async #hearOfSignIn(message: SignInMessage): Promise<void> {
    try {
      (await this.#loadSignIns()).receive(message);
    } catch (error) {
      if (message.type !== 'identity:code-required' || !message.asked) return;
      // Nobody can be asked here: the requests get the portal's own answers, and the page's developer is told why.
      reportError(error);
      await this.#connection.call('cancel', message.challengeId).catch(() => undefined);
    }
  }

  async #signIn(
    portal: string | undefined,
    parameters: SignInParameters,
    signal: AbortSignal | undefined,
    opened: Window | null,
  ): Promise<CredentialInfo> {
    const signIns = await this.#loadSignIns();
    return this.#credentialOf(await signIns.signIn(portal, parameters, signal, opened));
  }

  async #signOut(portal: string | undefined, { portalSession = false }: SignOutOptions): Promise<void> {
    // The window is opened with a copy of what this tab remembers.
    if (portalSession) expectSignOut('close');
    const opened = portalSession ? this.#openInClick() : null;
    forgetSignOut();
    try {
      await this.ready;
      try {
        await this.#connection.call('signOut', portal);
      } finally {
        // The worker's message may come after its answer.
        await this.#readState().catch(() => undefined);
      }
      if (!portalSession) return;
      const url = await this.#connection.call('signOutUrl', portal);
      if (opened) opened.location.href = url;
      else {
        expectSignOut(location.href);
        location.assign(url);
      }
    } catch (error) {
      opened?.close();
      throw error;
    }
  }

  async #submitCode(authorizationUrl: string, code: string): Promise<void> {
    const { pastedCode } = await loadChunk('signIn');
    const answer = { authorizationUrl, code: pastedCode(code) ?? code };
    await this.#connection.call('submitCode', answer, crypto.randomUUID());
  }

  async #completeSignIn(): Promise<boolean> {
    if (takeOutcome()) return true;
    const response = takeAuthorizationResponse();
    if (response) await submitCallback(response, this.#connection);
    return response !== undefined || comeFromSignOut();
  }

  async #comeBack({ portal, error, ...place }: RedirectReturn): Promise<void> {
    this.#redirectOutcome = { portal, ...(error ? { error: await explain(fromWireError(error)) } : {}) };
    void loadChunk('signIn').then(
      ({ scrollBack }) => scrollBack(place),
      () => undefined,
    );
  }

  /** A window, where the login has one and this is a click. */
  #openInClick(): Window | null {
    return this.#login === 'popup' && navigator.userActivation?.isActive ? openPopup() : null;
  }

  #setCredentials(credentials: readonly CredentialInfo[]): void {
    this.#credentials = credentials;
    this.dispatchEvent(new Event('credentials-changed'));
  }

  #tellOfControl(): void {
    try {
      serviceWorkers().addEventListener('controllerchange', () =>
        this.dispatchEvent(new Event('controller-changed')),
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

/** What is known of this page without the part that reports. */
function unreportedControl(error: unknown): ClientReport {
  const { code, message } = isIdentityError(error) ? error : identityError('internal-error');
  const kind = window.parent === window ? 'page' : 'frame';
  return {
    kind,
    url: location.origin + location.pathname,
    isControlled: isControlled(),
    reason: code,
    message,
  };
}

function isControlled(): boolean {
  try {
    return serviceWorkers().controller !== null;
  } catch {
    return false;
  }
}
