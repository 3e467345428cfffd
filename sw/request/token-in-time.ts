/** Waits for a token that its issuer, in trouble, may not give. */
import { TokenEndpointUnavailable } from '../oauth/token-endpoint.js';
import type { WaitUntil } from '../rpc/wait-until.js';
import { elapsed } from '../storage/elapsed.js';

/** Longest wait of a request for a token before it is tried without one, in ms. */
export const PATIENCE_MS = 2_000;

/** Longest wait of a request that its server refuses without a token, in ms. */
const LIMIT_MS = 10_000;

/** Pause before an issuer is asked again that did not say how long it wants to be left alone, in ms. */
const RETRY_MS = 1_000;

/** In place of a token that cannot be had in time. The user is still signed in. */
export const delayed = Symbol('delayed');

type Delayable = string | undefined | typeof delayed;

/**
 * What obtains a token and keeps the worker alive meanwhile: an answer that comes too late for its request is stored all the same. A
 * refresh token that is replaced would be lost otherwise.
 */
export const outliving =
  (obtain: () => Promise<string | undefined>, waitUntil: WaitUntil) => (): Promise<string | undefined> => {
    const work = obtain();
    waitUntil(work);
    return work;
  };

/**
 * A token, if it comes soon.
 *
 * @param waitMs - How long that is.
 */
export async function soon(work: Promise<string | undefined>, waitMs: number): Promise<Delayable> {
  try {
    return await Promise.race([work, after(waitMs)]);
  } catch (error) {
    if (error instanceof TokenEndpointUnavailable) return delayed;
    throw error;
  }
}

/**
 * A token for a request that needs one: its issuer is asked again until it answers, with the pauses that it is granted.
 *
 * @param obtain - Asks for it; requests that ask together share the answer.
 * @param signal - Of the request.
 */
export async function untilLimit(
  obtain: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Delayable> {
  const limit = after(LIMIT_MS);
  for (;;) {
    try {
      return await Promise.race([obtain(), limit]);
    } catch (error) {
      if (!(error instanceof TokenEndpointUnavailable)) throw error;
      const pauseMs = error.retryAfterMs || RETRY_MS;
      if (pauseMs > LIMIT_MS) return delayed;
      const isOver = await Promise.race([after(pauseMs).then(() => signal.aborted), limit]);
      if (isOver) return delayed;
    }
  }
}

const after = (ms: number): Promise<typeof delayed> => elapsed(ms).then(() => delayed);
