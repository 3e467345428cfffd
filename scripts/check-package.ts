/** `npm run check:package`: checks the packed packages: exports, types, source maps, sizes, forbidden words. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { budgets, coreBudget } from './budgets.js';
import { checkBundles } from './check-bundles.js';
import { checkSourceMaps } from './check-source-maps.js';
import { checkTypes } from './check-types.js';
import { wrongBadges } from './docs/badges.js';

/** Parameters of the token endpoint, which the page's files must not contain. */
const forbiddenInPages = ['refresh_token', 'code_verifier', 'grant_type', 'access_token', 'client_secret'];

const problems: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'identity-worker-package-'));
const run = (command: string, args: string[], cwd = '.'): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const modules = join(folder, 'node_modules');
  for (const [name, workspace, excluded] of [
    // Of vite/virtual there are types alone: the plugin makes the module.
    [
      'identity-worker',
      [],
      ['identity-worker.js', 'identity-client.js', 'identity-client/*.js', 'vite/virtual'],
    ],
    ['identity-worker-testing', ['--workspace', 'testing'], []],
  ] as const) {
    const [{ filename, size }] = JSON.parse(
      run('npm', ['pack', '--json', '--pack-destination', folder, ...workspace]),
    ) as [{ filename: string; size: number }];
    const tarball = join(folder, filename);
    process.stdout.write(`${name}: ${size} bytes packed\n`);
    process.stdout.write(run('npx', ['publint', 'run', tarball, '--strict']));
    process.stdout.write(
      run('npx', [
        'attw',
        tarball,
        '--profile',
        'esm-only',
        ...(excluded.length === 0 ? [] : ['--exclude-entrypoints', ...excluded]),
      ]),
    );
    mkdirSync(join(modules, name), { recursive: true });
    run('tar', ['-xzf', tarball, '-C', join(modules, name), '--strip-components=1']);
    problems.push(...checkSourceMaps(join(modules, name)).map((problem) => `${name}: ${problem}`));
  }
  for (const name of [
    'comlink',
    'idb',
    'oauth4webapi',
    'workbox-background-sync',
    'workbox-core',
    'workbox-routing',
    'workbox-strategies',
    'vite',
    '@playwright',
    '@types',
  ])
    symlinkSync(resolve('node_modules', name), join(modules, name));
  problems.push(...checkTypes(folder));
  checkReadyFiles(join(modules, 'identity-worker', 'dist'));
  for (const { picture } of wrongBadges())
    problems.push(`${picture} shows another size than the build has: npm run docs -- pages`);
  checkServer(join(modules, 'identity-worker', 'dist', 'server'));
  problems.push(...(await checkBundles(folder, coreBudget)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function checkReadyFiles(dist: string): void {
  for (const [file, budget] of Object.entries(budgets)) {
    const bytes = readFileSync(join(dist, file));
    const size = brotliCompressSync(bytes).length;
    process.stdout.write(`${file}: ${bytes.length} bytes, ${size} after brotli (at most ${budget})\n`);
    if (size > budget) problems.push(`${file} is ${size} bytes after brotli; at most ${budget} are allowed.`);
    if (/\beval\(|new Function\(/.test(bytes.toString()))
      problems.push(`${file} makes code of text: a strict Content-Security-Policy forbids it.`);
    if (bytes.includes('process.env'))
      problems.push(`${file} asks for process.env: there is none in a browser.`);
  }
  const forPages = ['client', 'identity-client'].flatMap((part) =>
    readdirSync(join(dist, part), { recursive: true, encoding: 'utf8' }).map((name) => join(part, name)),
  );
  for (const file of ['identity-client.js', ...forPages.filter((name) => name.endsWith('.js'))]) {
    const text = readFileSync(join(dist, file), 'utf8');
    for (const word of forbiddenInPages)
      if (text.includes(word)) problems.push(`${file} contains "${word}": pages never handle tokens.`);
  }
}

/** Edge runtimes have Web standards only. */
function checkServer(dist: string): void {
  const imported = (file: string): string[] =>
    [...readFileSync(join(dist, file), 'utf8').matchAll(/from "(.+)"/g)].map(([, name = '']) => name);
  const seen = new Set(['./index.js']);
  for (const file of seen) {
    if (!file.startsWith('./'))
      problems.push(`server/index.js needs ${file}: an edge runtime has no such module.`);
    else for (const name of imported(file)) seen.add(name);
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}
