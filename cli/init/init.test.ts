/** `init` in real folders: projects of many kinds, and strange ones. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../command.js';
import { writeAll } from './files.js';
import { runInit } from './index.js';
import { terminalOf, type Terminal } from './terminal.js';
import { UNDO_FOLDER } from './undo.js';

type Files = Readonly<Record<string, string>>;

let base: string;
let folder: string;

/** The ready files of a package. */
const ready = {
  'identity-worker.js': 'worker();\n',
  'identity-client.js': 'client();\n',
  'identity-client/sign-in.js': 'signIn();\n',
  'identity-client/languages/de.js': 'de();\n',
};

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'identity-worker-init-'));
  folder = join(base, 'app');
  mkdirSync(folder);
  put(ready, join(base, 'dist'));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

function put(given: Files, into = folder): void {
  for (const [name, text] of Object.entries(given)) {
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), text);
  }
}

/** All files but those that take the run back. */
function files(): Files {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => !name.startsWith(UNDO_FOLDER) && !name.startsWith('.git'))
      .filter((name) => lstatSync(join(folder, name)).isFile())
      .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')]),
  );
}

const content = (name: string): string => readFileSync(join(folder, name), 'utf8');

const portal = ['--portal', 'https://gis.example.org/portal', '--client-id', 'my-client-id'];

const noTerminal: Terminal = {
  isInteractive: false,
  ask: () => Promise.reject(new Error('There is no one to ask.')),
};

interface Outcome {
  readonly exitCode: number;
  /** What is printed, and what is complained of. */
  readonly text: string;
}

async function init(args: readonly string[], terminal = noTerminal): Promise<Outcome> {
  let text = '';
  const print = (line: string): void => void (text += `${line}\n`);
  const exitCode = await runInit(args, {
    folder,
    terminal,
    own: { version: '1.2.3', dist: join(base, 'dist') },
    print,
    complain: print,
    paint: (line) => line,
  });
  return { exitCode, text };
}

/** A terminal at which a user types. */
function typing(...answers: readonly string[]): Terminal {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...answers];
  output.on('data', (text: Buffer) => {
    if (/[:\]] $/.test(String(text))) input.write(left.shift() ?? '\x04');
  });
  return terminalOf(input, output);
}

const manifest = `{
  "name": "app",
  "type": "module",
  "scripts": {
    "dev": "vite",
    "build": "vite build"
  },
  "devDependencies": {
    "vite": "^8.3.8"
  }
}
`;

const page = '<!doctype html>\n<script type="module" src="/src/main.ts"></script>\n';

const main = "import './style.css';\n\ndocument.body.append('map');\n";

const config = `import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [],
});
`;

const app = {
  'package.json': manifest,
  'index.html': page,
  'src/main.ts': main,
  'vite.config.ts': config,
  'tsconfig.json': '{\n  "compilerOptions": { "strict": true },\n  "include": ["src"]\n}\n',
};

const call =
  "identityWorker({ portals: [{ url: 'https://gis.example.org/portal', clientId: 'my-client-id' }] })";
const importPlugin = "import { identityWorker } from 'identity-worker/vite';";

/** An example of the repository, without the parts that `init` adds. */
function example(name: string, without: Readonly<Record<string, readonly (string | RegExp)[]>>): Files {
  const root = join('examples', name);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (each) => !each.includes('node_modules') && statSync(join(root, each)).isFile(),
  );
  return Object.fromEntries(
    names.map((each) => [
      each,
      (without[each] ?? []).reduce<string>(
        (text, part) => text.replace(part, ''),
        readFileSync(join(root, each), 'utf8'),
      ),
    ]),
  );
}

const clientStart = [
  "import { IdentityManager } from 'identity-worker';\n",
  "import { type, worker } from 'virtual:identity-worker';\n\n",
  'const identity = IdentityManager.instance({ worker, type });\n',
  'await identity.ready; // from here on every request to the portal is signed\n\n',
];

/** Code without the differences that have no meaning: space, order of imports, commas. */
const same = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.startsWith('import'))
    .sort()
    .concat(text.split('\n').filter((line) => !line.startsWith('import')))
    .join('')
    .replace(/\s|,(?=\s*[\])}])/g, '');

