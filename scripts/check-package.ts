/** `npm run check:package`: checks the packed package: exports, types, sizes, forbidden words. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { budgets, coreBudget } from './budgets.js';
import { checkBundles } from './check-bundles.js';

/** Parameters of the token endpoint, which the page's files must not contain. */
const forbiddenInPages = ['refresh_token', 'code_verifier', 'grant_type', 'access_token', 'client_secret'];

const problems: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'identity-worker-package-'));
const run = (command: string, args: string[], cwd = '.'): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder])) as [
    { filename: string },
  ];
  const tarball = join(folder, filename);
  const [testing] = JSON.parse(
    run('npm', ['pack', '--json', '--workspace', 'testing', '--pack-destination', folder]),
  ) as [{ filename: string }];
  for (const [each, excluded] of [
    // Of vite/virtual there are types alone: the plugin makes the module.
    [tarball, ['identity-worker.js', 'identity-client.js', 'identity-client/*.js', 'vite/virtual']],
    [join(folder, testing.filename), []],
  ] as const) {
    process.stdout.write(run('npx', ['publint', 'run', each, '--strict']));
    process.stdout.write(
      run('npx', [
        'attw',
        each,
        '--profile',
        'esm-only',
        ...(excluded.length === 0 ? [] : ['--exclude-entrypoints', ...excluded]),
      ]),
    );
  }
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  run('tar', ['-xzf', tarball, '-C', modules]);
  run('mv', [join(modules, 'package'), join(modules, 'identity-worker')]);
  for (const name of [
    'comlink',
    'idb',
    'oauth4webapi',
    'workbox-background-sync',
    'workbox-core',
    'workbox-routing',
    'workbox-strategies',
    'vite',
    '@types',
  ])
    symlinkSync(resolve('node_modules', name), join(modules, name));
  checkTypes();
  checkReadyFiles(join(modules, 'identity-worker', 'dist'));
  checkServer(join(modules, 'identity-worker', 'dist', 'server'));
  problems.push(...(await checkBundles(folder, coreBudget)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Type-checks a page, a worker and servers as users write them, with the declarations of the dependencies checked too. */
function checkTypes(): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const page = `import { IdentityManager, isIdentityError, type CredentialInfo } from 'identity-worker';
import { connectArcGISCore, type EsriConfig } from 'identity-worker/arcgis-core';
import { redirectUri, type, worker } from 'virtual:identity-worker';
const identity = IdentityManager.instance({ worker, type });
export const page: string = redirectUri;
identity.addEventListener('oauth-code-required', (event) => event.reason === 'expired' && event.authorizationUrl.toUpperCase());
const credentials: readonly CredentialInfo[] = identity.credentials;
export const connect = (esriConfig: EsriConfig): void => connectArcGISCore(identity, { esriConfig });
export const code = (error: unknown): string => (isIdentityError(error) ? error.code : String(credentials.length));
// @ts-expect-error a credential never has a token
credentials[0]?.accessToken;
`;
  const worker = `import { auth0 } from 'identity-worker/presets';
import { arcgisOnline, IdentityWorker } from 'identity-worker/sw';
const app = { clientId: 'abc', redirectUri: '/signed-in.html' };
const api = auth0({ domain: 'maps.eu.auth0.com', ...app, resources: ['https://api.example.org/'] });
new IdentityWorker({ portals: [arcgisOnline(app), api] }).listen();
// @ts-expect-error a preset names no resources
auth0({ domain: 'maps.eu.auth0.com', ...app });
// @ts-expect-error a client id is needed
arcgisOnline({ redirectUri: '/signed-in.html' });
`;
  const edge = `import { ServerConfigurationError, guardCallback, issueSealCookie, sealWorkerScript } from 'identity-worker/server';
const options = { secrets: ['current', 'older'], path: '/worker.js', script: (plain: Request) => fetch(plain) };
const seal = sealWorkerScript(options);
const answer = async (request: Request): Promise<Response> =>
  (await seal(request)) ?? guardCallback({ path: '/signed-in.html' })(request) ?? issueSealCookie(options)(request, new Response());
export default { fetch: answer };
export const isMissing = (error: unknown): boolean => error instanceof ServerConfigurationError && error.code === 'secret-missing';
// @ts-expect-error there is no default secret
sealWorkerScript({ path: '/worker.js', script: () => '' });
`;
  const server = `import { createServer } from 'node:http';
import { guardCallback, issueSealCookie } from 'identity-worker/server';
import { toNodeListener, toNodeMiddleware } from 'identity-worker/server/node';
import { identityWorker, sealedWorker, type PortalData } from 'identity-worker/vite';
import { defineConfig } from 'vite';
const secrets = process.env['SEAL_SECRETS'];
const guard = toNodeListener(guardCallback({ path: '/signed-in.html' }));
const cookie = toNodeMiddleware(issueSealCookie({ secrets }));
createServer((request, response) => guard(request, response, () => cookie(request, response, () => response.end())));
const portals: PortalData[] = [{ clientId: 'abc' }, { url: 'https://gis.example.org/portal', clientId: 'def' }];
export const sealed = sealedWorker({ secrets, source: 'src/worker.ts' });
export default defineConfig({ plugins: [identityWorker({ portals, sealing: { secrets } })] });
// @ts-expect-error a client id is needed
identityWorker({ portals: [{ url: 'https://gis.example.org/portal' }] });
`;
  for (const [name, text, lib] of [
    ['page', page, 'dom'],
    ['worker', worker, 'webworker'],
    ['edge', edge, 'webworker'],
    ['server', server, 'dom'],
  ] as const) {
    writeFileSync(join(folder, `${name}.ts`), text);
    for (const resolution of ['bundler', 'nodenext']) {
      const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
      const flags = [
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--lib',
        `es2022,${lib}`,
        '--module',
        module,
        '--moduleResolution',
        resolution,
        ...(name === 'server' ? ['--types', 'node'] : []),
        ...(name === 'page' ? ['--types', 'identity-worker/vite/virtual'] : []),
      ];
      try {
        // The declarations of workbox need a page's library where a worker's is asked for, those of vite its optional parts:
        // they are not ours to check.
        const isSkipped = name === 'worker' || name === 'server';
        run(
          resolve('node_modules/.bin/tsc'),
          [...flags, '--skipLibCheck', String(isSkipped), `${name}.ts`],
          folder,
        );
      } catch (error) {
        problems.push(
          `Types for a ${name} (${resolution}): ${String((error as { stdout?: string }).stdout)}`,
        );
      }
    }
  }
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
