/** Which key seals the records of a portal: the persistence level of its registration decides. */
import { INJECTED_KEYS_PROPERTY } from '../../protocol/sealed-script.js';
import type { Persistence } from '../portals/portal.js';
import { createSealingKey, importSealingKey, Seal } from './encrypter.js';
import type { Store } from './database.js';

/** The seals of this boot of the worker, each made when it is first needed. */
export class Seals {
  readonly #made = new Map<Persistence, Promise<Seal>>();

  /** @param scriptSeals - What {@link takeScriptSeals} gave. */
  constructor(
    private readonly store: Pick<Store, 'sealingKey'>,
    private readonly scriptSeals: readonly string[] = [],
  ) {}

  /** Takes the key of the persistent level over from a snapshot of the store. */
  adopt(key: CryptoKey | undefined): void {
    if (key && !this.#made.has('persistent')) this.#made.set('persistent', Promise.resolve(new Seal([key])));
  }

  of(level: Persistence): Promise<Seal> {
    let seal = this.#made.get(level);
    if (!seal) {
      seal = this.#make(level);
      this.#made.set(level, seal);
    }
    return seal;
  }

  async #make(level: Persistence): Promise<Seal> {
    switch (level) {
      case 'sealed':
        return new Seal(await Promise.all(this.scriptSeals.map(importSealingKey)));
      case 'persistent':
        // Without a database there is nothing to keep the key for: it lives as long as this boot of the worker.
        return new Seal([await this.store.sealingKey(createSealingKey).catch(createSealingKey)]);
      case 'memory':
        return new Seal([await createSealingKey()]);
    }
  }
}

/** Base64url of 32 bytes. */
const isSeal = (seal: unknown): seal is string => typeof seal === 'string' && /^[\w-]{43}$/.test(seal);

/**
 * The seals that the app's server wrote in front of the worker's script, the current one first; none without a broker.
 * They are taken away, so that nothing else in the worker finds them.
 */
export function takeScriptSeals(scope: Record<string, unknown>): readonly string[] {
  const seals = scope[INJECTED_KEYS_PROPERTY];
  delete scope[INJECTED_KEYS_PROPERTY];
  return Array.isArray(seals) && seals.every(isSeal) ? seals : [];
}
