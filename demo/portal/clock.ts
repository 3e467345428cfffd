// The portal's clock: the machine's time plus an offset, so that tests move time instead of waiting for it.

export interface Clock {
  /** Milliseconds since the epoch, as the portal sees it. */
  now(): number;
}

export function createClock(offsetMs: () => number): Clock {
  return { now: () => Date.now() + offsetMs() };
}
