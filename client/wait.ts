/** Waits for events, and gives up in time. */
import { identityError, type ErrorCode } from '../protocol/errors.js';

/** Resolves at the next event of a type. */
export const nextEvent = (target: EventTarget, type: string): Promise<unknown> =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

/**
 * Rejects after a time.
 *
 * @param signal - Stops the clock.
 */
export const failAfter = (ms: number, code: ErrorCode, signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const timer = setTimeout(() => reject(identityError(code)), ms);
    signal?.addEventListener('abort', () => clearTimeout(timer));
  });
