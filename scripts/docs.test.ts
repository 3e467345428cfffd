/** The snippets of the documentation are the tested files they name, word for word; the tables of errors are complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BrokerError, brokerErrorCodes } from '../broker/errors.js';
import { refusal, refusalCodes } from '../broker/refusal.js';
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

test('docs/errors.md lists every code with its message', { tags: ['@G20'] }, () => {
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

test('docs/broker.md lists every error and every refusal', async () => {
  const text = readFileSync('docs/broker.md', 'utf8').replace(/ {2,}/g, ' ');
  for (const code of brokerErrorCodes)
    expect(text).toContain(`| \`${code}\` | ${new BrokerError(code).message} |`);
  for (const code of refusalCodes) {
    const answer = refusal(code);
    expect(text).toContain(`| \`${code}\` | ${answer.status} | ${(await answer.text()).trim()} |`);
  }
});

/** Tags of a test: ids of the cases and rules that it proves, in Playwright's option `tag` and Vitest's `tags`. */
const tagged = /\btags?: \[([^\]]*)\]/g;
const provenIds = new Set(
  ['e2e', 'sw', 'client', 'protocol', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(spec|test)\.ts$/.test(name))
      .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(tagged)])
      .flatMap(([, tags = '']) => [...tags.matchAll(/@([A-Z]\d+)/g)].map(([, id = '']) => id)),
  ),
);

/** A row of a table that begins with an id. What a test cannot prove is a line of docs/limits.md alone. */
const rows = ['docs/field-cases.md', 'docs/threat-model.md'].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^\| ([A-Z]\d+)\b.*/gm)].map(([row, id = '']) => ({
    page,
    id,
    isLimit: /\| `docs\/limits\.md`: “[^”]*” *\|$/.test(row),
  })),
);

test('the tables of cases and rules are found', () => {
  expect(rows.length).toBeGreaterThan(80);
});

test.each(rows.filter(({ isLimit }) => !isLimit))('$page: a test has the tag @$id', ({ id }) => {
  expect(provenIds).toContain(id);
});
