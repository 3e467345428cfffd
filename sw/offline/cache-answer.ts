/**
 * Calls of Cache Storage, within a time limit. Where the browser clears a site's data while calls are under way, Chromium answers
 * neither these nor any later one of the same worker, until it starts again.
 */
import { inTime } from '../storage/in-time.js';

/** Longest wait, in ms. Whole areas are read at once, from slow disks too. */
const LIMIT_MS = 10_000;

/** Why nothing is asked now: a call has had no answer yet. */
let failure: unknown;

/** @throws IdentityError `storage-unavailable` where there is no answer, at once where an earlier call has none; what the call throws. */
export async function cacheAnswer<T>(call: () => Promise<T>): Promise<T> {
  if (failure !== undefined) throw failure;
  let isAnswered = false;
  const answer = call().finally(() => {
    isAnswered = true;
    failure = undefined;
  });
  try {
    return await inTime(answer, LIMIT_MS);
  } catch (error) {
    if (!isAnswered) failure = error;
    throw error;
  }
}
