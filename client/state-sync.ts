/** What a page knows of the worker's state: read when they meet, kept up to date by messages. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { fromWireError, type IdentityError, type WireError } from '../protocol/errors.js';
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

  readonly #connection: Pick<Connection, 'call'>;
  readonly #page: EventTarget;
  #reported: string | undefined;

  /** @param page - Gets the event `credentials-changed`. */
  constructor(connection: Pick<Connection, 'call'>, page: EventTarget) {
    this.#connection = connection;
    this.#page = page;
  }

  /** Reads the state. @throws IdentityError as the call to the worker does. */
  async read(): Promise<void> {
    const { portals, credentials, returned, storageError } = await this.#connection.call('state');
    this.portals = portals;
    // Before anything is waited for: a message that comes meanwhile is newer.
    this.credentials = credentials;
    this.#report(storageError);
    // Told again with every answer to this page.
    if (returned && !this.redirectOutcome) await this.#return(returned);
    this.#tell();
  }

  /** Takes up a message of the worker. */
  receive({
    portal,
    credential,
    storageError,
  }: Extract<WorkerMessage, { type: 'identity:credential-changed' }>): void {
    this.#report(storageError);
    const others = this.credentials.filter((info) => info.portal !== portal);
    this.credentials = credential ? [...others, credential] : others;
    this.#tell();
  }

  /** Whether a session would end with the worker: only its memory has it. */
  get hasMemoryOnlySession(): boolean {
    return this.credentials.some(
      ({ portal }) => this.portals.find(({ url }) => url === portal)?.isMemoryOnly,
    );
  }

  /** Users look signed out then, or will: the page's developer has to learn why, once. */
  #report(wire: WireError | undefined): void {
    if (!wire || wire.code === this.#reported) return;
    this.#reported = wire.code;
    void explain(fromWireError(wire)).then(reportError);
  }

  #tell(): void {
    this.#page.dispatchEvent(new Event('credentials-changed'));
  }

  async #return({ portal, error, ...place }: RedirectReturn): Promise<void> {
    this.redirectOutcome = { portal, ...(error ? { error: await explain(fromWireError(error)) } : {}) };
    loadChunk('signIn').then(
      ({ restoreScroll }) => restoreScroll(place),
      () => undefined,
    );
  }
}
