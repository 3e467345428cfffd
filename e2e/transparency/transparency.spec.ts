/** Every row of the table: the same action with the worker and with a token of the page’s own, compared field by field. */
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { differences, matches, valueAt } from './observation.js';
import type { Observation } from './observation.js';
import { observe } from './observe.js';
import { reasons } from './reasons.js';
import { rows } from './rows/index.js';
import { test } from './stage.js';

for (const [index, row] of rows.entries()) {
  test(row.name, async ({ stage }) => {
    const manual = await observe(stage, row, index, 'manual');
    const signed = await observe(stage, row, index, 'worker');
    const { log } = stage.portal;
    const isSigned = log.requests().some(({ user }) => user === 'ana');
    const toForeign = log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets);
    expect(toForeign, 'what other servers were sent').toEqual([]);
    expect(log.leaks(JSON.stringify(signed)), 'what the page was shown').toEqual([]);

    const { expectedDifferences = {}, summary = (seen: unknown) => seen } = row;
    const compared = { manual: summary(manual), signed: summary(signed) };
    const found = differences(compared.manual, compared.signed);
    const declared = Object.keys(expectedDifferences);
    const undeclared = found.filter((path) => !declared.some((pattern) => matches(pattern, path)));
    const shown = (path: string): string[] =>
      [compared.manual, compared.signed].map((seen) => JSON.stringify(valueAt(seen, path)));
    expect(
      Object.fromEntries(undeclared.map((path) => [path, shown(path)])),
      'differs with and without the worker',
    ).toEqual({});
    expect(
      declared.filter((pattern) => !found.some((path) => matches(pattern, path))),
      'is declared to differ and does not',
    ).toEqual([]);

    // No row passes by itself: the worker signed, and without a token the action ends otherwise.
    if (row.unsecured !== undefined) return;
    expect(isSigned, 'signed by the worker').toBe(!('portal.*.user' in expectedDifferences));
    const anonymous = await observe(stage, row, index, 'anonymous');
    expect(outcome(anonymous), 'without a token').not.toEqual(outcome(manual));
  });
}

test('every difference is explained in docs/limits.md', () => {
  const limits = readFileSync('docs/limits.md', 'utf8');
  for (const reason of Object.values(reasons)) expect(limits).toContain(`\n### ${reason}\n`);
});

/** What page and portal made of it. */
const outcome = ({ page, portal }: Observation): unknown => [page, portal.map(({ status }) => status)];
