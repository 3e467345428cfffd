/** All sign-ins of a page: those that the worker prompts for in it, those that the app asks for, and those of other pages. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import type { ErrorCode, IdentityError } from '../../protocol/errors.js';
import { parseCallbackRelay, type CodeRequired, type SignInMessage } from '../../protocol/messages.js';
import type { SignInParameters } from '../../protocol/worker-api.js';
import { hasForeignParent } from '../foreign-parent.js';
import type { PageHost } from '../page-host.js';
import { submitResponse } from '../submit-response.js';
import { wordingFor, type WordingOptions } from './languages.js';
import { flowMaker, type MakeFlow } from './make-flow.js';
import { SignInsInOtherPages } from './other-pages.js';
import { SignInSession } from './session.js';
import { showSignedIn } from './signed-in-status.js';
import { SilentFlow } from './silent-flow.js';

/** One sign-in for each portal, and one prompt at a time. */
export class SignInCoordinator {
  /** By portal. */
  readonly #open = new Map<string, SignInSession>();
  readonly #elsewhere = new SignInsInOtherPages();
  /** By challenge. */
  readonly #silent = new Map<string, SilentFlow>();
  /** Challenges that wait while a silent sign-in is tried. */
  readonly #held = new Set<string>();

  constructor(
    private readonly host: PageHost,
    private readonly options: WordingOptions,
    private readonly makeFlow: MakeFlow = flowMaker(host, options),
  ) {}

  /**
   * Signs in, and waits for the end.
   *
   * @param opened - The window of a click, still blank; `null` where there is none.
   */
  async signIn(
    portal: string | undefined,
    parameters: SignInParameters,
    signal: AbortSignal | undefined,
    opened: Window | null,
  ): Promise<CredentialInfo> {
    const challenge = await this.host.connection.call('signIn', portal, parameters);
    if (parameters.silent) await this.#signInSilently(challenge, signal);
    else await this.#join(challenge, opened).wait(signal);
    return this.#credentialOf(challenge.portal);
  }

  /** Takes up a message of the worker. */
  receive(message: SignInMessage): void {
    if (message.type === 'identity:credential-changed') {
      // The user has signed in to a portal, here or in another tab.
      if (message.credential) this.#open.get(message.portal)?.credentialArrived();
    } else if (message.type === 'identity:challenge-settled') {
      const { challengeId, portal, outcome } = message;
      const reason = message.error
        ? this.host.error(message.error)
        : this.#error('challenge-cancelled', portal);
      this.#elsewhere.end(challengeId);
      this.#held.delete(challengeId);
      this.#open.get(portal)?.settle(challengeId, outcome, reason);
      this.#silent.get(challengeId)?.settle(outcome === 'signed-in' ? undefined : reason);
      if (outcome === 'signed-in' && this.host.login !== 'none') void this.#tellUser(portal);
    } else if (message.asked) {
      this.#elsewhere.end(message.challengeId);
      void this.#prompt(message);
    } else if (!this.#open.has(message.portal)) {
      const event = this.#elsewhere.take(message);
      if (event) this.host.identity.dispatchEvent(event);
    }
  }

  /** In a frame of another site's page, the window of a sign-in has another worker than the frame. */
  async acceptRelayedCallback(data: unknown, isForeignFrame = hasForeignParent): Promise<void> {
    const relay = parseCallbackRelay(data);
    if (relay?.response) await submitResponse(relay.response, this.host.connection);
    else if (relay && isForeignFrame()) {
      for (const signIn of this.#open.values()) await signIn.fail('storage-partitioned');
    }
  }

  /** Whichever page, window or frame the sign-in was in: the user has to see whose account it is. */
  async #tellUser(portal: string): Promise<void> {
    const { credentials, portals } = this.host.identity;
    const { username } = credentials.find((info) => info.portal === portal) ?? {};
    const { name } = portals.find(({ url }) => url === portal) ?? {};
    if (!username || !name) return;
    const wording = await wordingFor(this.options);
    if (wording.texts.signedIn) showSignedIn(name, username, wording);
  }

  /** Prompts the user, unless the portal knows them still. */
  async #prompt(challenge: CodeRequired): Promise<void> {
    const { challengeId, portal, silentFirst } = challenge;
    if (this.#held.has(challengeId)) return;
    if (silentFirst) {
      this.#held.add(challengeId);
      try {
        await this.#signInSilently(await this.host.connection.call('signIn', portal, { silent: true }));
        // That ends this challenge too.
        return;
      } catch {
        // The user is asked.
      }
      // It has ended meanwhile.
      if (!this.#held.delete(challengeId)) return;
    }
    this.#join(challenge);
  }

  async #signInSilently(challenge: CodeRequired, signal?: AbortSignal): Promise<void> {
    const silent = new SilentFlow(challenge, (code) => this.#error(code, challenge.portal));
    this.#silent.set(challenge.challengeId, silent);
    try {
      await silent.run(signal);
    } catch (error) {
      await this.host.connection.call('cancel', challenge.challengeId).catch(() => undefined);
      throw error;
    } finally {
      this.#silent.delete(challenge.challengeId);
    }
  }

  /**
   * The credential of a sign-in that has ended. Its message may come later than the end, or be lost with a stopped worker:
   * then the worker is asked.
   *
   * @throws ChallengeError `challenge-cancelled` where the user has signed out meanwhile.
   */
  async #credentialOf(portal: string): Promise<CredentialInfo> {
    const find = (): CredentialInfo | undefined =>
      this.host.identity.credentials.find((info) => info.portal === portal);
    if (!find()) await this.host.readState();
    const credential = find();
    if (credential) return credential;
    throw this.#error('challenge-cancelled', portal);
  }

  #join(challenge: CodeRequired, opened?: Window | null): SignInSession {
    const { portal } = challenge;
    let signIn = this.#open.get(portal);
    if (!signIn) {
      const made = new SignInSession(portal, this.host, this.makeFlow, () => {
        if (this.#open.get(portal) === made) this.#open.delete(portal);
        this.#promptNext();
      });
      this.#open.set(portal, made);
      signIn = made;
    }
    signIn.take(challenge, opened, !this.#isShowing(signIn));
    return signIn;
  }

  /** Whether the user has a sign-in other than this one before them. */
  #isShowing(but?: SignInSession): boolean {
    return [...this.#open.values()].some((signIn) => signIn !== but && signIn.isShown);
  }

  /** Portals are asked for in the order in which they were first needed, one at a time. */
  #promptNext(): void {
    for (const signIn of this.#open.values()) if (!this.#isShowing()) signIn.promptIfQueued();
  }

  #error(code: ErrorCode, portal: string): IdentityError {
    return this.host.error({ code, facts: { origin: new URL(portal).origin } });
  }
}
