/** The sessions of users at portals, as this boot of the worker has seen them begin and end. */
import type { Portal } from '../portals/portal.js';

/** A session that has ended without a sign-out. */
interface EndedSession {
  /** The user, where the server's answer may have been lost and not the session at the portal. */
  readonly lostUser?: string | undefined;
  /** Whether a page has been told to sign that user in again without asking. */
  readonly isRecovered?: true;
}

/** Counts what begins and ends. */
export class Sessions {
  readonly #generations = new Map<string, number>();
  readonly #signOuts = new Map<string, number>();
  readonly #ended = new Map<string, EndedSession>();

  /** Raised by every sign-in, sign-out and end: a renewal that began before must not write afterwards. */
  generation = (portal: Portal): number => this.#generations.get(portal.url) ?? 0;

  /** How often users have signed out. */
  signOuts = (portal: Portal): number => this.#signOuts.get(portal.url) ?? 0;

  /** A user signs in. */
  begin({ url }: Portal): void {
    this.#generations.set(url, (this.#generations.get(url) ?? 0) + 1);
    this.#ended.delete(url);
  }

  /** A user signs out. */
  signOut(portal: Portal): void {
    this.begin(portal);
    this.#signOuts.set(portal.url, this.signOuts(portal) + 1);
  }

  /** The portal has ended the session. @param lostUser - Where an answer of the token endpoint may have been lost. */
  end(portal: Portal, lostUser: string | undefined): void {
    this.begin(portal);
    this.#ended.set(portal.url, { lostUser });
  }

  hasEnded = (portal: Portal): boolean => this.#ended.has(portal.url);

  /** The user whose session is lost, and who alone may take it up again without being asked. */
  lostUser = (portal: Portal): string | undefined => this.#ended.get(portal.url)?.lostUser;

  /** Whether a lost session is to be taken up again without asking: that is tried once. */
  takeLost = (portal: Portal): boolean => {
    const ended = this.#ended.get(portal.url);
    if (ended?.lostUser === undefined || ended.isRecovered) return false;
    this.#ended.set(portal.url, { ...ended, isRecovered: true });
    return true;
  };
}
