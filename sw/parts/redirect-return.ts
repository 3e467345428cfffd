/** Sign-ins that take the place of their page: where each began, so that the person is brought back there. */
import { identityError } from '../../protocol/errors.js';
import type { ReturnTo, RedirectReturn } from '../../protocol/worker-api.js';
import type { Seals } from '../storage/key-ring.js';
import type { ChallengeRecord, Store } from '../storage/database.js';
import type { Registry } from '../portals/portal-index.js';
import { contextOf } from '../storage/additional-data.js';

declare const self: ServiceWorkerGlobalScope;

const withoutFragment = (url: string): string => url.replace(/#.*$/s, '');

/** Whether a client was opened to come back to the page that a sign-in began at. */
export async function isComeBackTo({ from }: ChallengeRecord, clientId: string): Promise<boolean> {
  if (!from || clientId === '') return false;
  const client = await self.clients.get(clientId);
  return client !== undefined && withoutFragment(client.url) === withoutFragment(from.url);
}

export class Departures {
  constructor(
    private readonly registry: Registry,
    private readonly store: Store,
    private readonly seals: Seals,
  ) {}

  /**
   * Notes where a sign-in begins that takes the place of its page.
   *
   * @throws ChallengeError `authorization-url-unknown` for a challenge that is not open; ConfigurationError `option-invalid`.
   */
  async depart(challengeId: string, from: ReturnTo): Promise<void> {
    // Nobody is ever sent to another site from here.
    if (!URL.canParse(from.url) || new URL(from.url).origin !== self.location.origin)
      throw identityError('option-invalid', { field: 'from' });
    const record = (await this.store.challenges()).find(({ id }) => id === challengeId);
    const portal = record && this.registry.portal(record.portal);
    if (!portal || record.phase !== 'open') throw identityError('authorization-url-unknown');
    const departed = { ...record, from };
    await this.store.replaceChallenge(
      record,
      portal.persistence === 'memory' ? await this.#outliving(departed) : departed,
    );
  }

  /** Where the sign-in of a state began; with a fragment, empty if need be, that replaces the one of an implicit grant. */
  async address(state: string): Promise<string | null> {
    const from = (await this.store.challenges()).find((record) => record.state === state)?.from;
    if (!from) return null;
    return from.url.includes('#') ? from.url : `${from.url}#`;
  }

  /** Tells a page that it has been come back to, once; it is not asked anew for what the person gave up. */
  async takeReturn(clientId: string): Promise<RedirectReturn | undefined> {
    for (const record of await this.store.challenges()) {
      const { from, reason, phase, dismissedBy = [], ...rest } = record;
      const isOver = phase === 'signed-in' || phase === 'cancelled' || phase === 'failed';
      if (!from || !isOver || !(await isComeBackTo(record, clientId))) continue;
      await this.store.replaceChallenge(record, { ...rest, phase, dismissedBy: [...dismissedBy, clientId] });
      return { ...from, portal: record.portal, ...(reason ? { error: reason } : {}) };
    }
    return undefined;
  }

  /** No page is left that could keep the worker alive: the verifier, and it alone, is stored for the time of the sign-in. */
  async #outliving(record: ChallengeRecord): Promise<ChallengeRecord> {
    const context = contextOf(record);
    const memory = await this.seals.of(record.sealedBy ?? 'memory');
    const verifier = record.sealed && (await memory.unseal(record.sealed, context))?.value;
    if (verifier === undefined) return record;
    const seal = await this.seals.of('persistent');
    return { ...record, sealed: await seal.seal(verifier, context), sealedBy: 'persistent' };
  }
}
