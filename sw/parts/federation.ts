/** Finds the portal behind an ArcGIS Server that no registration names: its `rest/info` claims one, the portal decides. */
import { readOwningPortal } from '../tokens/server-tokens.js';
import type { Portal } from '../portals/portal.js';
import type { ServerRecord, Store } from '../storage/database.js';
import type { Registry } from '../portals/portal-index.js';

/** How long a server's answer is believed, in ms. */
const BELIEVED_MS = 24 * 3600 * 1000;

/** How long a server that could not be asked is left alone, in ms. */
const SILENT_MS = 30_000;

/** Known servers, in memory and in the store; look-ups of one server are shared. */
export class Federation {
  readonly #known = new Map<string, Portal | null>();
  readonly #pending = new Map<string, Promise<Portal | undefined>>();
  /** When servers that could not be asked were asked last. */
  readonly #silent = new Map<string, number>();

  constructor(
    private readonly registry: Registry,
    private readonly store: Store,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Takes over what the store holds and is still believed. */
  adopt(servers: readonly ServerRecord[]): void {
    for (const { root, portal, checkedAtMs } of servers) {
      const age = this.now() - checkedAtMs;
      if (age < 0 || age > BELIEVED_MS) continue;
      const owner = portal === null ? null : this.registry.portal(portal);
      if (owner !== undefined) this.#learn(root, owner);
    }
  }

  /** Whether a server is known to be none of ours: its requests then go on as if we were not there. */
  isForeign(serverRoot: string): boolean {
    return this.#known.get(serverRoot) === null;
  }

  /** The registered portal that owns a server, asked once; `undefined` for none. */
  async owner(serverRoot: string): Promise<Portal | undefined> {
    const known = this.#known.get(serverRoot);
    if (known !== undefined) return known ?? undefined;
    const pending = this.#pending.get(serverRoot);
    if (pending) return pending;
    const silenceMs = this.now() - (this.#silent.get(serverRoot) ?? -Infinity);
    if (silenceMs >= 0 && silenceMs < SILENT_MS) return undefined;
    const question = this.#ask(serverRoot).finally(() => this.#pending.delete(serverRoot));
    this.#pending.set(serverRoot, question);
    return question;
  }

  async #ask(serverRoot: string): Promise<Portal | undefined> {
    const url = await readOwningPortal(serverRoot);
    if (url === undefined) {
      // Nothing is known of it: it is asked again, but not by every request.
      this.#silent.set(serverRoot, this.now());
      return undefined;
    }
    const owner = url === null ? null : (this.registry.portal(url) ?? null);
    this.#learn(serverRoot, owner);
    const record = { root: serverRoot, portal: owner?.url ?? null, checkedAtMs: this.now() };
    await this.store.putServer(record).catch(() => undefined);
    return owner ?? undefined;
  }

  #learn(serverRoot: string, owner: Portal | null): void {
    this.#known.set(serverRoot, owner);
    if (owner) this.registry.addServer(owner, serverRoot);
  }
}
