/** Tells pages that ask for it what was done to each request and why, redacted. Off, it costs a look at one flag. */
import { PROTOCOL_VERSION } from '../../protocol/messages.js';
import { redactMethod, redactUrl } from '../../protocol/redact-url.js';
import {
  TRACE_LOCK,
  TRACED_MESSAGE,
  type TracedOutcome,
  type TracedRequest,
  type TraceFact,
  type TraceStep,
  type WaitReason,
} from '../../protocol/traced-request.js';
import type { StepRecorder } from '../request/request-trace.js';
import type { RequestTracing, WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** The part. */
export const tracing = (): WorkerPart => ({ name: 'tracing', tracing: new Tracing() });

/** Which pages trace. They hold Web Locks meanwhile, which outlive a stop of the worker and no page. */
export class Tracing implements RequestTracing {
  /** Until the locks are read: a page may trace since before the worker was stopped. */
  #isOn = true;
  readonly #pages = new Set<string>();
  readonly #restored = this.#restore();

  begin(clientId: string | undefined, request: Request, url: URL): StepRecorder | undefined {
    return this.#isOn ? new Recorder(request, url, (traced) => void this.#tell(clientId, traced)) : undefined;
  }

  turn(clientId: string, isOn: boolean): string {
    if (isOn) this.#pages.add(clientId);
    else this.#pages.delete(clientId);
    this.#isOn = this.#pages.size > 0;
    return TRACE_LOCK + clientId;
  }

  async #restore(): Promise<void> {
    try {
      const { held = [] } = await navigator.locks.query();
      for (const { name = '' } of held)
        if (name.startsWith(TRACE_LOCK)) this.#pages.add(name.slice(TRACE_LOCK.length));
    } catch {
      // Pages trace from their next start on.
    }
    this.#isOn = this.#pages.size > 0;
  }

  /** Only pages that this worker controls: they are of its origin, and their requests are those that it sees. */
  async #tell(clientId: string | undefined, traced: Omit<TracedRequest, 'isOwn'>): Promise<void> {
    await this.#restored;
    if (!this.#isOn) return;
    const gone = new Set(this.#pages);
    for (const page of await self.clients.matchAll({ type: 'window' })) {
      if (!gone.delete(page.id)) continue;
      const isOwn = page.id === clientId;
      page.postMessage({
        type: TRACED_MESSAGE,
        version: PROTOCOL_VERSION,
        traced: { ...traced, isOwn } satisfies TracedRequest,
      });
    }
    for (const id of gone) this.turn(id, false);
  }
}

class Recorder implements StepRecorder {
  readonly #request: Request;
  readonly #url: URL;
  readonly #tell: (traced: Omit<TracedRequest, 'isOwn'>) => void;
  readonly #startedAtMs = performance.now();
  readonly #steps: TraceStep[] = [];

  constructor(request: Request, url: URL, tell: (traced: Omit<TracedRequest, 'isOwn'>) => void) {
    this.#request = request;
    this.#url = url;
    this.#tell = tell;
  }

  add(fact: TraceFact): undefined {
    const step = { ...fact, atMs: this.#ageMs() };
    if (step.step === 'sent') step.isRepeated = this.#steps.some(({ step: before }) => before === 'sent');
    // A part of what a page has written; everything else in a fact is a number, a registration's address, or a word of ours.
    else if ('server' in step && step.server !== undefined) step.server = redactUrl(new URL(step.server));
    this.#steps.push(step);
  }

  async timed<T>(reason: WaitReason, work: Promise<T>): Promise<T> {
    const startedAtMs = this.#ageMs();
    try {
      return await work;
    } finally {
      this.add({ step: 'waited', for: reason, ms: this.#ageMs() - startedAtMs });
    }
  }

  end(outcome: TracedOutcome, status: number): void {
    const isKept = this.#steps.some(({ step }) => step === 'kept-answer');
    this.#tell({
      method: redactMethod(this.#request.method),
      url: redactUrl(this.#url),
      outcome: isKept && outcome !== 'failed' ? 'kept' : outcome,
      status,
      startedAtMs: performance.timeOrigin + this.#startedAtMs,
      durationMs: this.#ageMs(),
      workerStartedAtMs: performance.timeOrigin,
      steps: this.#steps,
    });
  }

  #ageMs(): number {
    return performance.now() - this.#startedAtMs;
  }
}