describe('Vite', () => {
  test('a project without it becomes the example, and then nothing is missing', async () => {
    put(
      example('vite', {
        'package.json': [/ {2}"dependencies": \{\n.*\n {2}\},\n/],
        'vite.config.ts': [/import .*identity-worker\/vite';\n/, /\n {4}identityWorker\(.*,\n {2}/],
        'src/main.ts': clientStart,
        'tsconfig.json': [/ {4}"types": .*\n/],
      }),
    );
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    const whole = example('vite', {});
    for (const name of ['vite.config.ts', 'src/main.ts', 'tsconfig.json'])
      expect(same(content(name)), name).toBe(same(whole[name] ?? ''));
    expect(content('package.json')).toBe(whole['package.json']?.replace('"*"', '"^1.2.3"'));
    const after = files();
    expect(await init(['--yes'])).toEqual({ exitCode: 0, text: 'Nothing is missing.\n' });
    expect(files()).toEqual(after);
  });

  test('one with vite-plugin-pwa and a worker of its own becomes the other example', async () => {
    put(
      example('vite-plugin-pwa', {
        'package.json': [/ {4}"identity-worker": .*\n/],
        'vite.config.ts': [/import .*identity-worker\/vite';\n/, / {4}identityWorker\(.*\n/],
        'src/main.ts': clientStart,
        'src/sw.ts': [
          /import .*identity-worker\/sw';\n/,
          /const portal = [^]*?listen\(\);\n\n/,
          /, \{ denylist: .*? \}/,
        ],
        'tsconfig.json': [/ {4}"types": .*\n/],
      }),
    );
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    const whole = example('vite-plugin-pwa', {});
    for (const name of ['vite.config.ts', 'src/main.ts', 'tsconfig.json'])
      expect(same(content(name)), name).toBe(same(whole[name] ?? ''));
    expect(content('package.json')).toBe(whole['package.json']?.replace('"*"', '"^1.2.3"'));
    expect(content('src/sw.ts')).toContain(`
import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';

new IdentityWorker({
  portals: [
    arcgisEnterprise({ url: 'https://gis.example.org/portal', clientId: 'my-client-id', redirectUri: 'signed-in.html' }),
  ],
}).listen();
`);
    expect(content('src/sw.ts')).toContain('{ denylist: [/\\/signed-in\\.html/] }');
    expect(await init([])).toEqual({ exitCode: 0, text: 'Nothing is missing.\n' });
  });

  test('a worker that vite-plugin-pwa generates needs portals as data', async () => {
    put({
      ...app,
      'vite.config.ts':
        "import { defineConfig } from 'vite'\nimport { VitePWA } from 'vite-plugin-pwa'\n\nexport default defineConfig({\n\tplugins: [VitePWA({ registerType: 'autoUpdate' })]\n})\n",
    });
    await init([...portal, '--yes']);
    expect(content('vite.config.ts')).toBe(
      `import { defineConfig } from 'vite'\nimport { VitePWA } from 'vite-plugin-pwa'\n${importPlugin.slice(0, -1)}\n\nexport default defineConfig({\n\tplugins: [\n\t\tVitePWA({ registerType: 'autoUpdate' }),\n\t\t${call},\n\t]\n})\n`,
    );
  });

  test('a worker of the app without vite-plugin-pwa is found', async () => {
    put({ ...app, 'src/sw.js': "self.addEventListener('push', () => {});\n" });
    await init([...portal, '--yes']);
    expect(content('vite.config.ts')).toContain("identityWorker({ worker: 'src/sw.js' })");
    expect(content('src/sw.js')).toMatch(/^import .*;\n\nnew IdentityWorker\([^]*\.listen\(\);\n\nself\.add/);
  });

  test('without a configuration one is made, in the language of the project', async () => {
    const { 'vite.config.ts': _, 'tsconfig.json': __, ...bare } = app;
    put(bare);
    await init([...portal, '--yes']);
    expect(content('vite.config.js')).toContain(`${importPlugin}\nimport { defineConfig } from 'vite';\n`);
    expect(existsSync(join(folder, 'tsconfig.json'))).toBe(false);
  });

  test('an app below Vite’s root', async () => {
    put({
      ...app,
      'vite.config.ts': "export default { root: './web' };\n",
      'web/index.html': page.replace('/src/main.ts', './start.js'),
      'web/start.js': 'run()\n',
    });
    await init([...portal, '--yes']);
    expect(content('web/start.js')).toMatch(/^import [^]*\nawait identity.ready .*\n\nrun\(\)\n$/);
    expect(content('src/main.ts')).toBe(main);
  });

  test('persistence is that of the registration, or of the plugin', async () => {
    put(app);
    await init([...portal, '--yes', '--persistence', 'memory']);
    expect(content('vite.config.ts')).toContain("clientId: 'my-client-id', persistence: 'memory' }");
    await init(['--undo', '--yes']);
    await init([...portal, '--yes', '--persistence', 'sealed']);
    expect(content('vite.config.ts')).toContain("sealing: { secrets: process.env['SEAL_SECRETS'] },");
    await init(['--undo', '--yes']);
    put({ 'src/sw.ts': 'declare const self: ServiceWorkerGlobalScope;\n' });
    await init([...portal, '--yes', '--persistence', 'sealed']);
    expect(content('src/sw.ts')).toContain("persistence: 'sealed', callback: 'worker' }");
    expect(content('vite.config.ts')).toContain("callback: 'worker',\n");
  });

  test('ArcGIS Online has a registration of its own', async () => {
    put({ ...app, 'src/sw.ts': 'skipWaiting();\n' });
    await init(['--portal', 'https://www.arcgis.com/home/item.html?id=1', '--client-id', 'abc', '--yes']);
    expect(content('src/sw.ts')).toContain("arcgisOnline({ url: 'https://www.arcgis.com', clientId: 'abc'");
  });

  test('names that a module has are not used twice', async () => {
    put({
      ...app,
      'src/main.ts': 'import { worker } from "./worker"\nexport const [type, identity] = worker();\n',
    });
    await init([...portal, '--yes']);
    expect(content('src/main.ts')).toBe(`import { worker } from "./worker"
import { IdentityManager } from "identity-worker"
import { type as workerType, worker as workerUrl } from "virtual:identity-worker"

const identityManager = IdentityManager.instance({ worker: workerUrl, type: workerType })
await identityManager.ready // from here on every request to the portal is signed

export const [type, identity] = worker();
`);
  });

  test('a client that is started somewhere stays where it is', async () => {
    put({ ...app, 'src/maps/identity.ts': "import {\n  IdentityManager,\n} from 'identity-worker';\n" });
    await init([...portal, '--yes']);
    expect(content('src/main.ts')).toBe(main);
    expect(content('vite.config.ts')).toContain(call);
  });

  test('modules that are not edited may be in any encoding', async () => {
    put(app);
    writeFileSync(join(folder, 'src/old.js'), Buffer.from('// caf\xe9\n', 'latin1'));
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
  });

  test('a comment that names the library starts no client', async () => {
    put({ ...app, 'src/later.ts': "// import { IdentityManager } from 'identity-worker';\n" });
    await init([...portal, '--yes']);
    expect(content('src/main.ts')).toContain('identity.ready');
  });

  test('a statement that begins with a bracket is no part of the line before', async () => {
    put({ ...app, 'src/main.ts': "import './style.css'\n;[1].map(String)\n" });
    await init([...portal, '--yes']);
    expect(content('src/main.ts')).toMatch(/identity\.ready \/\/ .*\n\n;\[1\]/);
    await init(['--undo', '--yes']);
    put({ 'src/main.ts': "import './style.css'\n/* */ (() => {})()\n" });
    await init([...portal, '--yes']);
    expect(content('src/main.ts')).toMatch(/identity\.ready; \/\/ /);
  });
});

describe('shapes of vite.config that are edited', () => {
  const item = `    ${call},\n`;
  test.each([
    [
      'an object alone',
      'export default {\n  base: "/sub/",\n};\n',
      `  base: "/sub/",\n  plugins: [\n${item}  ],\n};`,
    ],
    ['an empty object', 'export default {};\n', `export default {\n  plugins: [\n${item}  ],\n};`],
    [
      'satisfies',
      "import type { UserConfig } from 'vite';\nexport default {\n  plugins: [\n    a(),\n  ],\n} satisfies UserConfig;\n",
      `    a(),\n${item}  ],\n} satisfies`,
    ],
    [
      'a constant',
      "import { defineConfig } from 'vite';\nconst config = defineConfig({ plugins: [a()] });\nexport default config;\n",
      `plugins: [\n  a(),\n  ${call},\n] });`,
    ],
    [
      'a function',
      "import { defineConfig } from 'vite';\nexport default defineConfig(({ mode }) => ({\n  plugins: [\n    mode && a() // one\n  ]\n}));\n",
      `    mode && a(), // one\n    ${call}\n  ]`,
    ],
    [
      'a function with a body',
      "import { defineConfig } from 'vitest/config';\nexport default defineConfig(async () => {\n  const b = await c();\n  return {\n    plugins: [b]\n  };\n});\n",
      `plugins: [\n      b,\n      ${call},\n    ]`,
    ],
    [
      'plugins in a constant',
      'const plugins = [\n  a(), /* one\n  two */ ];\nexport default { plugins };\n',
      `  a(),\n  ${call}, /* one`,
    ],
    [
      'a spread before the plugins',
      'export default {\n  ...base,\n  plugins: [\n    ...others,\n  ],\n};\n',
      `    ...others,\n${item}  ],`,
    ],
  ])('%s', async (_name, text, expected) => {
    put({ ...app, 'vite.config.ts': text.replace(/^(?!import)/, "import { b } from 'b';\n") });
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(content('vite.config.ts')).toContain(expected);
    expect(content('vite.config.ts')).toContain(importPlugin);
    expect(await init([])).toEqual({ exitCode: 0, text: 'Nothing is missing.\n' });
  });

  test('comments at the top keep their meaning', async () => {
    put({
      ...app,
      'vite.config.ts':
        '/// <reference types="vitest/config" />\n/** @type {import("vite").UserConfig} */\nexport default { plugins: [] };\n',
    });
    await init([...portal, '--yes']);
    expect(content('vite.config.ts')).toBe(
      `/// <reference types="vitest/config" />\n${importPlugin}\n\n/** @type {import("vite").UserConfig} */\nexport default { plugins: [\n  ${call},\n] };\n`,
    );
  });
});

describe('shapes of vite.config that are left to the user', () => {
  test.each([
    ['merged', "import { mergeConfig } from 'vite';\nexport default mergeConfig(base, { plugins: [] });\n"],
    ['CommonJS', 'module.exports = { plugins: [] };\n'],
    ['a filter', 'export default { plugins: [a()].filter(Boolean) };\n'],
    ['a spread behind', 'export default { plugins: [], ...base };\n'],
    ['a spread without plugins', 'export default { ...base };\n'],
    ['a computed key', "export default { ['plug' + 'ins']: [] };\n"],
    ['two returns', 'export default () => { if (a) return { plugins: [] }; return {}; };\n'],
    ['changed later', 'export default () => { const config = { plugins: [] }; return config; };\n'],
    [
      'a function of another package',
      "import { defineConfig } from 'other';\nexport default defineConfig({ plugins: [] });\n",
    ],
    ['its name is taken', 'const identityWorker = 1;\nexport default { plugins: [] };\n'],
    ['a hole', 'export default { plugins: [, a()] };\n'],
  ])('%s', async (_name, text) => {
    put({ ...app, 'vite.config.ts': text });
    const { exitCode, text: shown } = await init([...portal, '--yes']);
    expect(exitCode).toBe(1);
    expect(content('vite.config.ts')).toBe(text);
    expect(shown).toContain('vite.config.ts is left to you');
    expect(shown).toContain(`    ${importPlugin}\n    \n    plugins: [${call}],`);
    // Everything else is there.
    expect(content('src/main.ts')).toContain('identity.ready');
    expect(await init([...portal, '--dry-run'])).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ['Vite’s root', "import { resolve } from 'path';\nexport default { root: resolve('web') };\n"],
    [
      'options of vite-plugin-pwa',
      "import { VitePWA } from 'vite-plugin-pwa';\nexport default { plugins: [VitePWA(make())] };\n",
    ],
    [
      'its strategy',
      "import { VitePWA } from 'vite-plugin-pwa';\nexport default { plugins: [VitePWA({ strategies: a ? 'generateSW' : 'injectManifest' })] };\n",
    ],
  ])('%s is computed: nothing is changed', async (_name, text) => {
    await refused(
      { ...app, 'vite.config.ts': text },
      /^vite\.config\.ts computes .* by hand: docs\/development\.md/,
    );
  });
});

/** Nothing is changed, and the message says why. */
async function refused(given: Files, message: RegExp): Promise<void> {
  put(given);
  const before = files();
  const { exitCode, text } = await init([...portal, '--yes', '--force']);
  expect(text).toMatch(message);
  expect(exitCode).toBe(1);
  expect(files()).toEqual(before);
  expect(existsSync(join(folder, UNDO_FOLDER))).toBe(false);
}

describe('types', () => {
  const types = 'identity-worker/vite/virtual';
  test('comments and trailing commas stay', async () => {
    put({
      ...app,
      'tsconfig.json':
        '{\n  // Of pages\n  "compilerOptions": {\n    "types": [\n      "vite/client", // assets\n    ],\n    /* Strict */ "strict": true,\n  },\n}\n',
    });
    await init([...portal, '--yes']);
    expect(content('tsconfig.json')).toBe(
      `{\n  // Of pages\n  "compilerOptions": {\n    "types": [\n      "vite/client", // assets\n      "${types}",\n    ],\n    /* Strict */ "strict": true,\n  },\n}\n`,
    );
  });

  test.each([
    [
      'with packages of global types',
      { 'package.json': manifest.replace('"vite":', '"@types/node": "1",\n    "vite":') },
    ],
    [
      'with a configuration that extends another',
      { 'tsconfig.json': '{ "extends": "./base.json", "compilerOptions": {} }' },
    ],
  ])('%s a list would hide theirs, so a file references ours', async (_name, changed) => {
    put({ ...app, ...changed });
    const before = content('tsconfig.json');
    await init([...portal, '--yes']);
    expect(content('tsconfig.json')).toBe(before);
    expect(content('src/identity-worker.d.ts')).toBe(`/// <reference types="${types}" />\n`);
  });

  test('the configuration of the app, where there are several', async () => {
    put({
      ...app,
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.app.json': '{ "compilerOptions": { "types": [] } }',
    });
    await init([...portal, '--yes']);
    expect(content('tsconfig.app.json')).toBe(`{ "compilerOptions": { "types": ["${types}"] } }`);
  });
});

describe('package.json', () => {
  test.each([
    [
      'tabs',
      '{\n\t"name": "app",\n\t"dependencies": {\n\t\t"a": "1",\n\t\t"z": "1"\n\t},\n\t"devDependencies": {"vite": "^8.0.0"}\n}',
      '\t\t"a": "1",\n\t\t"identity-worker": "^1.2.3",\n\t\t"z": "1"\n',
    ],
    [
      'no order',
      '{ "dependencies": { "z": "1", "a": "1", "vite": "8" } }',
      '{ "z": "1", "a": "1", "vite": "8", "identity-worker": "^1.2.3" }',
    ],
    [
      'no dependencies',
      '{ "devDependencies": { "vite": "8" } }\n',
      '{ "dependencies": { "identity-worker": "^1.2.3" }, "devDependencies"',
    ],
    [
      'empty ones',
      '{\n    "dependencies": {},\n    "devDependencies": {"vite": "8"}\n}\n',
      '    "dependencies": {\n        "identity-worker": "^1.2.3"\n    },\n',
    ],
  ])('%s', async (_name, text, expected) => {
    put({ ...app, 'package.json': text });
    await init([...portal, '--yes']);
    expect(content('package.json')).toContain(expected);
    expect(JSON.parse(content('package.json'))).toMatchObject({
      dependencies: { 'identity-worker': '^1.2.3' },
    });
  });
});

describe('a page without a bundler', () => {
  const tag =
    '<script src="identity-client.js" data-portal="https://gis.example.org/portal" data-client-id="my-client-id"></script>';

  test.each([
    [
      'a head',
      '<!doctype html>\n<html>\n  <head>\n    <title>Map</title>\n  </head>\n  <body></body>\n</html>\n',
      `    <title>Map</title>\n    ${tag}\n  </head>`,
    ],
    [
      'a script',
      '<html>\n<head>\n\t<!-- <script src="old.js"></script> -->\n\t<title><script></title>\n\t<script src="map.js"></script>\n</head>',
      `</title>\n\t${tag}\n\t<script src="map.js">`,
    ],
    ['no head', '<!DOCTYPE html>\n<title>Map</title>\n<p>Map</p>\n', `<title>Map</title>\n${tag}\n<p>`],
    ['nothing but text', '<!doctype html>\nMap\n', `<!doctype html>\n${tag}\nMap`],
    ['one line', '<html><head></head><body></body></html>', `<head>${tag}</head>`],
  ])('%s', async (_name, html, expected) => {
    put({ 'index.html': html });
    const { exitCode, text } = await init([...portal, '--yes']);
    expect(exitCode).toBe(0);
    expect(content('index.html')).toContain(expected);
    expect(text).toContain('+ new file identity-client/languages/de.js');
    expect(files()).toMatchObject(ready);
    expect(await init([])).toEqual({ exitCode: 0, text: 'Nothing is missing.\n' });
    await init(['--undo', '--yes']);
    expect(files()).toEqual({ 'index.html': html });
    expect(readdirSync(folder)).toEqual(['index.html']);
  });

  test('in the folder of a server, beside package.json', async () => {
    put({ 'package.json': '{ "dependencies": { "express": "5" } }', 'public/index.html': '<head></head>' });
    await init([...portal, '--yes', '--persistence', 'sealed']);
    expect(content('public/index.html')).toContain('data-persistence="sealed"');
    expect(content('public/identity-client/sign-in.js')).toBe('signIn();\n');
    expect(content('package.json')).toBe('{ "dependencies": { "express": "5" } }');
  });

  test('files of an older version are replaced', async () => {
    put({ 'index.html': `<head>${tag}</head>`, ...ready, 'identity-worker.js': 'old();\n' });
    const { text } = await init(['--yes']);
    expect(text).toContain('-old();\n+worker();');
    expect(content('identity-worker.js')).toBe('worker();\n');
  });

  test('what the tag says cannot leave it', async () => {
    put({ 'index.html': '<head></head>' });
    await init(['--portal', 'https://gis.example.org/a"b&c', '--client-id', 'a">&', '--yes']);
    expect(content('index.html')).toContain(
      'data-portal="https://gis.example.org/a%22b&amp;c" data-client-id="a&quot;>&amp;"',
    );
  });
});

describe('what init does not know', () => {
  test.each([
    [
      'Next.js',
      { 'package.json': '{ "dependencies": { "next": "16" } }' },
      /next, which init does not know.*docs\/start\.md/,
    ],
    [
      'SvelteKit',
      { ...app, 'package.json': manifest.replace('"vite":', '"@sveltejs/kit": "2",\n    "vite":') },
      /@sveltejs\/kit/,
    ],
    [
      'webpack',
      { 'package.json': '{ "devDependencies": { "webpack-cli": "6" } }', 'index.html': page },
      /webpack-cli/,
    ],
    [
      'a build',
      { 'package.json': '{ "scripts": { "build": "make" } }', 'index.html': '<p>' },
      /built by something/,
    ],
    ['modules that a browser cannot read', { 'index.html': page }, /begins with src\/main\.ts/],
    ['an empty folder', {}, /no app here that init knows/],
    ['a library', { 'package.json': manifest, 'vite.config.ts': config }, /there is no index\.html/],
    ['Vite without package.json', { 'index.html': page, 'vite.config.ts': config }, /no package\.json/],
  ])('%s', async (_name, given, message) => {
    await refused(given, message);
  });

  test('a version of Vite that the plugin cannot work with', async () => {
    put({
      'node_modules/vite/package.json': '{ "name": "vite", "type": "module", "exports": "./index.js" }',
    });
    put({ 'node_modules/vite/index.js': "export const version = '7.3.0';" });
    await refused(app, /Vite 7\.3\.0 is installed here, and identity-worker needs Vite 8/);
  });
});

describe('strange files', () => {
  test.each([
    ['no JSON', { 'package.json': '{ "name": }' }, /^package\.json is no JSON: .* Correct it/],
    ['no object', { 'package.json': '[]' }, /^package\.json is no JSON: It is no object/],
    [
      'an error of syntax',
      { 'vite.config.ts': 'export default {\n  a b }' },
      /^vite\.config\.ts has a syntax error in line 2/,
    ],
    ['one in the entry', { 'src/main.ts': 'let a;\nlet' }, /^src\/main\.ts has a syntax error in line 2/],
    [
      'one in tsconfig.json',
      { 'tsconfig.json': '{ "compilerOptions": ' },
      /^tsconfig\.json is no JSON object/,
    ],
    [
      'a worker that is not there',
      {
        'vite.config.ts':
          "import { VitePWA } from 'vite-plugin-pwa';\nexport default { plugins: [VitePWA({ strategies: 'injectManifest', srcDir: 'src', filename: 'sw.ts' })] };\n",
      },
      /names src\/sw\.ts .* no such file/,
    ],
  ])('%s: nothing is changed', async (_name, given, message) => {
    await refused({ ...app, ...given }, message);
  });

  test('a file that is not in UTF-8', async () => {
    put(app);
    writeFileSync(join(folder, 'src/main.ts'), Buffer.from('// caf\xe9\n', 'latin1'));
    await refused({}, /^src\/main\.ts is not in UTF-8/);
  });

  test('a folder in the place of a file', async () => {
    mkdirSync(join(folder, 'tsconfig.json'));
    const { 'tsconfig.json': _, ...others } = app;
    await refused(others, /^tsconfig\.json is no file/);
  });

  test('a file that is read-only', async () => {
    put(app);
    chmodSync(join(folder, 'src/main.ts'), 0o444);
    await refused({}, /^src\/main\.ts cannot be written: it is read-only/);
  });

  test('line ends and byte order marks stay', async () => {
    const strange = Object.fromEntries(
      Object.entries(app).map(([name, text]) => [name, `\uFEFF${text.replaceAll('\n', '\r\n')}`]),
    );
    put(strange);
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    const after = files();
    expect(Object.keys(after).sort()).toEqual(Object.keys(strange).sort());
    for (const [name, text] of Object.entries(after)) {
      if (name !== 'index.html') expect(text, name).not.toBe(strange[name]);
      expect(text, name).toMatch(/^\uFEFF[^\uFEFF]/);
      expect(text.replaceAll('\r\n', ''), name).not.toMatch(/[\r\n]/);
    }
    expect(await init([])).toMatchObject({ exitCode: 0 });
  });

  test('a page with CRLF gets its tag', async () => {
    put({ 'index.html': '<html>\r\n<head>\r\n</head>\r\n</html>\r\n' });
    await init([...portal, '--yes']);
    expect(content('index.html').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('a link in the project stays one; one that leads out, or nowhere, is refused', async () => {
    put({ ...app, 'settings/vite.ts': config });
    rmSync(join(folder, 'vite.config.ts'));
    symlinkSync('settings/vite.ts', join(folder, 'vite.config.ts'));
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(lstatSync(join(folder, 'vite.config.ts')).isSymbolicLink()).toBe(true);
    expect(content('settings/vite.ts')).toContain(call);
    await init(['--undo', '--yes']);

    put({ 'other.json': '{}' }, base);
    rmSync(join(folder, 'tsconfig.json'));
    symlinkSync('../other.json', join(folder, 'tsconfig.json'));
    await refused({}, /^tsconfig\.json leads to .*other\.json, outside of this folder/);
    rmSync(join(base, 'other.json'));
    await refused({}, /^tsconfig\.json is a link that leads nowhere/);
  });

  test('permissions stay', async () => {
    put(app);
    chmodSync(join(folder, 'package.json'), 0o640);
    await init([...portal, '--yes']);
    expect(statSync(join(folder, 'package.json')).mode & 0o777).toBe(0o640);
  });
});

describe('writing', () => {
  test('one write fails: the others are taken back', () => {
    put({ 'a.txt': 'a' });
    expect(() =>
      writeAll(folder, [
        { path: 'a.txt', before: 'a', after: 'b' },
        { path: 'new/b.txt', before: undefined, after: 'b' },
        // With the ending that it has while it is written, the name is too long for a file system.
        { path: 'x'.repeat(250), before: undefined, after: 'c' },
      ]),
    ).toThrow(/cannot be written \(ENAMETOOLONG\)\. All files are as they were/);
    expect(files()).toEqual({ 'a.txt': 'a' });
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  test('a file that changes while the user reads is left alone', async () => {
    put(app);
    const { exitCode, text } = await init(portal, {
      isInteractive: true,
      ask: () => {
        put({ 'src/main.ts': 'changed();\n' });
        return Promise.resolve('y');
      },
    });
    expect(text).toContain('src/main.ts was changed in the meantime');
    expect(exitCode).toBe(1);
    expect(files()).toEqual({ ...app, 'src/main.ts': 'changed();\n' });
  });
});

describe('undo', () => {
  test('run after run, and then there is nothing', async () => {
    put(app);
    await init([...portal, '--yes']);
    const once = files();
    put({ 'src/main.ts': main });
    await init([...portal, '--yes']);
    const undone = await init(['--undo', '--yes']);
    expect(undone).toMatchObject({ exitCode: 0 });
    expect(undone.text).toContain('-await identity.ready;');
    expect(files()).toEqual({ ...once, 'src/main.ts': main });
    put({ 'src/main.ts': once['src/main.ts'] ?? '' });
    await init(['--undo', '--yes']);
    expect(files()).toEqual(app);
    expect(existsSync(join(folder, UNDO_FOLDER))).toBe(false);
    expect(await init(['--undo', '--yes'])).toEqual({
      exitCode: 1,
      text: expect.stringContaining('nothing to undo') as string,
    });
  });

  test('refuses where a file was changed since', async () => {
    put(app);
    await init([...portal, '--yes']);
    put({ 'src/main.ts': `${content('src/main.ts')}more();\n` });
    rmSync(join(folder, 'vite.config.ts'));
    const before = files();
    const { exitCode, text } = await init(['--undo', '--yes']);
    expect(text).toContain('Changed after init: vite.config.ts, src/main.ts.');
    expect(exitCode).toBe(1);
    expect(files()).toEqual(before);
  });

  test.each([
    ['no JSON', 'no'],
    ['another shape', '[{ "files": [{ "path": 1 }], "folders": [] }]'],
    ['no list', '{}'],
  ])('damaged notes: %s', async (_name, text) => {
    put({ ...app, [`${UNDO_FOLDER}/runs.json`]: text });
    expect(await init(['--undo', '--yes'])).toEqual({
      exitCode: 1,
      text: expect.stringContaining(`Delete the folder ${UNDO_FOLDER}`) as string,
    });
  });

  test('notes of another origin reach no file outside of the folder', async () => {
    put({ 'secret.txt': 'secret' }, base);
    const hashAfter = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
    put({
      [`${UNDO_FOLDER}/runs.json`]: JSON.stringify([
        { files: [{ path: '../secret.txt', hashAfter }], folders: [] },
      ]),
    });
    const { exitCode, text } = await init(['--undo', '--yes']);
    expect(text).toContain('outside of this folder');
    expect(exitCode).toBe(1);
    expect(readFileSync(join(base, 'secret.txt'), 'utf8')).toBe('secret');
  });
});

describe('git', () => {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  beforeEach(() => {
    put(app);
    git('init');
    git('add', '.');
    git('commit', '-m', 'app');
  });

  test('a clean tree is no obstacle, and what undo needs is no part of it', async () => {
    expect(await init([...portal, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(git('status', '--porcelain')).not.toContain(UNDO_FOLDER);
    await init(['--undo', '--yes']);
    expect(git('status', '--porcelain')).toBe('');
  });

  test('with other changes it says so before it asks, and refuses to go on without a question', async () => {
    put({ 'src/main.ts': `${main}more();\n`, 'src/new.ts': '' });
    const before = files();
    const refusedOnce = await init([...portal, '--yes']);
    expect(refusedOnce.text).toMatch(
      /not committed \(src\/main\.ts, src\/new\.ts\), some in files that would change/,
    );
    expect(refusedOnce).toMatchObject({ exitCode: 1 });
    expect(files()).toEqual(before);
    let shown = '';
    await init(portal, {
      isInteractive: true,
      ask: (question) => {
        shown += question;
        return Promise.resolve('n');
      },
    }).then(({ text }) => expect(text).toContain('not committed'));
    expect(shown).toContain('Write these changes?');
    expect(await init([...portal, '--yes', '--force'])).toMatchObject({ exitCode: 0 });
  });
});

describe('questions', () => {
  test('the portal and the client id are asked for, and then whether to write', async () => {
    put(app);
    const { exitCode } = await init(
      [],
      typing('https://gis.example.org/portal/\n', ' my-client-id \n', 'y\n'),
    );
    expect(exitCode).toBe(0);
    expect(content('vite.config.ts')).toContain(call);
  });

  test.each([
    ['no', ['n\n']],
    ['nothing', ['\n']],
    ['another word', ['yellow\n']],
    ['Ctrl+C', ['\x03']],
    ['Ctrl+D', ['\x04']],
  ])('%s: nothing is changed', async (_name, answers) => {
    put(app);
    expect(await init(portal, typing(...answers))).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('Nothing was changed.') as string,
    });
    expect(files()).toEqual(app);
    expect(existsSync(join(folder, UNDO_FOLDER))).toBe(false);
  });

  test('Ctrl+C at the first question', async () => {
    put(app);
    expect(await init([], typing('\x03'))).toMatchObject({ exitCode: 1 });
    expect(files()).toEqual(app);
  });

  test('without a terminal it says what is missing', async () => {
    put(app);
    await expect(init([])).rejects.toThrow(
      new UsageError(
        'There is no terminal to ask at. Missing: --portal <url>, --client-id <id>, --yes or --dry-run.',
      ),
    );
    await expect(init(['--yes', ...portal.slice(2)])).rejects.toThrow('Missing: --portal <url>.');
    await expect(init(portal)).rejects.toThrow('Missing: --yes or --dry-run.');
    expect(files()).toEqual(app);
  });

  test('only what is missing is asked for', async () => {
    put(app);
    await init([...portal, '--yes']);
    put({ 'tsconfig.json': app['tsconfig.json'] });
    expect(await init(['--yes'])).toMatchObject({ exitCode: 0 });
  });

  test('a dry run changes nothing', async () => {
    put(app);
    const { exitCode, text } = await init([...portal, '--dry-run']);
    expect(exitCode).toBe(0);
    expect(text).toContain('--- vite.config.ts\n+++ vite.config.ts\n@@ -1,5 +1,8 @@\n');
    expect(files()).toEqual(app);
    expect(existsSync(join(folder, UNDO_FOLDER))).toBe(false);
  });

  test.each([
    [['--portal', 'gis.example.org', '--client-id', 'a'], 'not "gis.example.org"'],
    [['--portal', 'https://u:p@gis.example.org', '--client-id', 'a'], 'a whole address'],
    [['--portal', 'https://gis.example.org', '--client-id', ''], 'not empty'],
    [['--portal', 'https://gis.example.org', '--client-id', 'a b'], 'no spaces'],
    [['--persistence', 'disk'], 'persistent, sealed, memory, not "disk"'],
    [['--portl', 'a'], "Unknown option '--portl'"],
  ])('%j', async (args, message) => {
    put(app);
    await expect(init([...args, '--yes'])).rejects.toThrow(message);
    await expect(init([...args, '--yes'])).rejects.toBeInstanceOf(UsageError);
    expect(files()).toEqual(app);
  });
});
