/** How much of each workload is done in a full run and in a quick one. */

/** How much of each work is done. */
export interface Amounts {
  /** No new round of a workload begins after this time, in ms: on a busy machine fewer rounds are measured. */
  roundsMs: number;
  /** Tiles per round, and rounds. */
  tiles: { count: number; rounds: number; kinds: readonly { bytes: number; atOnce: number }[] };
  link: { count: number; rounds: number };
  secondLook: { count: number; rounds: number };
  json: { mb: number; rounds: number };
  binary: { mb: number; rounds: number };
  upload: { mb: number; rounds: number };
  cold: { rounds: number };
  unregistered: { count: number; rounds: number };
  registrations: { count: number; rounds: number };
  expiry: { atOnce: number };
  heap: { requests: number; mb: number };
}

export const full: Amounts = {
  roundsMs: 25_000,
  tiles: {
    count: 25,
    rounds: 40,
    kinds: [1024, 30 * 1024].flatMap((bytes) => [6, 32].map((atOnce) => ({ bytes, atOnce }))),
  },
  link: { count: 50, rounds: 8 },
  secondLook: { count: 200, rounds: 6 },
  json: { mb: 10, rounds: 25 },
  binary: { mb: 100, rounds: 8 },
  upload: { mb: 50, rounds: 5 },
  cold: { rounds: 40 },
  unregistered: { count: 25, rounds: 40 },
  registrations: { count: 25, rounds: 40 },
  expiry: { atOnce: 500 },
  heap: { requests: 10_000, mb: 100 },
};

export const quick: Amounts = {
  roundsMs: 3_500,
  tiles: { count: 15, rounds: 8, kinds: [{ bytes: 1024, atOnce: 6 }] },
  link: { count: 12, rounds: 4 },
  secondLook: { count: 200, rounds: 2 },
  json: { mb: 10, rounds: 2 },
  binary: { mb: 20, rounds: 2 },
  upload: { mb: 10, rounds: 2 },
  cold: { rounds: 2 },
  unregistered: { count: 15, rounds: 6 },
  registrations: { count: 15, rounds: 6 },
  expiry: { atOnce: 500 },
  heap: { requests: 300, mb: 20 },
};
