/** What was done to a request: for reports, and for what keeps its answer. */
import type { TracedOutcome, TraceFact, WaitReason } from '../../protocol/traced-request.js';

/** Records what is done to one request, for pages that have asked for it. */
export interface StepRecorder {
  /** @returns `undefined`, for callers that return that. */
  add(fact: TraceFact): undefined;
  /** Records how long the work took. */
  timed<T>(reason: WaitReason, work: Promise<T>): Promise<T>;
  /** Tells the pages. */
  end(outcome: TracedOutcome, status: number): void;
}

/** What a request is noted by. */
export interface RequestTrace {
  isSigned: boolean;
  refreshed: boolean;
  waited: boolean;
  /** The user is signed in, and no token could be had: the answer says nothing of what the user may see. */
  lacksToken?: boolean;
  /** The session of the portal (`TokenManager.session`) before its token was taken: the answer is of no other. */
  session?: number;
  /** Only while a page traces: nothing is made for the steps otherwise. */
  recorder?: StepRecorder | undefined;
}

/** The trace of a request that nothing was done to yet. */
export const newTrace = (recorder?: StepRecorder): RequestTrace => ({
  isSigned: false,
  refreshed: false,
  waited: false,
  recorder,
});

/** Work that a request waits for. */
export const timed = <T>({ recorder }: RequestTrace, reason: WaitReason, work: Promise<T>): Promise<T> =>
  recorder ? recorder.timed(reason, work) : work;
