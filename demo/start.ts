/** `npm run demo`: the portal and the app on ports of this machine, without any other server. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { appTokens, contentSecurityPolicy } from 'identity-worker/server';
import { startAppServer, type AppServer, type AppServerOptions } from './app-server.js';
import { localCertificate } from './local-certificate.js';
import { startPortal, type Certificate, type Portal } from './portal/index.js';

/** The running demo. */
export interface Demo {
  readonly app: AppServer;
  readonly portal: Portal;
  close(): Promise<void>;
}

/** Ports of the demo; 0 is any free one. The federated server takes the port after the portal's. */
interface DemoPorts {
  readonly port?: number;
  readonly portalPort?: number;
}

interface DemoOptions extends DemoPorts {
  /** App and portal speak `https:`. Requests of the app's server to the portal need Node to trust the certificate. */
  readonly tls?: Certificate | undefined;
}

const dist = (path: string): string => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

/**
 * Starts the portal and the app.
 *
 * @throws The error of Node's `listen` for a taken port, of `readFile` where the build is missing.
 */
export async function startDemo({ port = 0, portalPort = 0, tls }: DemoOptions = {}): Promise<Demo> {
  const scripts = await readyFiles();
  // A deployment keeps its secret: after a change of the secret, users have to sign in again.
  const secrets = process.env['IDENTITY_WORKER_SECRETS'] ?? randomBytes(32).toString('base64url');
  const secure = tls ? { tls } : {};
  const portal = await startPortal({
    port: portalPort,
    serverPort: portalPort === 0 ? 0 : portalPort + 1,
    ...secure,
  });
  const policies = contentSecurityPolicy({
    portals: [portal.url, portal.serverUrl],
    // The map library starts its worker without them.
    trustedTypes: false,
  });
  try {
    const app = await startAppServer({
      port,
      ...secure,
      folders: [dist('demo')],
      seal: {
        secrets,
        worker: '/worker.js',
        callback: '/signed-in.html',
        scriptTag: {
          worker: '/script-tag/identity-worker.js',
          callback: '/script-tag/signed-in.html',
          // As in the page's script tag.
          query: {
            portal: portal.url,
            'client-id': 'idw-demo',
            'redirect-uri': '/script-tag/signed-in.html',
            name: 'Demo Portal',
            persistence: 'sealed',
            callback: 'worker',
          },
        },
        headers: { 'content-security-policy': policies.worker },
      },
      handlers: [
        appTokens({
          path: '/app-tokens',
          portals: [{ url: portal.url, ...portal.appAccount }],
          seal: { secrets, worker: '/worker.js' },
        }),
      ],
      replacements: { __PORTAL_URL__: portal.url, __SERVER_URL__: portal.serverUrl },
      headers: {
        'content-security-policy': policies.page,
        'x-content-type-options': 'nosniff',
      },
      intercept: serve(scripts),
    });
    for (const page of ['signed-in.html', 'script-tag/signed-in.html'])
      portal.addRedirectUri(`${app.url}/${page}`);
    return {
      app,
      portal,
      close: async () => {
        await Promise.all([app.close(), portal.close()]);
      },
    };
  } catch (error) {
    await portal.close();
    throw error;
  }
}

/** The files that a site without a build copies, beside the page that uses them. */
async function readyFiles(): Promise<ReadonlyMap<string, string>> {
  const parts = await readdir(dist('identity-client'), { recursive: true });
  const files = [
    'identity-client.js',
    'identity-worker.js',
    ...parts
      .filter((name) => name.endsWith('.js'))
      .map((name) => `identity-client/${name.split(sep).join('/')}`),
  ];
  return new Map(
    await Promise.all(
      files.map(async (file) => [`/script-tag/${file}`, await readFile(dist(file), 'utf8')] as const),
    ),
  );
}

function serve(scripts: ReadonlyMap<string, string>): NonNullable<AppServerOptions['intercept']> {
  return (path) => {
    const body = scripts.get(path);
    return body === undefined
      ? undefined
      : { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body };
  };
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readArguments(args: string[]): Required<DemoPorts> & { https: boolean } {
  const usage = 'Usage: npm run demo -- [--port N] [--portal-port N] [--https]   (0 takes any free port)';
  const parse = (): { port: string; 'portal-port': string; https: boolean } => {
    try {
      return parseArgs({
        args,
        options: {
          port: { type: 'string', default: '5173' },
          'portal-port': { type: 'string', default: '5180' },
          https: { type: 'boolean', default: false },
        },
      }).values;
    } catch (error) {
      return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    }
  };
  const values = parse();
  const number = (name: 'port' | 'portal-port', most: number): number => {
    const text = values[name];
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > most)
      fail(`--${name} takes a number from 0 to ${most}, not "${text}".\n${usage}`);
    return value;
  };
  return { port: number('port', 65_535), portalPort: number('portal-port', 65_534), https: values.https };
}

/** Runs this command again in a Node that trusts the certificate: Node reads whom it trusts at its start only. */
function runTrusting(file: string): void {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}

async function main(): Promise<void> {
  const { https, ...ports } = readArguments(process.argv.slice(2));
  const local = https ? await localCertificate() : undefined;
  if (local && process.env['NODE_EXTRA_CA_CERTS'] !== local.file) return runTrusting(local.file);
  const demo = await startDemo({ ...ports, tls: local?.certificate }).catch((error: unknown) =>
    fail(explain(error, ports)),
  );
  const stop = (): void => void demo.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (https)
    process.stderr.write(
      `No authority vouches for the certificate: open ${demo.portal.url} and ${demo.portal.serverUrl} too, and have the browser accept it.\n`,
    );
  process.stderr.write(
    `Open ${demo.app.url} and sign in as ana (ana-demo-1) or ben (ben-demo-1). Ctrl+C ends the demo.\n`,
  );
  process.stdout.write(`${JSON.stringify({ app: demo.app.url, portal: demo.portal.url })}\n`);
}

function explain(error: unknown, { port }: Required<DemoPorts>): string {
  if (!(error instanceof Error)) return `The demo did not start: ${String(error)}`;
  const code = 'code' in error ? error.code : undefined;
  const taken = 'port' in error ? Number(error.port) : 0;
  if (code === 'EADDRINUSE') {
    return `Port ${taken} is taken. Choose another with ${taken === port ? '--port' : '--portal-port'}, or 0 for any free one.`;
  }
  if (code === 'EACCES') return `Port ${taken} may not be used by this account. Choose one above 1023.`;
  return code === 'ENOENT'
    ? 'The build is missing. Run "npm run build" first.'
    : `The demo did not start: ${error.message}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
