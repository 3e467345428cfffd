/** Waits for a time to pass, by the platform's own time limits. */

/** @param ms - For how long. */
export const elapsed = (ms: number): Promise<void> =>
  new Promise((resolve) =>
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve(), { once: true }),
  );
