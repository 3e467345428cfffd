/** What a page knows of the worker's state: read when they meet, kept up to date by messages. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { fromWireError, identityError, type IdentityError } from '../protocol/errors.js';
import type { WorkerMessage } from '../protocol/messages.js';
import type { RedirectReturn } from '../protocol/worker-api.js';
import type { Connection } from './connection.js';
import { explain, loadChunk } from './lazy.js';

/** How a sign-in ended that took the place of the page. */
export interface RedirectOutcome {
  readonly portal: string;
  /** Why the user has not signed in. */
  readonly error?: IdentityError;
}

/** The portals, and the credentials for them. */
export class StateSync {
  portals: readonly PortalInfo[] = [];
  credentials: readonly CredentialInfo[] = [];
  /** Set when the user has just come back to this page. */
  redirectOutcome: RedirectOutcome | undefined;

  /** @param page - Gets the event `credentials-changed`. */
  constructor(
    private readonly connection: Pick<Connection, 'call'>,
    private readonly page: EventTarget,
  ) {}

  /** Reads the state. @throws IdentityError as the call to the worker does. */
  async read(): Promise<void> {
    const { portals, credentials, returned } = await this.connection.call('state');
    this.portals = portals;
    if (returned) await this.#return(returned);
    this.#set(credentials);
  }

  /** Takes up a message of the worker. */
  receive({ portal, credential }: Extract<WorkerMessage, { type: 'identity:credential-changed' }>): void {
    const others = this.credentials.filter((info) => info.portal !== portal);
    this.#set(credential ? [...others, credential] : others);
  }

  /**
   * The credential of a sign-in that has ended. Its message may come later than the end, or be lost with a stopped worker:
   * then the worker is asked.
   *
   * @throws ChallengeError `challenge-cancelled` where the user has signed out meanwhile.
   */
  async credentialOf(portal: string): Promise<CredentialInfo> {
    const find = (): CredentialInfo | undefined => this.credentials.find((info) => info.portal === portal);
    if (!find()) await this.read();
    const credential = find();
    if (credential) return credential;
    throw identityError('challenge-cancelled', { origin: new URL(portal).origin });
  }

  /** Whether a session would end with the worker: only its memory has it. */
  get hasMemoryOnlySession(): boolean {
    return this.portals.some(
      ({ url, isMemoryOnly }) => isMemoryOnly && this.credentials.some(({ portal }) => portal === url),
    );
  }

  #set(credentials: readonly CredentialInfo[]): void {
    this.credentials = credentials;
    this.page.dispatchEvent(new Event('credentials-changed'));
  }

  async #return({ portal, error, ...place }: RedirectReturn): Promise<void> {
    this.redirectOutcome = { portal, ...(error ? { error: await explain(fromWireError(error)) } : {}) };
    loadChunk('signIn').then(
      ({ restoreScroll }) => restoreScroll(place),
      () => undefined,
    );
  }
}
