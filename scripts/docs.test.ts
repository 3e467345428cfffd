/** The snippets of the documentation are the tested files they name, word for word; the tables of errors are complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ServerConfigurationError, serverConfigurationErrorCodes } from '../server/errors.js';
import { refusal, refusalCodes } from '../server/refusal.js';
import { controlMessage, controlReasons } from '../client/control.js';
import { errorCodes, identityError, addErrorMessages } from '../protocol/errors.js';
import { errorMessages } from '../protocol/error-messages.js';

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
  addErrorMessages(errorMessages);
  const text = readFileSync('docs/errors.md', 'utf8');
  for (const code of errorCodes) {
    const { name, message } = identityError(code, exampleFacts);
    expect(text).toContain(`| \`${code}\` | ${name} | ${message} |`);
  }
});

test('docs/limits.md lists every reason of control()', () => {
  const text = readFileSync('docs/limits.md', 'utf8').replace(/ {2,}/g, ' ');
  for (const reason of controlReasons)
    expect(text).toContain(`| \`${reason}\` | ${controlMessage(reason, exampleFacts.scope)} |`);
});

test('docs/server.md lists every error and every refusal', async () => {
  const text = readFileSync('docs/server.md', 'utf8').replace(/ {2,}/g, ' ');
  for (const code of serverConfigurationErrorCodes)
    expect(text).toContain(`| \`${code}\` | ${new ServerConfigurationError(code).message} |`);
  for (const code of refusalCodes) {
    const answer = refusal(code);
    expect(text).toContain(`| \`${code}\` | ${answer.status} | ${(await answer.text()).trim()} |`);
  }
});

/** A title of a test as its source has it; the values that it runs with are left out. */
const titled = /(['`])((?:\\.|(?!\1)[^\\])+)\1,\s*(?:async\b|\()/g;
const withoutValues = (title: string): string =>
  title.replace(/\$\{[^}]*\}|%[sjd]|\$\w+/g, '…').replace(/\\(['`])/g, '$1');

const fieldCases = readFileSync('docs/field-cases.md', 'utf8');
const proofs = ['docs/field-cases.md', 'docs/threat-model.md'].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+)`: “([^”]+)”/g)].map(([, file = '', title = '']) => ({
    page,
    file,
    title,
  })),
);

test.each(proofs)('$page: $file has “$title”', ({ file, title }) => {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.md')) expect(text).toContain(`| ${title}`);
  else expect([...text.matchAll(titled)].map(([, , found = '']) => withoutValues(found))).toContain(title);
});

test('docs/threat-model.md names an attack on every rule', () => {
  const rules = readFileSync('docs/threat-model.md', 'utf8').matchAll(/^\| (S\d+) +\|.*“[^”]+”/gm);
  expect([...rules].map(([, rule]) => rule)).toEqual(
    Array.from({ length: 12 }, (_, index) => `S${index + 1}`),
  );
});

test('docs/field-cases.md proves every case', () => {
  const cases = fieldCases.split('\n').filter((line) => /^\| [A-Z]\d+ /.test(line));
  expect(cases.length).toBeGreaterThan(30);
  for (const line of cases) expect(line).toMatch(/`[\w./-]+`: “[^”]+”/);
});
