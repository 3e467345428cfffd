/** What the site's build refuses, and what its pictures have to be. The site itself is tested in e2e/docs/. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createMarkdownRenderer } from 'vitepress';
import { describe, expect, test } from 'vitest';
import { checkAnchors } from '../docs/.vitepress/anchors.js';
import { guides } from '../docs/.vitepress/navigation.js';
import { repository, repositoryLinks } from '../docs/.vitepress/repository-links.js';

describe('a link to a heading', () => {
  const check = (pages: Readonly<Record<string, string>>, base = '/') => {
    const folder = mkdtempSync(join(tmpdir(), 'site-'));
    try {
      for (const [name, html] of Object.entries(pages)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), html);
      }
      checkAnchors(folder, base);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const heading = '<h2 id="here" tabindex="-1">Here</h2>';

  test.each([
    ['of the same page', { 'a.html': `${heading}<a href="#here">` }, '/'],
    ['of another page', { 'a.html': '<a class="x" href="/b.html#here">', 'b.html': heading }, '/'],
    ['of a page beside it', { 'x/a.html': '<a href="./../b.html#here">', 'b.html': heading }, '/'],
    ['of another site', { 'a.html': '<a href="https://example.org/b#there">' }, '/'],
    ['of a folder', { 'a.html': '<a href="/b/#here">', 'b/index.html': heading }, '/'],
    ['below a base', { 'a.html': '<a href="/docs/b.html#here">', 'b.html': heading }, '/docs/'],
  ])('%s is good', (_, pages, base) => {
    expect(() => check(pages, base)).not.toThrow();
  });

  test.each([
    ['that the same page does not have', { 'a.html': '<a href="#there">' }],
    ['that another page does not have', { 'a.html': '<a href="/b.html#there">', 'b.html': heading }],
    ['that a page beside it does not have', { 'a.html': '<a href="./b.html#there">', 'b.html': heading }],
    ['of a page that does not exist', { 'a.html': `${heading}<a href="/b.html#here">` }],
  ])('%s fails the build', (_, pages) => {
    expect(() => check(pages)).toThrow('a.html: ');
  });
});

describe('a link of a page', async () => {
  const markdown = await createMarkdownRenderer('docs', { config: (it) => void it.use(repositoryLinks) });
  const render = (href: string) =>
    markdown.render(`[x](${href})`, { path: resolve('docs/decisions/x.md'), relativePath: 'decisions/x.md' });

  test.each([
    ['../../README.md', `href="${repository}/blob/main/README.md"`],
    ['../../sw/request/match-request.ts', `href="${repository}/blob/main/sw/request/match-request.ts"`],
    ['../../e2e/engines/', `href="${repository}/tree/main/e2e/engines"`],
    ['../../README.md#limits', `href="${repository}/blob/main/README.md#limits"`],
    ['../limits.md#websocket', 'href="./../limits.html#websocket"'],
    ['README.md', 'href="./"'],
    ['https://example.org/a.md', 'href="https://example.org/a.md"'],
  ])('%s becomes %s', (href, expected) => {
    expect(render(href)).toContain(expected);
  });

  test('to a file that does not exist fails the build', () => {
    expect(() => render('../../sw/none.ts')).toThrow('leads to no file');
  });
});

test('the navigation of the guides leads to every page', () => {
  const led = guides.flatMap(({ items = [] }) => items.map(({ link }) => link));
  const pages = readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `/${name.replace(/\.md$/, '').replace(/^index$/, '')}`);
  expect(pages.filter((page) => !led.includes(page))).toEqual([]);
});

const pictures = readdirSync('docs/images').map((name) => join('docs/images', name));

test.each(pictures)('%s is small, and drawings say what they show', (path) => {
  expect(statSync(path).size).toBeLessThan(60_000);
  if (!path.endsWith('.svg')) return;
  const text = readFileSync(path, 'utf8');
  for (const part of [
    /<title id="title">[^<]+</,
    /<desc id="description">[^<]+</,
    /prefers-color-scheme: dark/,
  ])
    expect(text).toMatch(part);
});
