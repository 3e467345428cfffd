import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { injectKeys } from './inject-keys.js';

const keys = ['current', 'older'];
const injection = { keys, scope: '/' };
const injected = injectKeys('', injection);

/** The globals that the injected line reads. */
const worker = (scope: string): Record<string, unknown> => ({
  registration: { scope: `https://app.example${scope}`, unregister: vi.fn() },
  location: { origin: 'https://app.example' },
});

/** Runs a classic script as a worker would, and returns what it reports. */
const run = (script: string): unknown => {
  const self: Record<string, unknown> = worker('/');
  runInNewContext(injectKeys(script, injection), { self, URL });
  return self['seen'];
};

/** What a script reports: the keys, and whether it is strict. */
const report = 'self.seen = [self.__identityWorkerKeys, (function () { return this === undefined; })()]';

test('the keys are the first line, and the query is there where the server names it', () => {
  expect(injected).toMatch(/^self\.__identityWorkerKeys=\["current","older"\];\nif\(/);
  expect(injectKeys('', { ...injection, query: 'a="b' })).toContain(
    '\nself.__identityWorkerQuery="a=\\"b";if(',
  );
});

test.each(['/signed-in.html', '/?x', '/app/', '/./app', '//'])(
  'a script for / does not start under %s, and its registration goes',
  (scope) => {
    const self = worker(scope);
    expect(() => runInNewContext(injectKeys('self.started = true', injection), { self, URL })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'worker-scope-mismatch' }),
    );
    expect(self['started']).toBeUndefined();
    expect((self['registration'] as { unregister: unknown }).unregister).toHaveBeenCalledTimes(1);
  },
);

test.each([
  ['/app/', '/app/'],
  ['/app', '/app'],
  ['/?x', '/?x'],
])('a script for %s starts there', (only, scope) => {
  const self = worker(scope);
  runInNewContext(injectKeys('self.started = true', { keys, scope: only }), { self, URL });
  expect(self['started']).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a statement', 'self.a = 1;'],
  ['a function', '(()=>{})()'],
  ['an import', "import { a } from './a.js';\na();"],
  ['a comment', '/* © A */ self.a = 1'],
  ['a strict function', '(function(){"use strict"})()'],
  ['a string that is used', '"use strict".length'],
  ['a string that is used in the next line', '"use strict"\n  .length'],
  ['another string', '"use sloppy"; self.a = 1'],
  ['an escaped string', String.raw`"use\x20strict"; self.a = 1`],
  ['a string behind a statement', 'self.a = 1; "use strict"'],
  ['a comment with the string', '// "use strict"\nself.a = 1'],
  ['a comment without an end', '/* "use strict"; '],
  ['an older end of a comment', '--> comment\nself.a = 1'],
])('in front of %s, unchanged', (_, script) => {
  expect(injectKeys(script, injection)).toBe(injected + script);
});

test.each([
  ['at once', '"use strict";'],
  ['in single quotes', "'use strict';"],
  ['without a semicolon', '"use strict"\n'],
  ['without a semicolon, in front of a negation', '"use strict"\n!0;'],
  ['behind comments', '/*! library */ // "use sloppy"\n\n  "use strict" /* yes */;'],
  ['behind another string', "'use client';'use strict';"],
  [
    'behind another string with escapes',
    String.raw`'it\'s \
me'
'use strict';`,
  ],
])('a strict script stays strict: %s', (_, start) => {
  expect(run(`${start}${report}`)).toEqual([keys, true]);
  expect(injectKeys(start, injection)).toBe(`"use strict";${injected}${start}`);
});

test.each([
  ['none', ''],
  ['one that is used', '"use strict".length;'],
  ['one that goes on in the next line', '"use strict"\n+ 1;'],
  ['one that is called', '"use strict"\n,(0);'],
])('a sloppy script stays sloppy: %s', (_, start) => {
  expect(run(`${start}${report}`)).toEqual([keys, false]);
});

test.each([
  ['a byte order mark', '\u{FEFF}'],
  ['a hashbang', '#!/usr/bin/env node\n'],
  ['a hashbang with two characters at its end', '#!/usr/bin/env node\r\n'],
  ['both', '\u{FEFF}#!/usr/bin/env node\n'],
])('%s breaks nothing', (_, start) => {
  expect(run(`${start}'use strict';${report}`)).toEqual([keys, true]);
  expect(run(`${start}${report}`)).toEqual([keys, false]);
});

test('the end of the script stays where it was, and a large one takes no time', () => {
  const script = `/*${' *'.repeat(2_000_000)}*/\n${' '.repeat(2_000_000)}"use strict";\n//# sourceMappingURL=worker.js.map`;
  expect(injectKeys(script, injection)).toBe(`"use strict";${injected}${script}`);
});
