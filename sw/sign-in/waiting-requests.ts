/** The requests that wait for a user to sign in: one challenge per portal, shown in one page, picked up again after a restart. */
import type { ChallengeOutcome } from '../../protocol/messages.js';
import type { StepUp } from '../oauth/authorization-server.js';
import type { Portal } from '../portals/portal.js';
import type { ClientPresence } from '../rpc/client-presence.js';
import { broadcast, clientIds, isAlive, notify } from '../rpc/clients.js';
import type { WaitUntil } from '../rpc/wait-until.js';
import { elapsed } from '../storage/elapsed.js';
import type { ChallengeRecord } from '../storage/records.js';
import type { ChallengeRecords } from './challenge-records.js';
import { toCodeRequired, type OpenChallenge, type Waiters } from './challenges.js';
import { findReplacementPage, selectPage } from './select-page.js';

/** How often a waiting request looks whether the prompted page is still there, in ms. */
const WATCH_MS = 1_000;

/** How many challenges may fail at the token endpoint before the waiting requests get the server's own response. */
const MAX_ATTEMPTS = 3;

/**
 * After a stop the browser sends each waiting request again, once: the next stop would end it as a network error. So requests that come
 * so soon after the start, in ms, are handed back to the browser, which sends them in a new event that may be repeated once again.
 */
const RESUME_MS = 500;

/** How a wait ends; `held-too-long` while the sign-in goes on. */
export type WaitOutcome = ChallengeOutcome | 'held-too-long';

/** The fetch event of a request that waits. */
interface WaitingEvent {
  /** '' where the browser does not name a client. */
  readonly clientId: string;
  /** Of the request. */
  readonly signal: AbortSignal;
  readonly waitUntil: WaitUntil;
}

/** What the waiting requests need of the rest of the worker. */
interface Dependencies {
  readonly records: ChallengeRecords;
  readonly presence: ClientPresence;
  /** Opens a portal's challenge, or joins the open one. */
  readonly openChallenge: (portal: Portal, stepUp?: StepUp) => Promise<OpenChallenge>;
  /** Whether a code that is being redeemed now signs the user in to a portal. */
  readonly signsIn: (portal: Portal) => Promise<boolean>;
  /** Whether the portal has ended the session. */
  readonly hasEnded: (portal: Portal) => boolean;
  /** Whether a session is lost that may go on without the user; true once. */
  readonly takeLost: (portal: Portal) => boolean;
  /** Whether a client is the page that a challenge returns to. */
  readonly isReturn: ((record: ChallengeRecord, clientId: string) => Promise<boolean>) | undefined;
}

/** A portal whose requests wait, in this boot of the worker. */
interface Wait {
  readonly portal: Portal;
  readonly ended: Promise<ChallengeOutcome>;
  readonly end: (outcome: ChallengeOutcome) => void;
  challenge: OpenChallenge;
  attempts: number;
  requests: number;
  promptedPage: string | undefined;
  /** Until when requests are taken for those that waited before the worker was stopped, in ms since the epoch. */
  readonly resumesUntilMs: number;
  /** Selecting a page takes a moment: requests that come meanwhile share the choice. */
  prompting: Promise<boolean> | undefined;
}

/** Holds requests, prompts a page, and lets the requests go on when the challenge has ended. */
export class WaitingRequests implements Waiters {
  readonly #waits = new Map<string, Wait>();
  readonly #startedAtMs = Date.now();

  constructor(private readonly dependencies: Dependencies) {}

  challengeOf(portal: Portal): OpenChallenge | undefined {
    return this.#waits.get(portal.url)?.challenge;
  }

  countOf(portal: Portal): number {
    return this.#waits.get(portal.url)?.requests ?? 0;
  }

  end(portal: Portal, outcome: ChallengeOutcome): void {
    this.#waits.get(portal.url)?.end(outcome);
    this.#waits.delete(portal.url);
  }

