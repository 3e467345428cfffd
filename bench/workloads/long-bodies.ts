/** Long bodies: streamed JSON, streamed bytes, an upload. */
import { compare, type Row } from '../report.js';
import type { ContenderName, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { distinctUrl, inRounds, label, MEGABYTE, samplesOf, overview, type Samples } from './rounds.js';

/** The time that a throughput of 0.97 takes. */
const THROUGHPUT_TARGET = 1.03;

export async function json(testbed: Testbed, { json: { mb, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = [
    'none-query',
    'pass-through',
    'rebuild',
    'ours',
    'axa',
    'rest-js',
    'wrapper',
  ];
  const first: Samples = new Map(names.map((name) => [name, []]));
  const all = await inRounds(testbed, names, { rounds, roundsMs }, async (contender) => {
    const { firstMs, allMs } = await contender.call(
      'big',
      distinctUrl(`${testbed.dataUrl}/json/${mb}`),
      mb * MEGABYTE,
    );
    first.get(contender.name)?.push(firstMs);
    return allMs;
  });
  for (const values of first.values()) values.shift();
  const toFirst = `${mb} MB JSON, first byte [ms]`;
  const toLast = `${mb} MB JSON, last byte [ms]`;
  return [
    compare(
      `${toFirst}: signed`,
      samplesOf(first, 'ours'),
      label('pass-through'),
      samplesOf(first, 'pass-through'),
      1.05,
    ),
    compare(`${toFirst}: signed`, samplesOf(first, 'ours'), label('axa'), samplesOf(first, 'axa'), 1),
    compare(
      `${toLast}: signed`,
      samplesOf(all, 'ours'),
      label('pass-through'),
      samplesOf(all, 'pass-through'),
      THROUGHPUT_TARGET,
    ),
    compare(`${toLast}: signed`, samplesOf(all, 'ours'), label('axa'), samplesOf(all, 'axa'), 1),
    ...overview(toFirst, first, 'none-query'),
    ...overview(toLast, all, 'none-query'),
  ];
}

export async function binary(
  testbed: Testbed,
  { binary: { mb, rounds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const names: ContenderName[] = ['none-query', 'pass-through', 'rebuild', 'ours', 'axa'];
  const samples = await inRounds(testbed, names, { rounds, roundsMs }, async (contender) => {
    return (await contender.call('big', distinctUrl(`${testbed.dataUrl}/binary/${mb}`), mb * MEGABYTE)).allMs;
  });
  const work = `${mb} MB binary, last byte [ms]`;
  return [
    compare(
      `${work}: signed`,
      samplesOf(samples, 'ours'),
      label('pass-through'),
      samplesOf(samples, 'pass-through'),
      THROUGHPUT_TARGET,
    ),
    compare(`${work}: signed`, samplesOf(samples, 'ours'), label('axa'), samplesOf(samples, 'axa'), 1),
    ...overview(work, samples, 'none-query'),
  ];
}

export async function upload(
  testbed: Testbed,
  { upload: { mb, rounds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const names: ContenderName[] = ['none-query', 'pass-through', 'ours', 'axa', 'rest-js'];
  const samples = await inRounds(testbed, names, { rounds, roundsMs }, (contender) =>
    contender.call('upload', distinctUrl(`${testbed.dataUrl}/upload/0`), mb * MEGABYTE),
  );
  const work = `${mb} MB upload [ms]`;
  return [
    compare(`${work}: signed`, samplesOf(samples, 'ours'), label('axa'), samplesOf(samples, 'axa'), 1),
    compare(
      `${work}: signed`,
      samplesOf(samples, 'ours'),
      label('pass-through'),
      samplesOf(samples, 'pass-through'),
    ),
    ...overview(work, samples, 'none-query'),
  ];
}
