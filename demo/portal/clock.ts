// The portal's clock: the machine's time plus an offset, so that tests need not wait.

export interface Clock {
  /** The portal's time, in ms since the epoch. */
  now(): number;
}

export function createClock(offsetMs: () => number): Clock {
  return { now: () => Date.now() + offsetMs() };
}
