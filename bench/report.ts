/** The results of a run: rows, the table, `bench/results.json`. */
import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { versionOf } from './build.js';
import { median, ratios, spread } from './statistics.js';

/** One comparison. */
export interface Row {
  /** The workload and, in brackets, the unit of `median`. */
  name: string;
  /** Median of the ratios of all rounds. */
  ratio: number;
  /** Highest ratio that is good enough; `null` for rows without a target. */
  target: number | null;
  ok: boolean | null;
  /** Median of the contender that the row is about. */
  median: number;
  /** The middle half of the ratios. */
  spread: [number, number];
  /** What the contender is compared with. */
  against: string;
}

/** A row from the samples of two contenders, taken in the same rounds. */
export function compare(
  name: string,
  of: readonly number[],
  against: string,
  to: readonly number[],
  target: number | null = null,
): Row {
  const all = ratios(of, to);
  const ratio = median(all);
  return {
    name,
    ratio,
    target,
    ok: target === null ? null : ratio <= target,
    median: median(of),
    spread: spread(all),
    against,
  };
}

/** A row of one number that was measured or counted once. */
export function single(
  name: string,
  value: number,
  against: string,
  reference: number,
  target: number | null,
): Row {
  return compare(name, [value], against, [reference], target);
}

export interface Results {
  environment: Record<string, string | number>;
  rows: Row[];
}

/** The machine, and the versions of what runs on it. */
export async function environmentOf(chromium: string, isQuick: boolean): Promise<Results['environment']> {
  const packages = [
    '@axa-fr/oidc-client-service-worker',
    '@esri/arcgis-rest-request',
    'workbox-routing',
    'oauth4webapi',
    'comlink',
    'idb',
    'vite',
  ];
  const versions = await Promise.all(packages.map(async (name) => [name, await versionOf(name)] as const));
  return {
    run: isQuick ? 'quick' : 'full',
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1024 / 1024),
    os: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    chromium,
    ...Object.fromEntries(versions),
  };
}

/** Writes the results as JSON. */
export async function write(results: Results): Promise<void> {
  await writeFile('bench/results.json', `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The results as a Markdown table. */
export function table({ environment, rows }: Results): string {
  const lines = Object.entries(environment).map(([name, value]) => `${name}: ${value}`);
  const cells = rows.map((row) => [
    row.name,
    row.against,
    row.ratio.toFixed(2),
    `${row.spread[0].toFixed(2)}–${row.spread[1].toFixed(2)}`,
    row.target === null ? '' : `≤ ${row.target}`,
    row.ok === null ? '' : row.ok ? 'yes' : 'NO',
    row.median >= 100 ? row.median.toFixed(0) : row.median.toFixed(2),
  ]);
  const all = [['work', 'against', 'ratio', 'spread', 'target', 'ok', 'median'], ...cells];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const isText = (column: number): boolean => column < 2 || column === 5;
  const text = (line: string[]): string =>
    `| ${line.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [lines.join('\n'), '', text(all[0] ?? []), rule, ...cells.map(text)].join('\n');
}
