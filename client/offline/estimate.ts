/** How large an area becomes, by a sample of its responses, and how much room there is. */
import type { AddressGroup } from './addresses.js';

/** What an area would take. */
export interface AreaEstimate {
  /** Number of requests, each of which is kept as one response. */
  readonly requests: number;
  /** Bytes that the browser will store, by a sample of the sizes. */
  readonly bytes: number;
  /** Bytes that the browser leaves to this site; `Infinity` where it does not say. */
  readonly quotaLeft: number;
  /** Whether the area fits. */
  readonly fits: boolean;
}

/** Responses that are looked at of each group: the first and the last would be those at the border. */
const SAMPLES_OF_A_GROUP = 3;

/** What a browser stores of a response beside its body, in bytes. */
const OVERHEAD = 1_000;

/**
 * @throws An AbortError, or a TypeError where the network fails.
 * @see Storage Standard: estimate()
 */
export async function estimateSize(
  groups: readonly AddressGroup[],
  signal: AbortSignal | undefined,
): Promise<AreaEstimate> {
  let bytes = 0;
  let requests = 0;
  for (const group of groups) {
    requests += group.count;
    bytes += group.count * ((await averageSize(group, signal)) + OVERHEAD);
  }
  const quotaLeft = await leftQuota();
  return { requests, bytes: Math.round(bytes), quotaLeft, fits: bytes <= quotaLeft };
}

async function averageSize({ count, at }: AddressGroup, signal: AbortSignal | undefined): Promise<number> {
  const samples = Math.min(count, SAMPLES_OF_A_GROUP);
  const sizes = await Promise.all(
    Array.from({ length: samples }, (_, index) =>
      sizeOf(at(Math.floor(((index + 0.5) / samples) * count)), signal),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / samples;
}

async function sizeOf(url: string, signal: AbortSignal | undefined): Promise<number> {
  const response = await fetch(url, signal ? { signal } : {});
  return (await response.arrayBuffer()).byteLength;
}

async function leftQuota(): Promise<number> {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return Math.max(0, quota - usage);
}
