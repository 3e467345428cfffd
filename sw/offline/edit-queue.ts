/** Keeps edits that the network failed for, and sends them later: in order, in the name of the user who made them, each until it is taken. */
import { EDIT_HEADER, EDITS_CHANNEL, type EditReport } from '../../protocol/edits.js';
import {
  IdentityError,
  toIdentityError,
  toWireError,
  type WireError,
} from '../../protocol/identity-error.js';
import { redactError } from '../../protocol/redact-error.js';
import { hasOwnToken } from '../request/attach-token.js';
import { toReplayable } from '../request/replayable-request.js';
import { asksForJson, isOfCaptivePortal, outcomeOf, type EditOutcome } from './edit-answer.js';
import { serviceOf } from './edit-service.js';
import type { EditServices, Respond } from './edit-services.js';
import { isHtml } from './storable.js';
import { EditStore, type EditAuthor, type StoredEdit } from './edit-store.js';

declare const self: ServiceWorkerGlobalScope;

/** A reply that no service gives: status 202 (RFC 9110 §15.3.3), and what is kept. */
const accepted: Respond = (edit) =>
  Response.json({ queued: edit }, { status: 202, headers: { [EDIT_HEADER]: edit.id } });

/** Whether two edits have the same author. */
export const isSame = (one: EditAuthor, other: EditAuthor | undefined): boolean =>
  one.portal === other?.portal && one.username === other.username && one.signIn === other.signIn;

/** Whether nobody was signed in. */
const isNobody = ({ username, signIn }: EditAuthor): boolean =>
  username === undefined && signIn === undefined;

