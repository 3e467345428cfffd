/** The IdentityManager of a page: knows who is signed in, runs the sign-in, never sees a token. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { fromWireError, identityError, type IdentityError } from '../protocol/errors.js';
import type { WorkerMessage } from '../protocol/messages.js';
import { completeSignIn, hasCallback } from './callback-page.js';
import { Connection, PING_MS } from './connection.js';
import { IdentityEventTarget } from './events.js';
import type { ClientReport } from './inspect-clients.js';
import { explain, explained, loadChunk, preloadSignIn } from './lazy.js';
import {
  checkOptions,
  type IdentityManagerOptions,
  type SignInOptions,
  type SignOutOptions,
} from './options.js';
import { ownPageReport } from './own-page-report.js';
import type { PageHost } from './page-host.js';
import { markPage } from './page-mark.js';
import { openPopupInClick } from './popup.js';
import { RequestTracing } from './request-tracing.js';
import { signOut } from './sign-out.js';
import { SignInLoader } from './sign-in-loader.js';
import { StateSync, type RedirectOutcome } from './state-sync.js';
import { activeRegistration, onControllerChange } from './worker-registration.js';

let instance: IdentityManager | undefined;
let announceInstance: (made: IdentityManager) => void;

/** The page's IdentityManager, once the app has made it. */
export const whenMade = new Promise<IdentityManager>((resolve) => {
  announceInstance = resolve;
});

/** An app on the home screen of iOS: a window would open in the browser, which has other storage. */
const hasNoWindows = (): boolean | undefined => (navigator as { standalone?: boolean }).standalone;

/**
 * Signs the page's user in to portals, with the help of the service worker that signs the page's requests.
 *
 * @example
 * const identity = IdentityManager.instance({ worker: '/sw.js' });
 * await identity.ready; // from here every request to a registered portal is signed
 */
export class IdentityManager extends IdentityEventTarget {
  /** Tells what the worker does to each request and why, by events and in the browser's performance timeline. Off until it is started. */
  readonly trace: RequestTracing;
  readonly #options: IdentityManagerOptions;
  readonly #connection: Connection;
  readonly #signIns: SignInLoader;
  readonly #state: StateSync;
  readonly #host: PageHost;
  #ready: Promise<void> | undefined;
  /** The page is shown in place of the callback page. */
  #handover: Promise<boolean> | undefined;

