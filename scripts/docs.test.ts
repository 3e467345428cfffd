/** The snippets of the documentation are the tested files they name, word for word; the table of errors is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes, identityError } from '../protocol/errors.js';

const pages = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));

/** A snippet: the comment before it names the file that a test runs. */
const snippet = /(?:<!-- (\S+) -->\s+)?^```(ts|js|html)\n([\s\S]*?)^```$/gm;

const snippets = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(snippet)].map(([, file, language, code = '']) => ({
    page,
    file,
    language,
    code,
  })),
);

test.each(snippets)('$page: the $language snippet of $file', ({ file, code }) => {
  expect(file, 'a comment in front of the snippet names its file').toBeDefined();
  expect(readFileSync(file ?? '', 'utf8')).toContain(code);
});

const exampleFacts = {
  origin: 'https://gis.example.org',
  field: 'url',
  path: '/worker.js',
  scope: '/',
  oauthError: 'invalid_grant',
  status: 404,
  mimeType: 'text/html',
  pageVersion: 2,
  workerVersion: 1,
};

test('docs/errors.md lists every code with its message', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  for (const code of errorCodes) {
    const { name, message } = identityError(code, exampleFacts);
    expect(text).toContain(`| \`${code}\` | ${name} | ${message} |`);
  }
});