/** One queue. Edits of one service and user keep their order; those of others do not wait for them. */
export class EditReplay {
  readonly #services: EditServices;
  readonly #name: string;
  readonly #lock: string;
  readonly #store: EditStore;
  readonly #respond: Respond;
  readonly #channel = new BroadcastChannel(EDITS_CHANNEL);
  /** Taken or discarded, whatever the database says. */
  readonly #done = new Set<string>();
  /** Why edits could not be sent when this boot of the worker last tried. */
  readonly #delays = new Map<string, WireError>();
  /** Edits are kept in the order in which they came, however long each took to fail. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param name - Of the queue, as the app calls it. */
  constructor(services: EditServices, name: string, respond: Respond = accepted) {
    const { pathname } = new URL(self.registration.scope);
    this.#services = services;
    this.#name = name;
    this.#respond = respond;
    this.#lock = `identity-worker:${pathname}:${name}`;
    this.#store = new EditStore(this.#lock, async () => {
      if (!(await this.replay())) throw new IdentityError('edit-delayed');
    });
  }

  /** Sends an edit of a page, or keeps it. Behind edits of the same service that wait, it waits too. */
  async handle(event: FetchEvent): Promise<Response> {
    const { request } = event;
    // Its body can be read once only.
    const copy = request.clone();
    const before = this.#turn;
    let endTurn = (): void => undefined;
    const turn = new Promise<void>((resolve) => (endTurn = resolve));
    this.#turn = before.then(() => turn);
    try {
      await this.#services.load();
      const author = await this.#authorOf(copy);
      const isBehind = author !== undefined && (await this.#mustWait(author, new URL(copy.url)));
      const response = isBehind ? Response.error() : await (this.#services.respond(event) ?? fetch(request));
      if (response.type !== 'error' && !isOfCaptivePortal(response, await asksForJsonOnce(copy, response)))
        return response;
      await before;
      // Who has signed in for this very edit has made it.
      const maker = author && isNobody(author) ? await this.#authorOf(copy) : author;
      return (await this.#keep(copy, maker)) ?? response;
    } finally {
      endTurn();
    }
  }

  /**
   * Sends what can be sent. One worker of the origin at a time does so: each edit is sent once.
   *
   * @returns Whether nothing is left that only waits for the network or a service.
   */
  replay(): Promise<boolean> {
    return navigator.locks.request(this.#lock, () => this.#replay());
  }

  /** The same where no event waits for it: what is left is Background Sync's. Never rejects. */
  async tryNow(): Promise<void> {
    try {
      if (!(await this.replay())) await this.#store.registerSync();
    } catch (error) {
      self.reportError(toIdentityError(error));
    }
  }

  /** How edits stand may have changed, and some may be sent now. Never rejects. */
  async credentialChanged(): Promise<void> {
    this.#changed();
    await this.tryNow();
  }

  /** What waits, and why. */
  async list(): Promise<EditReport[]> {
    await this.#services.load();
    const refusals = await this.#store.refusals();
    const edits = (await this.#store.all()).filter(({ id }) => !this.#done.has(id));
    return Promise.all(edits.map((edit) => this.#report(edit, refusals.get(edit.id))));
  }

  /** Has refused edits of the user who is signed in sent again. @param id - One; absent: all. */
  async retry(id: string | undefined): Promise<void> {
    const own = (await this.list()).filter(({ state }) => state === 'refused').map((edit) => edit.id);
    await this.#store.forgetRefusals((each) => own.includes(each) && (id === undefined || id === each));
    this.#changed();
  }

  /**
   * Removes an edit for good.
   *
   * @throws IdentityError `edit-of-other-user`, `edit-waits-for-sign-in`: only who made it may discard it.
   */
  async discard(id: string): Promise<void> {
    const edit = (await this.#store.all()).find((each) => each.id === id);
    if (!edit) return;
    const { state, error } = await this.#report(edit, undefined);
    // What nobody has made is everybody's.
    if (error && !isNobody(edit) && (state === 'other-user' || state === 'signed-out'))
      throw new IdentityError(error.code, error.facts);
    await this.#remove(edit);
  }

  async #replay(): Promise<boolean> {
    await this.#services.load();
    const refusals = await this.#store.refusals();
    const waiting = new Set<string>();
    let isLeft = false;
    for (let sent = -1; sent !== 0;) {
      sent = 0;
      for (const edit of await this.#store.all()) {
        const group = `${edit.portal} ${edit.username ?? edit.signIn ?? ''} ${serviceOf(edit.url)}`;
        if (this.#done.has(edit.id) || waiting.has(group)) continue;
        const { state } = await this.#report(edit, refusals.get(edit.id));
        const outcome = state === 'queued' ? await this.#send(edit) : undefined;
        if (outcome === 'taken') {
          sent += 1;
          await this.#remove(edit);
          continue;
        }
        waiting.add(group);
        if (outcome) isLeft = (await this.#note(edit, outcome)) || isLeft;
      }
    }
    return !isLeft;
  }

  /** @returns Why it is left; it is the caller's to forget it where it was taken. */
  async #send(edit: StoredEdit): Promise<EditOutcome> {
    try {
      const request = edit.toRequest();
      const target = this.#services.targetOf(request);
      if (!target) throw new IdentityError('portal-not-registered', { origin: edit.url.origin });
      const response = await this.#services.send(request.clone(), target.portal, edit);
      return await outcomeOf(request, response, target.portal.kind);
    } catch (error) {
      const facts = { origin: edit.url.origin };
      if (error instanceof IdentityError && error.code === 'sign-in-required')
        return { later: true, error: new IdentityError('edit-waits-for-sign-in', facts) };
      // The network, before the answer or within it.
      if (!(error instanceof IdentityError))
        return { later: true, error: new IdentityError('edit-delayed', facts) };
      return { later: false, error };
    }
  }

  /** @returns Whether it is to be tried again without the user. */
  async #note(edit: StoredEdit, { later, error }: Exclude<EditOutcome, 'taken'>): Promise<boolean> {
    // The user has discarded it meanwhile.
    if (this.#done.has(edit.id)) return false;
    const wire = toWireError(error);
    if (later) this.#delays.set(edit.id, wire);
    else {
      await this.#store.refuse(edit, wire);
      self.reportError(error);
    }
    this.#changed();
    return later && error.code === 'edit-delayed';
  }

  async #remove(edit: StoredEdit): Promise<void> {
    this.#done.add(edit.id);
    this.#delays.delete(edit.id);
    await edit.remove();
    await this.#store.forgetRefusals((id) => id === edit.id);
    this.#changed();
  }

  /** How an edit stands for the user who is signed in. */
  async #report(edit: StoredEdit, refusal: WireError | undefined): Promise<EditReport> {
    const { id, portal, username, url, method, queuedAtMs } = edit;
    const { origin } = url;
    const kept = {
      id,
      queue: this.#name,
      portal,
      queuedAt: queuedAtMs,
      ...(username === undefined ? {} : { username }),
    };
    const target = this.#services.targetOf(new Request(url, { method }));
    if (target?.portal.url !== portal)
      return { ...kept, state: 'refused', error: { code: 'portal-not-registered', facts: { origin } } };
    const author = await this.#services.authorOf(target.portal);
    if (!isSame(edit, author)) {
      return author && isNobody(author)
        ? { ...kept, state: 'signed-out', error: { code: 'edit-waits-for-sign-in', facts: { origin } } }
        : { ...kept, state: 'other-user', error: { code: 'edit-of-other-user', facts: { origin } } };
    }
    const error = refusal ?? this.#delays.get(id);
    return {
      ...kept,
      state: refusal ? 'refused' : 'queued',
      service: serviceOf(url),
      ...(error && { error }),
    };
  }

  /** Whether an edit of the same service and user waits that cannot be sent now. */
  async #mustWait(author: EditAuthor, url: URL): Promise<boolean> {
    const isAhead = async (): Promise<boolean> =>
      (await this.#store.all()).some(
        (edit) => !this.#done.has(edit.id) && isSame(edit, author) && serviceOf(edit.url) === serviceOf(url),
      );
    try {
      if (!(await isAhead())) return false;
      await this.tryNow();
      return await isAhead();
    } catch {
      // A database that cannot be read keeps nothing that could be overtaken.
      return false;
    }
  }

  async #authorOf(request: Request): Promise<EditAuthor | undefined> {
    const target = this.#services.targetOf(request);
    return target && this.#services.authorOf(target.portal);
  }

  /** @returns The response to a kept edit; `undefined` where it cannot be kept. */
  async #keep(request: Request, author: EditAuthor | undefined): Promise<Response | undefined> {
    // The page's own token must not lie in the database.
    if (!author || (await hasOwnToken(await toReplayable(request.clone(), new URL(request.url)))))
      return undefined;
    const { portal, username } = author;
    const id = crypto.randomUUID();
    const queuedAt = Date.now();
    try {
      await this.#store.add(request, id, author, queuedAt);
    } catch (error) {
      const { name } = redactError(error);
      self.reportError(new IdentityError('edit-not-kept', { name }));
      return undefined;
    }
    this.#changed();
    return this.#respond({
      id,
      queue: this.#name,
      portal,
      ...(username === undefined ? {} : { username }),
      queuedAt,
    });
  }

  #changed(): void {
    this.#channel.postMessage('changed');
  }
}

/** Only of a response that makes it matter: the body of an edit may be long. */
const asksForJsonOnce = async (request: Request, response: Response): Promise<boolean> =>
  isHtml(response) && asksForJson(request);
