/** Bundles workers of the core as an app does: a part that an app leaves out is not in its bundle, and the core is small. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { secondPass } from './second-pass.js';

/** Part → what only its code has, after minifying. */
const marks: Readonly<Record<string, RegExp>> = {
  activity: /identity-worker:activity/,
  clientList: /sharedworker/,
  federation: /owningSystemUrl/,
  keepalive: /queueMicrotask/,
  offline: /\(\?:fresh\|strategy\|area\)/,
  redirectReturn: /(?<!\.)\burlOf\b/,
  sealedLevel: /__identityWorkerKeys/,
  staticRoutes: /addRoutes/,
  strictCallback: /navigation:\$\{/,
  tracing: /identity-worker:trace:/,
  webTier: /authorizedCrossOriginDomains/,
};

/** Parts that have an entry of their own. */
const entries: Readonly<Record<string, string>> = { offline: 'identity-worker/sw/offline' };

/** What only the code of the registration `appLogin` has. */
const registrationMark = /app token v1/;

/**
 * @param folder - Has the package in its `node_modules`.
 * @param budget - Largest size of a worker without parts, in bytes after brotli.
 * @returns What is wrong.
 */
export async function checkBundles(folder: string, budget: number): Promise<string[]> {
  const problems: string[] = [];
  const names = Object.keys(marks);
  const core = await bundle(folder, []);
  const size = brotliCompressSync(core).length;
  process.stdout.write(
    `a worker of the core: ${core.length} bytes, ${size} after brotli (at most ${budget})\n`,
  );
  if (size > budget) problems.push(`The core is ${size} bytes after brotli; at most ${budget} are allowed.`);
  for (const name of names)
    if (marks[name]?.test(core)) problems.push(`A worker without ${name}() has its code.`);
  if (registrationMark.test(core)) problems.push('A worker without appLogin() has its code.');
  if (core.includes('workbox')) problems.push('A worker of the core carries workbox.');
  for (const name of names) {
    const code = await bundle(folder, [name]);
    for (const other of names)
      if (marks[other]?.test(code) !== (other === name))
        problems.push(
          `A worker with ${name}() alone ${other === name ? 'lacks its code' : `has the code of ${other}()`}.`,
        );
  }
  return problems;
}

const importOf = (name: string): string =>
  `import { ${name} } from '${entries[name] ?? 'identity-worker/sw/core'}';`;

async function bundle(folder: string, parts: readonly string[]): Promise<string> {
  const entry = join(folder, 'core-worker.js');
  writeFileSync(
    entry,
    `${['arcgisEnterprise', 'IdentityWorker', ...parts].map(importOf).join('\n')}
const portal = { url: 'https://gis.example.org/portal', clientId: 'abc', redirectUri: '/signed-in.html' };
new IdentityWorker({ portals: [arcgisEnterprise(portal)], parts: [${parts.map((part) => `${part}()`).join(', ')}] }).listen();
`,
  );
  const output = await build({
    configFile: false,
    root: folder,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    publicDir: false,
    build: { write: false, target: 'es2022', lib: { entry, formats: ['iife'], name: 'worker' } },
    plugins: [secondPass],
  });
  const [chunk] = [output].flat().flatMap((each) => ('output' in each ? each.output : []));
  return chunk?.type === 'chunk' ? chunk.code : '';
}
