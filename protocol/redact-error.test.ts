/** What an unexpected error tells: enough to report it, nothing of what its text or its callers hold. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { ScriptTarget, transpileModule } from 'typescript';
import { describe, expect, test } from 'vitest';
import { redactError } from './redact-error.js';

const script = 'https://app.example/identity-worker.js';

/** An error as it comes out of an engine. */
const thrown = (stack: string, message: string, name = 'TypeError'): unknown => ({ name, message, stack });

const v8 = (message: string, ...frames: string[]): unknown =>
  thrown([`TypeError: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n'), message);

const gecko = (message: string, ...frames: string[]): unknown => thrown(frames.join('\n'), message);

/** The module as a classic script: without types, exports and its one import. */
const asScript = (source: string): string =>
  `const isRecord = (value) => typeof value === 'object' && value !== null;
  ${transpileModule(source.replace(/^import .*$/m, '').replaceAll('export ', ''), { compilerOptions: { target: ScriptTarget.ESNext } }).outputText}`;

describe('tells where it arose', () => {
  test.each([
    [
      'V8',
      v8(
        'x is undefined',
        `attachToken (${script}:1:2345)`,
        `async IdentityWorker.#answer (${script}:1:99)`,
        `new Portal (${script}:2:1)`,
        `Object.list [as state] (${script}:2:7)`,
        `${script}:3:1`,
        `async ${script}:3:2`,
      ),
      'identity-worker.js:1:2345, identity-worker.js:1:99, identity-worker.js:2:1, identity-worker.js:2:7, ' +
        'identity-worker.js:3:1, identity-worker.js:3:2',
    ],
    ['V8, without a text', v8('', `attachToken (${script}:1:2345)`), 'identity-worker.js:1:2345'],
    [
      'Gecko and WebKit',
      gecko(
        'x is undefined',
        `attachToken@${script}:1:2345`,
        `async*answer/<@${script}:1:99`,
        `@${script}:3:1`,
        '[native code]',
        `module code@${script}:4:1`,
      ),
      'identity-worker.js:1:2345, identity-worker.js:1:99, identity-worker.js:3:1, identity-worker.js:4:1',
    ],
  ])('%s', (_, error, stack) => {
    expect(redactError(error, script)).toEqual({ name: 'TypeError', stack });
  });

  test('of a real error', () => {
    const error: unknown = runInNewContext(
      `function attachToken(request) { return request.url; }
      let caught;
      try { attachToken(); } catch (error) { caught = error; }
      caught`,
      {},
      { filename: `${script}?client-id=secret` },
    );
    expect(redactError(error, script)).toEqual({
      name: 'TypeError',
      stack: 'identity-worker.js:1:48, identity-worker.js:3:13',
    });
  });

  test('in the script that this function is in, unless another is named', () => {
    const source = asScript(readFileSync('protocol/redact-error.ts', 'utf8'));
    const name = runInNewContext(
      `${source}
      function attachToken(request) { return request.url; }
      let told;
      try { attachToken(); } catch (error) { told = JSON.stringify(redactError(error)); }
      told`,
      {},
      { filename: script },
    ) as string;
    expect(JSON.parse(name)).toMatchObject({
      stack: expect.stringMatching(/^identity-worker\.js:\d+:\d+, identity-worker\.js:/),
    });
  });

  test('without the query of our script', () => {
    const error = v8('x', `answer (${script}?client-id=secret&portal=secret:1:2)`);
    expect(redactError(error, script)).toEqual({
      name: 'TypeError',
      stack: 'identity-worker.js:1:2',
    });
  });

  test('the innermost frames alone', () => {
    const frames = Array.from({ length: 50 }, (_, index) => `f${index} (${script}:1:${index + 1})`);
    const { stack = '' } = redactError(v8('deep', ...frames), script);
    expect(stack.split(', ')).toHaveLength(10);
    expect(stack).toMatch(/^identity-worker\.js:1:1,/);
  });
});

describe('keeps back', () => {
  const secret = 'sEcReT-0123456789';
  const ours = `answer (${script}:1:2)`;

  test.each<[string, unknown, string?]>([
    ['the message', v8(`token ${secret}`, ours)],
    ['a message of several lines', v8(`{"access_token":\n"${secret}"}\n${secret}`, ours)],
    ['a frame in the message', v8(`\n    at ${secret} (${script}:1:2)`, ours)],
    [
      'a frame in a message that has been changed since',
      thrown(`Error: x\n    at sEcReT (${script}:1:2)\n    at ${ours}`, 'other'),
    ],
    ['a frame in the message, without any real one', v8(`\n    at ${secret} (${script}:1:2)`)],
    [
      'a frame in the message with a long number',
      v8(`\n    at f (${script}:1234567890:1)`, ours),
      '1234567890',
    ],
    ['a frame in the message, in Gecko', gecko(`${secret}@${script}:1:2`, `answer@${script}:1:2`)],
    [
      'the address of a page',
      v8('x', `https://app.example/signed-in.html?code=${secret}&state=${secret}:1:2`),
    ],
    ['the address of a page, in Gecko', gecko('x', `@https://app.example/?code=${secret}:1:2`)],
    ['the path of another script', v8('x', `f (https://app.example/${secret}/app.js:1:2)`)],
    ['the file name of another script', v8('x', `f (https://app.example/${secret}.js:1:2)`)],
    ['the function name of another script', v8('x', `${secret} (https://app.example/app.js:1:2)`)],
    [
      'a script of our name on another origin',
      v8('x', `${secret} (https://cdn.example/identity-worker.js:1:2)`),
    ],
    ['the address of a blob', v8('x', `f (blob:https://app.example/${secret}:1:2)`)],
    ['evaluated text', v8('x', `eval (eval at ${secret} (${script}:1:2), <anonymous>:1:1)`)],
    ['evaluated text, in Gecko', gecko('x', `${secret}@${script} line 5 > eval:1:2`)],
    ['a query and a fragment', v8('x', `f (${script}?token=${secret}#${secret}:1:2)`)],
    ['a function name with blanks', v8('x', `Object.${secret} with blanks (${script}:1:2)`)],
    ['a function name of any length', v8('x', `${secret}${'x'.repeat(100)} (${script}:1:2)`)],
    ['a name that is none', thrown(`${secret}\n    at ${ours}`, '', secret)],
    ['a string that was thrown', secret],
    ['a stack that is no text', thrown([secret] as unknown as string, secret)],
  ])('%s', (_, error, kept = 'sEcReT') => {
    const told = JSON.stringify(redactError(error, script));
    expect(told).not.toContain(kept);
    expect(told).not.toContain('?');
  });

  test('what is not ours, but tells what is', () => {
    const error = v8('x', 'f (https://app.example/app.js:1:2)', ours, 'Array.map (<anonymous>)');
    expect(redactError(error, script)).toEqual({
      name: 'TypeError',
      stack: 'identity-worker.js:1:2',
    });
  });
});

test.each([
  [undefined, 'undefined'],
  [null, 'object'],
  [7, 'number'],
  ['text', 'string'],
  [{}, 'Error'],
  [new DOMException('secret', 'QuotaExceededError'), 'QuotaExceededError'],
  [{ name: 'https://evil.example/Error' }, 'Error'],
])('%o is named %s', (error, name) => {
  expect(redactError(error, script)).toEqual({ name });
});

test('where the engine tells of no script, only the name is told', () => {
  expect(redactError(v8('x', `answer (${script}:1:2)`), ' ')).toEqual({ name: 'TypeError' });
});
