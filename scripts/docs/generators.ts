/** What can be generated into a page, by the name in its marker. */
import { readFileSync } from 'node:fs';
import { budgets } from '../budgets.js';
import { unitProofs } from '../../e2e/support/unit-proofs.js';
import { mutationTable } from '../mutations/last-run.js';
import { badgeLine } from './badges.js';
import { decisionIndex } from './decisions.js';
import { asList, byClass, byCode, byStatus } from './entries.js';
import type { Generator } from './page.js';
import { clientReasons, dialogTexts, identityErrors, serverErrors, serverRefusals } from './sources.js';
import { listOf, taggedTests, type Proof } from './tests.js';

/** All tests that carry a tag: browser tests first. */
export const allProofs = (): readonly Proof[] => [...taggedTests(), ...unitProofs];

/** @param proofs - The tests that the lists of the pages are made of. */
export const generatorsFor = (proofs: readonly Proof[]): Readonly<Record<string, Generator>> => ({
  tests: (tag, page) =>
    listOf(
      proofs.filter((proof) => `@${proof.tag}` === tag),
      page,
    ),
  errors: () => byClass(identityErrors()),
  'server-errors': () => byCode(serverErrors()),
  'server-refusals': async () => byStatus(await serverRefusals()),
  'client-reasons': () => byCode(clientReasons()),
  'dialog-texts': () => asList(dialogTexts()),
  badges: badgeLine,
  decisions: decisionIndex,
  mutations: mutationTable,
  'client-versions': () => {
    const { dependencies } = JSON.parse(readFileSync('e2e/clients/package.json', 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    return [
      '| package | version |',
      '| --- | --- |',
      ...Object.entries(dependencies)
        .filter(([name]) => !name.startsWith('@types/'))
        .map(([name, version]) => `| \`${name}\` | ${version.replace(/^npm:.*@/, '')} |`),
    ].join('\n');
  },
  sizes: () =>
    [
      '| file | at most, after brotli |',
      '| --- | ---: |',
      ...Object.entries(budgets).map(([file, bytes]) => `| \`${file}\` | ${(bytes / 1000).toFixed(1)} kB |`),
    ].join('\n'),
});
