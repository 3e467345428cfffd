/** Runs the contenders of a workload in interleaved rounds, and turns their times into rows. */
import { compare, type Row } from '../report.js';
import { contenders, type Contender, type ContenderName, type Testbed } from '../testbed.js';

export const MEGABYTE = 1024 * 1024;

export const label = (name: ContenderName): string => contenders[name].label;

let sample = 0;

/** A URL that was not used before: no response comes from a cache. */
export const distinctUrl = (url: string): string => `${url}/${++sample}`;

export type Samples = Map<ContenderName, number[]>;

/** Samples of one contender. */
export const samplesOf = (samples: Samples, name: ContenderName): number[] => samples.get(name) ?? [];

/** Measures all contenders in every round; each round begins with another one. */
export async function inRounds(
  testbed: Testbed,
  names: readonly ContenderName[],
  { rounds, roundsMs }: { rounds: number; roundsMs: number },
  measure: (contender: Contender, isWarmUp: boolean) => Promise<number>,
): Promise<Samples> {
  const samples: Samples = new Map(names.map((name) => [name, []]));
  // Round 0 opens connections and warms up code. It is not counted.
  const endAtMs = Date.now() + roundsMs;
  for (let round = 0; round <= rounds; round += 1) {
    if (round > 1 && Date.now() > endAtMs) break;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[(index + round) % names.length] as ContenderName;
      const contender = testbed.contender(name);
      await startWorker(testbed, contender);
      const value = await measure(contender, round === 0);
      if (round > 0) samples.get(name)?.push(value);
    }
  }
  return samples;
}

/** Starts the contender's worker, which the browser may have stopped. The axa worker loses its token then and signs in again. */
export async function startWorker(testbed: Testbed, contender: Contender): Promise<void> {
  if (contender.name === 'axa') await contender.call('signIn');
  else
    await contender.call('tiles', {
      url: distinctUrl(`${testbed.dataUrl}/tile/16`),
      bytes: 16,
      count: 1,
      atOnce: 1,
    });
}

/** Rows without a target: every contender against `base`. */
export const overview = (work: string, samples: Samples, base: ContenderName): Row[] =>
  [...samples.keys()]
    .filter((name) => name !== base)
    .map((name) =>
      compare(`${work}: ${label(name)}`, samplesOf(samples, name), label(base), samplesOf(samples, base)),
    );

/** @throws Error where a contender sent requests without a token: its times mean nothing. */
export function checkSigned(testbed: Testbed, name: ContenderName): void {
  const { requests, signed } = testbed.data.counts(testbed.contender(name).origin);
  // The axa worker's own token request carries no token.
  if (name === 'axa' ? signed === 0 : signed < requests)
    throw new Error(`${name} sent ${requests - signed} of ${requests} requests unsigned.`);
}
