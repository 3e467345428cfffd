/** Random numbers that are the same in every run. */

/** Numbers from 0 up to 1 (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Exponential distribution: the time until a memoryless event. */
export const exponential = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;

/** Log-normal distribution: around a median, with a long tail. */
export function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** An index, by weights. */
export function weighted(random: Random, weights: readonly number[]): number {
  let left = random() * weights.reduce((total, weight) => total + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return Math.max(0, index);
}
