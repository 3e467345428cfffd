/** What oidc-provider remembers: a store for each provider, because its own is one for all of a process. */

export interface Payload {
  grantId?: string;
  uid?: string;
  consumed?: number;
}

export class MemoryStore {
  readonly #records: Map<string, Payload>;
  readonly #model: string;

  /** @param records - Of all models of one provider, by model and id. */
  constructor(records: Map<string, Payload>, model: string) {
    this.#records = records;
    this.#model = model;
  }

  upsert(id: string, payload: Payload): Promise<void> {
    this.#records.set(this.#key(id), payload);
    return Promise.resolve();
  }

  find(id: string): Promise<Payload | undefined> {
    return Promise.resolve(this.#records.get(this.#key(id)));
  }

  findByUid(uid: string): Promise<Payload | undefined> {
    return Promise.resolve([...this.#records.values()].find((payload) => payload.uid === uid));
  }

  consume(id: string): Promise<void> {
    const payload = this.#records.get(this.#key(id));
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.#records.delete(this.#key(id));
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of this.#records)
      if (payload.grantId === grantId && key.startsWith(`${this.#model}:`)) this.#records.delete(key);
    return Promise.resolve();
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }
}