  /**
   * Holds a request until the user has signed in to its portal.
   *
   * @param holdLimitMs - Longest wait in one event, in ms.
   * @param stepUp - What its API asks for; a challenge that others wait for already is joined all the same.
   * @returns Where it is not `signed-in` or `held-too-long`, the request gets the server's own response.
   */
  async awaitSignIn(
    portal: Portal,
    { clientId, signal, waitUntil }: WaitingEvent,
    holdLimitMs: number,
    stepUp?: StepUp,
  ): Promise<WaitOutcome> {
    const stored = await this.dependencies.records.of(portal);
    if (stored && (await this.#isDismissed(stored, clientId))) return 'cancelled';
    // A request that comes while the user's answer is on its way to the portal waits for that: the user is not asked again.
    if (!this.#waits.has(portal.url) && (await this.dependencies.signsIn(portal))) return 'signed-in';
    let wait: Wait;
    try {
      wait = this.#waits.get(portal.url) ?? (await this.#start(portal, stepUp));
    } catch {
      // There is no sign-in page: its address is unknown, or the user has just been asked.
      return 'failed';
    }
    wait.requests += 1;
    try {
      const resumes = Number.isFinite(holdLimitMs) && Date.now() < wait.resumesUntilMs;
      if (!(await this.#promptSomePage(wait, clientId))) return 'cancelled';
      // Chromium may learn of the end of this event only after it has begun the next one of the request. It then takes that one for
      // ended, and a stop leaves the request without an answer: so this event ends when the next one no longer waits.
      if (resumes) waitUntil(Promise.race([wait.ended, elapsed(holdLimitMs)]));
      // On a slow machine the prompt may have taken longer than that.
      const limitMs = resumes ? Math.max(0, wait.resumesUntilMs - Date.now()) : holdLimitMs;
      return await this.#untilEnded(wait, clientId, signal, limitMs);
    } finally {
      wait.requests -= 1;
    }
  }

  /** A page has sent a message: it can show a sign-in. If none could before, it is prompted now. */
  async connect(clientId: string): Promise<void> {
    this.dependencies.presence.markSeen(clientId);
    for (const wait of this.#waits.values()) {
      // No request is waiting any more: do not prompt.
      if (wait.requests === 0) continue;
      const isPromptedAgain = wait.promptedPage === clientId;
      if (isPromptedAgain || wait.promptedPage === undefined || !(await isAlive(wait.promptedPage)))
        await this.#prompt(wait, clientId);
    }
  }

  /**
   * A challenge failed at the token endpoint: its requests wait for another one, a few times.
   *
   * @param openNext - Called before the pages learn of the failure: a page that begins anew joins the next challenge.
   * @returns What prompts for the next challenge; `undefined` where the requests do not go on waiting.
   */
  async retry(failed: ChallengeRecord, portal: Portal): Promise<(() => Promise<void>) | undefined> {
    const wait = this.#waits.get(portal.url);
    // A page that left for the portal is told when it is returned to; what it waited for has gone with it.
    if (!wait || wait.requests === 0 || wait.attempts >= MAX_ATTEMPTS || failed.returnTo) return undefined;
    const next = await this.dependencies
      .openChallenge(portal, failed.asked && { parameters: failed.asked })
      .catch(() => undefined);
    if (!next) return undefined;
    wait.attempts += 1;
    wait.challenge = next;
    return async () => {
      await this.#prompt(wait, wait.promptedPage ?? '');
    };
  }

  async #start(portal: Portal, stepUp: StepUp | undefined): Promise<Wait> {
    const challenge = await this.dependencies.openChallenge(portal, stepUp);
    const existing = this.#waits.get(portal.url);
    if (existing) return existing;
    let end: (outcome: ChallengeOutcome) => void = () => undefined;
    const ended = new Promise<ChallengeOutcome>((resolve) => {
      end = resolve;
    });
    const wait: Wait = {
      portal,
      ended,
      end,
      challenge,
      attempts: 1,
      requests: 0,
      promptedPage: undefined,
      resumesUntilMs: challenge.record.madeAtMs < this.#startedAtMs ? Date.now() + RESUME_MS : 0,
      prompting: undefined,
    };
    this.#waits.set(portal.url, wait);
    return wait;
  }

  /** Whether the user cancelled this portal's sign-in in the page of the request; a reloaded page is a new one. */
  async #isDismissed(record: ChallengeRecord, clientId: string): Promise<boolean> {
    const { phase, dismissedBy = [] } = record;
    if (phase !== 'cancelled' && phase !== 'failed') return false;
    // The page that is returned to: the user cancelled at the portal.
    if (await this.dependencies.isReturn?.(record, clientId)) return true;
    if (clientId !== '') return dismissedBy.includes(clientId);
    const alive = await clientIds();
    return dismissedBy.some((id) => alive.includes(id));
  }

  /** @returns Whether there is a page that has been prompted. */
  async #promptSomePage(wait: Wait, clientId: string): Promise<boolean> {
    const { promptedPage, portal } = wait;
    const { presence } = this.dependencies;
    if (promptedPage === undefined || presence.isIncompatible(promptedPage) || !(await isAlive(promptedPage)))
      return this.#prompt(wait, clientId);
    // A frozen page is alive, and shows nothing.
    const next =
      presence.isUnresponsive(promptedPage) &&
      (await findReplacementPage(promptedPage, presence, portal.redirectUri));
    return next ? this.#prompt(wait, next) : true;
  }

  #prompt(wait: Wait, clientId: string): Promise<boolean> {
    wait.prompting ??= this.#promptOnce(wait, clientId).finally(() => {
      wait.prompting = undefined;
    });
    return wait.prompting;
  }

  async #promptOnce(wait: Wait, clientId: string): Promise<boolean> {
    const { presence, hasEnded, takeLost, records } = this.dependencies;
    // Before the worker was stopped: the user has the sign-in before them there.
    const { id, promptedPage: earlier } = wait.challenge.record;
    const isShown = wait.promptedPage === undefined && earlier !== undefined && (await isAlive(earlier));
    const page = await selectPage(isShown ? earlier : clientId, presence, wait.portal.redirectUri);
    wait.promptedPage = page?.id;
    if (!page) return false;
    presence.markPrompted(page.id);
    if (page.id !== earlier) void records.notePrompted(wait.portal, id, page.id);
    const message = {
      type: 'identity:code-required',
      ...toCodeRequired(wait.challenge, wait.portal),
      reason: wait.challenge.record.asked ? 'insufficient' : hasEnded(wait.portal) ? 'expired' : 'signed-out',
      waitingRequests: wait.requests,
    } as const;
    const isRecoverable = !wait.challenge.record.asked && takeLost(wait.portal);
    notify(page, { ...message, asked: true, ...(isRecoverable && { silentFirst: true }) });
    // The other pages show nothing, and may bring the code all the same.
    await broadcast({ ...message, asked: false }, page.id);
    return true;
  }

  async #untilEnded(
    wait: Wait,
    clientId: string,
    signal: AbortSignal,
    holdLimitMs: number,
  ): Promise<WaitOutcome> {
    let stop: () => void = () => undefined;
    const interrupted = new Promise<WaitOutcome>((resolve, reject) => {
      // A timer of infinite length would fire at once.
      const limit = Number.isFinite(holdLimitMs)
        ? setTimeout(() => resolve('held-too-long'), holdLimitMs)
        : undefined;
      const timer = setInterval(() => {
        void isAlive(clientId).then(async (alive) => {
          if (!alive || !(await this.#promptSomePage(wait, clientId))) resolve('cancelled');
        });
      }, WATCH_MS);
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      stop = () => {
        clearInterval(timer);
        clearTimeout(limit);
        signal.removeEventListener('abort', abort);
      };
      if (signal.aborted) abort();
    });
    try {
      return await Promise.race([wait.ended, interrupted]);
    } finally {
      stop();
    }
  }
}