  private constructor(options: IdentityManagerOptions) {
    super();
    const { login = 'popup' } = options;
    const report = async (error: IdentityError | undefined): Promise<void> => {
      if (error) reportError(await explain(error));
    };
    const connection = new Connection(() =>
      activeRegistration(options, () => loadChunk('diagnosis'), report),
    );
    this.#options = options;
    this.#host = {
      connection,
      login: login === 'popup' && hasNoWindows() ? 'redirect' : login,
      error: fromWireError,
      readState: () => this.#state.read(),
      report,
      identity: this,
    };
    this.#signIns = new SignInLoader(this.#host, options);
    this.#state = new StateSync(connection, this);
    this.#connection = connection;
    this.trace = new RequestTracing(connection, this);
  }

  /**
   * The page's one IdentityManager. Does not throw: {@link ready} rejects with what is wrong.
   *
   * @param options - Those of the first call count; a later call with other ones warns in the console.
   */
  static instance(options?: IdentityManagerOptions): IdentityManager {
    if (!instance) {
      instance = new IdentityManager(options ?? {});
      markPage(hasCallback(location.search));
      announceInstance(instance);
      // Starts at once; the app learns of failures by `ready`.
      instance.ready.catch(() => undefined);
      onControllerChange(() => instance?.dispatchEvent(new Event('controller-changed')));
    } else if (options) instance.#compareOptions(options);
    return instance;
  }

  /**
   * Resolves when the worker controls this page: from here on its requests are signed. Requests made before are not.
   *
   * @throws ConfigurationError `option-invalid`, or for a worker that cannot be registered; ConnectionError `page-uncontrolled`, `worker-unreachable`, `protocol-mismatch`.
   */
  get ready(): Promise<void> {
    return (this.#ready ??= explained(this.#start()));
  }

  /** The portals that the worker signs requests for; empty before {@link ready}. */
  get portals(): readonly PortalInfo[] {
    return this.#state.portals;
  }

  /** Who is signed in where; never a token. Empty before {@link ready}. */
  get credentials(): readonly CredentialInfo[] {
    return this.#state.credentials;
  }

  /** Language of the sign-in dialog (BCP 47), as the app has set it. */
  get language(): string | undefined {
    return this.#options.language;
  }

  /** How a sign-in ended that took the place of this page, when the user has just come back; after {@link ready}. */
  get redirectOutcome(): RedirectOutcome | undefined {
    return this.#state.redirectOutcome;
  }

  /**
   * Signs the user in, also where a user is signed in already. Call it in the user's click: elsewhere browsers block the window, and a
   * dialog asks for the click. With `login: 'redirect'` the page goes away, and the promise with it: see {@link redirectOutcome}.
   *
   * @param options.portal - URL of the portal; may be left out where only one is registered.
   * @param options.signal - Ends the wait; the sign-in is then cancelled.
   * @param options.forceLogin - The portal asks who signs in, whatever session it has: for another account.
   * @param options.loginHint - Name that the portal may fill in; ArcGIS has no such parameter.
   * @param options.silent - Without asking the user: works where the portal has a session, may be framed, and is of one site with
   * the app or may have third-party cookies.
   * @returns The credential of the user who has signed in.
   * @throws ChallengeError `access-denied`, `challenge-cancelled`, `code-refused`, `login-required`, …; PortalError; ConfigurationError `option-invalid`, `portal-not-registered`, `portal-ambiguous`.
   */
  signIn(options: SignInOptions = {}): Promise<CredentialInfo> {
    return explained(this.#signIn(options));
  }

  /**
   * Signs out everywhere: removes the credential, revokes it at the portal, tells every tab. At servers other than ArcGIS the revocation may
   * end the user's sign-ins to this app on other devices too (RFC 7009 §2.1).
   *
   * @param options.portal - URL of the portal; may be left out where only one is registered.
   * @param options.portalSession - Ends the portal's own session too. Call it in the user's click: it needs a window,
   * or takes the place of this page and comes back (`login: 'redirect'`, or no window).
   * @throws ConfigurationError `option-invalid`, `portal-not-registered`, `portal-ambiguous`, `sign-out-unsupported`; PortalError `portal-unreachable`: signed out of this app all the same.
   */
  signOut(options: SignOutOptions = {}): Promise<void> {
    return explained(signOut(options, this.#host));
  }

  /**
   * Answers a challenge with the authorization code that the portal gave for its authorization URL.
   *
   * @param authorizationUrl - Of the `oauth-code-required` event.
   * @param code - As received, or as pasted by the user, with the text around it.
   * @throws ChallengeError `authorization-url-unknown`, `code-missing`, `code-reused`, `code-refused`; PortalError `portal-unreachable`.
   */
  setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void> {
    return explained(this.#submitCode(authorizationUrl, code));
  }

  /**
   * Reports whose requests pass through the worker, and why others do not: this page first, then its frames, then the other
   * pages and the workers of this origin that the browser shows. Never rejects, and does not wait for {@link ready}.
   * After the event `controller-changed` the report on this page may be another.
   */
  async inspectClients(): Promise<readonly ClientReport[]> {
    try {
      return await (await loadChunk('inspectClients')).inspectClients(this.#connection, explain);
    } catch (error) {
      return [ownPageReport(this.#connection.isControlled, error as IdentityError)];
    }
  }

  /**
   * What to tell the user of a failure, in the language and the words of the sign-in dialog.
   *
   * @param error - Whatever a call of this library rejected with; its `message` is for developers.
   */
  async describeError(error: unknown): Promise<string> {
    return (await loadChunk('signIn')).describeFailure(error, this.portals, this.#options);
  }

  /**
   * The work of the callback page: submits the portal's response to the worker and closes the window. Needs no `ready`.
   *
   * @returns Whether there was a response in the page's address.
   * @throws ChallengeError, PortalError: why the user has not signed in.
   */
  completeSignIn(): Promise<boolean> {
    return explained(this.#handover ?? completeSignIn(this.#connection));
  }

  async #start(): Promise<void> {
    if (!/^(popup|redirect|none)$/.test(this.#host.login))
      throw identityError('option-invalid', { field: 'login' });
    await this.#connection.controlled();
    // The callback page has taken it by now.
    if (hasCallback(location.search)) {
      this.#handover = completeSignIn(this.#connection, window, false);
      // The page that began the sign-in tells the user.
      this.#handover.catch(() => undefined);
    }
    this.#connection.listen((message, port) => this.#receive(message, port));
    this.#signIns.listenToCallbackPages();
    await this.#readState();
    // A new version of the worker may have been told of changes that this page was not.
    onControllerChange(() => void this.#state.read().catch(() => undefined));
    void this.#watchSurroundings();
    // A session that only the worker remembers lasts as long as a page of the site is open.
    setInterval(() => {
      if (this.#state.hasMemoryOnlySession) void this.#connection.ping();
    }, PING_MS);
    preloadSignIn();
  }

  /** A worker of another version of the protocol makes room for the newest one, if it can. */
  async #readState(): Promise<void> {
    try {
      await this.#state.read();
    } catch (error) {
      if ((error as IdentityError).code !== 'protocol-mismatch') throw error;
      const { letNewWorkerIn } = await loadChunk('diagnosis');
      if (!(await letNewWorkerIn(await this.#connection.registration))) throw error;
      await this.#state.read();
    }
  }

  /** What goes wrong without an error in any request; looked into when there is a hint. */
  async #watchSurroundings(): Promise<void> {
    const { scope, active } = await this.#connection.registration;
    const own = this.#options.worker ?? active?.scriptURL ?? '';
    const look = (): void =>
      void loadChunk('diagnosis').then(
        (chunk) => chunk.lookAround(scope, own, this.#host.report),
        () => undefined,
      );
    onControllerChange(look);
    // Only pages with an embedder policy are isolated; it is a hint as well when a picture fails.
    if (crossOriginIsolated) look();
    addEventListener('error', ({ target }) => target instanceof HTMLImageElement && look(), true);
  }

  #receive(message: WorkerMessage, port: MessagePort | undefined): void {
    if (message.type === 'identity:local-network') {
      void this.#askForLocalNetwork(message.origin, port).catch(() => undefined);
      return;
    }
    if (message.type === 'identity:credential-changed') this.#state.receive(message);
    // If the prompted page does not answer, the worker prompts another one of those that it has heard since it started.
    if (message.type === 'identity:code-required' && !message.asked) void this.#connection.ping();
    this.#signIns.receive(message);
  }

  async #askForLocalNetwork(origin: string, port: MessagePort | undefined): Promise<void> {
    const { askForLocalNetwork } = await loadChunk('diagnosis');
    await this.#host.report(port && (await askForLocalNetwork(origin, port)));
  }

  async #signIn(options: SignInOptions): Promise<CredentialInfo> {
    const { portal, signal, ...parameters } = checkOptions(options);
    signal?.throwIfAborted();
    // Before anything is awaited: browsers let a window open only during the click.
    const opened = parameters.silent ? null : openPopupInClick(this.#host.login);
    const coordinator = this.#signIns.load();
    try {
      await this.ready;
      return await (await coordinator).signIn(portal, parameters, signal, opened);
    } catch (error) {
      opened?.close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  async #submitCode(authorizationUrl: string, code: string): Promise<void> {
    await (await loadChunk('signIn')).submitCode(this.#connection, authorizationUrl, code);
  }

  #compareOptions(options: IdentityManagerOptions): void {
    if (JSON.stringify(options) === JSON.stringify(this.#options)) return;
    void loadChunk('optionWarnings').then(
      ({ warnOfOptions }) => warnOfOptions(this.#options, options),
      () => undefined,
    );
  }
}
