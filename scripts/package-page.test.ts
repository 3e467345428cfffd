/** What a registry shows of the packages: their README.md, whose relative links it leads to the repository that package.json names. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from '../docs/.vitepress/repository-links.js';
import { anchorsOf } from './docs/links.js';

interface Manifest {
  homepage: string;
  bugs: { url: string };
  repository: { type: string; url: string; directory?: string };
  publishConfig: unknown;
}

/** Addresses where the repository's files are, up to their paths. */
const fileAddress = new RegExp(
  `^(?:${repository}/(?:blob|tree)/main|${repository.replace('github.com', 'raw.githubusercontent.com')}/main)/`,
);

/**
 * What is wrong with a link.
 *
 * @param directory - Folder of the package: relative links begin there.
 */
function fault(href: string, directory: string, readme: string): string | undefined {
  if (/^[a-z]+:/.test(href) && !href.startsWith(repository) && !fileAddress.test(href)) return undefined;
  const [path = '', anchor] = href
    .replace(fileAddress, `${relative(directory, '.') || '.'}/`)
    .replace(repository, relative(directory, '.') || '.')
    .split('#');
  const file = path === '' ? readme : join(directory, path);
  if (file.startsWith('..') || !existsSync(file)) return `${href}: the repository has no such file`;
  const page = file.endsWith('.md') ? file : join(file, 'README.md');
  return anchor === undefined || anchorsOf(page).includes(anchor) ? undefined : `${href}: no such heading`;
}

describe.each([
  ['identity-worker', '.'],
  ['identity-worker-testing', 'testing'],
])('%s', (_, directory) => {
  const readme = join(directory, 'README.md');
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  const links = [
    ...readFileSync(readme, 'utf8')
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/(?<isPicture>!?)\[[^\]]*\]\((?<href>[^()\s]+)\)/g),
  ].map(({ groups = {} }) => ({ href: groups['href'] ?? '', isPicture: groups['isPicture'] === '!' }));

  test('names its folder of the repository, and is published with provenance', () => {
    expect(manifest.repository).toEqual({
      type: 'git',
      url: `git+${repository}.git`,
      ...(directory === '.' ? {} : { directory }),
    });
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  test('has links that lead to files and headings of the repository, from its page too', () => {
    const hrefs = [...links.map(({ href }) => href), manifest.homepage.replace(/#readme$/, '/')];
    expect(hrefs.flatMap((href) => fault(href, directory, readme) ?? [])).toEqual([]);
  });

  test('has pictures with addresses, which every page of the package can show', () => {
    expect(links.filter(({ href, isPicture }) => isPicture && !fileAddress.test(href))).toEqual([]);
  });

  test.each([
    'docs/none.md',
    '../docs/none.md',
    '../../outside.md',
    `${repository}/blob/main/none.md`,
    `${repository}/blob/main/docs/limits.md#none`,
    '#none',
  ])('the check finds a dead link: %s', (href) => {
    expect(fault(href, directory, readme)).toContain(href);
  });
});

test('the job that publishes may sign where the packages come from', () => {
  const workflow = readFileSync('.github/workflows/release.yml', 'utf8');
  expect(workflow).toContain('id-token: write');
  expect(workflow).toContain("NPM_CONFIG_PROVENANCE: 'true'");
});

test('the release finds both packages: changesets looks for them in the workspaces alone', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  const { workspaces } = read('package.json') as { workspaces: readonly string[] };
  const { fixed } = read('.changeset/config.json') as { fixed: readonly (readonly string[])[] };
  const names = workspaces
    .filter((folder) => !folder.includes('*'))
    .map((folder) => (read(join(folder, 'package.json')) as { name: string }).name);
  expect(fixed.flat().filter((name) => !names.includes(name))).toEqual([]);
});
