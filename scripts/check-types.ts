/** Reads the declarations of the packed packages as an app does, with every version of TypeScript that apps have. */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type TypeScript from 'typescript';

/** This repository's TypeScript, and those of the workspaces in scripts/consumers/, which are there for nothing else. */
const compilers = ['scripts/consumers/typescript-5.9/', '', 'scripts/consumers/typescript-7/'].map((folder) =>
  resolve(folder, 'node_modules/typescript'),
);

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

/** Sources of each kind of program, with what it has of the platform, and the entry points that it may import. */
const programs = [
  {
    sources: { page },
    lib: 'dom',
    types: ['identity-worker/vite/virtual'],
    entries: /^identity-worker(?:|\/offline|\/account|\/arcgis-core|\/vite\/virtual)$/,
  },
  {
    sources: { worker, edge },
    lib: 'webworker',
    types: [],
    entries: /^identity-worker\/(?:sw(?:\/core|\/offline)?|presets|server)$/,
  },
  {
    sources: { server },
    lib: 'dom',
    types: ['node'],
    entries: /^identity-worker(?:\/server\/node|\/vite|-testing(?:\/playwright)?)$/,
  },
];

/** Addresses of all entry points with types. */
const publicEntries = (modules: string): string[] =>
  ['identity-worker', 'identity-worker-testing'].flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string }>;
    };
    return Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' ? [] : [name + path.slice(1)],
    );
  });

/**
 * Type-checks pages, workers and servers as users write them, and an import of every entry point, with the declarations checked too.
 *
 * @param folder - Has the packages, and what they depend on, in its `node_modules`.
 * @returns What is wrong. Errors in the declarations of dependencies are not ours: those of workbox need a page's library where a worker's
 * is asked for, those of vite its optional parts.
 */
export function checkTypes(folder: string): string[] {
  const root = realpathSync(folder);
  const entries = publicEntries(join(root, 'node_modules'));
  const problems = entries
    .filter((entry) => !programs.some((program) => program.entries.test(entry)))
    .map((entry) => `${entry}: scripts/check-types.ts imports it nowhere.`);
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  const configurations = programs.flatMap(({ sources, lib, types, entries: own }, index) => {
    // Of vite/virtual there is a declaration of a module, which the option `types` names.
    const imports = entries
      .filter((entry) => own.test(entry) && !types.some((name) => name === entry))
      .map((entry, each) => `export type * as entry${each} from '${entry}';\n`);
    const files = Object.entries({ ...sources, [`entries${index}`]: imports.join('') }).map(
      ([name, text]) => {
        writeFileSync(join(root, `${name}.ts`), text);
        return `${name}.ts`;
      },
    );
    return (['bundler', 'nodenext'] as const).map((moduleResolution) => {
      const config = join(root, `tsconfig.${index}.${moduleResolution}.json`);
      const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
      const compilerOptions = {
        strict: true,
        target: 'es2022',
        lib: ['es2022', lib],
        types,
        module,
        moduleResolution,
      };
      writeFileSync(config, JSON.stringify({ compilerOptions, files }));
      return config;
    });
  });
  for (const compiler of compilers) {
    const before = performance.now();
    const { version } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8')) as {
      version: string;
    };
    // From 7 on TypeScript is a program alone.
    const errors = version.startsWith('7')
      ? configurations.flatMap((config) => errorsOfProgram(compiler, config))
      : errorsOfLibrary(createRequire(import.meta.url)(compiler) as typeof TypeScript, root, configurations);
    problems.push(...[...new Set(errors)].map((error) => `TypeScript ${version}: ${error}`));
    const seconds = ((performance.now() - before) / 1000).toFixed(1);
    process.stdout.write(`types with TypeScript ${version}: ${seconds} s\n`);
  }
  return problems;
}

/** Checks our declarations and the sources alone: a check of all declarations, those of dependencies included, takes ten times as long. */
function errorsOfLibrary(ts: typeof TypeScript, root: string, configurations: readonly string[]): string[] {
  const isOwn = ({ fileName }: TypeScript.SourceFile): boolean =>
    fileName.startsWith(root) && !/^\/node_modules\/(?!identity-worker)/.test(fileName.slice(root.length));
  const parsed = new Map<string, TypeScript.SourceFile | undefined>();
  return configurations.flatMap((config) => {
    const json: unknown = JSON.parse(readFileSync(config, 'utf8'));
    const { options, fileNames } = ts.parseJsonConfigFileContent(json, ts.sys, root, {}, config);
    const host = ts.createCompilerHost(options);
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (name, ...rest) => {
      // TypeScript's own are the same for all.
      const key = /\/lib\.[\w.]+\.d\.ts$/.test(name) ? name : `${name} ${options.moduleResolution}`;
      if (!parsed.has(key)) parsed.set(key, parse(name, ...rest));
      return parsed.get(key);
    };
    const program = ts.createProgram(fileNames, options, host);
    const found = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...program
        .getSourceFiles()
        .filter(isOwn)
        .flatMap((file) => [
          ...program.getSyntacticDiagnostics(file),
          ...program.getSemanticDiagnostics(file),
        ]),
    ];
    return found.map(
      ({ file, messageText }) =>
        `${file?.fileName.slice(root.length + 1) ?? config}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

function errorsOfProgram(compiler: string, config: string): string[] {
  const args = [join(compiler, 'bin/tsc'), '--noEmit', '--skipLibCheck', '--pretty', 'false', '-p', config];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return status === 0 ? [] : [stdout];
}
