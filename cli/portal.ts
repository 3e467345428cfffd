/** `npx identity-worker portal`: the portal of the testing package, for the development of an app. */
import { createRequire } from 'node:module';
import { basename, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Portal, startPortal } from 'identity-worker-testing';
import { complain, print, read, UsageError, type Command } from './command.js';

const usage = `Usage: npx identity-worker portal [options]

  --port <n>              port of the portal; the next two are for its servers (default 7180; 0 takes any free ones)
  --https                 speak https, with a certificate that is made at the start
  --data <file.geojson>   a feature service with data of your own, for users who are signed in; may be repeated
  --redirect-uri <url>    an app's redirect URI; may be repeated (default: /signed-in.html at Vite's ports 5173 and 4173)`;

/** Of an app that Vite serves, in development and as it is built. */
const defaultRedirectUris = ['5173', '4173'].map((port) => `http://localhost:${port}/signed-in.html`);

const PACKAGE = 'identity-worker-testing';

export const portal: Command = {
  usage,
  async run(args) {
    const { values } = read({
      args: [...args],
      options: {
        port: { type: 'string', default: '7180' },
        https: { type: 'boolean', default: false },
        data: { type: 'string', multiple: true, default: [] },
        'redirect-uri': { type: 'string', multiple: true, default: defaultRedirectUris },
      },
    });
    const port = readPort(values.port);
    const redirectUris = values['redirect-uri'];
    const wrong = redirectUris.find((uri) => !/^https?:/.test(uri) || !URL.canParse(uri));
    if (wrong !== undefined)
      throw new UsageError(
        `--redirect-uri takes a whole address such as ${defaultRedirectUris[0]}, not "${wrong}".`,
      );
    const testing = await load();
    if (!testing) {
      complain(
        `The portal is in a package of its own, which is not installed here. Install it:\n\n  npm install --save-dev ${PACKAGE}`,
      );
      return 1;
    }
    try {
      const running = await testing.startPortal({
        port,
        ...(port === 0 ? {} : { serverPort: port + 1, oauthPort: port + 2 }),
        https: values.https,
        redirectUris,
        services: values.data.map((data) => ({ name: serviceName(data), data })),
      });
      print(describe(running, redirectUris, values.data.map(serviceName)));
      await untilStopped();
      await running.close();
      return 0;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'PortalStartError')) throw error;
      const isPort = 'code' in error && error.code === 'port-in-use';
      complain(isPort ? `${error.message} Here: --port <n>.` : error.message);
      return 1;
    }
  },
};

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_533)
    throw new UsageError(`--port takes a number from 0 to 65533, not "${text}".`);
  return port;
}

/** The package of the project in this folder, or beside this one. `undefined` where it is not installed. */
async function load(): Promise<{ startPortal: typeof startPortal } | undefined> {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')).href, import.meta.url]) {
    try {
      const path = createRequire(from).resolve(PACKAGE);
      return (await import(pathToFileURL(path).href)) as { startPortal: typeof startPortal };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Anything else than its own absence is a fault to be told.
      if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${PACKAGE}'`)) throw error;
    }
  }
  return undefined;
}

const serviceName = (file: string): string => parse(basename(file)).name.replace(/\W/g, '_');

function describe(
  { url, hostedUrl, serverUrl, oauth, users }: Portal,
  redirectUris: readonly string[],
  services: readonly string[],
): string {
  const lines = [
    ['Portal', url],
    ['Client id', 'idw-demo'],
    ...redirectUris.map((uri) => ['Redirect URI', uri]),
    ['Federated server', `${serverUrl}/rest/services`],
    ['Hosted services', hostedUrl],
    ...services.map((name) => ['Your data', `${hostedUrl}/${name}/FeatureServer/0`]),
    ['OAuth server', `${oauth.issuer} (client id ${oauth.clientId})`],
    ...users.map(({ username, password }) => ['User', `${username} (password ${password})`]),
  ].map(([name = '', value = '']) => `  ${name.padEnd(17)}${value}`);
  const certificate = url.startsWith('https:')
    ? [
        '',
        'No one has signed its certificate: open the portal once in your browser and accept it. A service worker',
        'accepts it only in a browser that was started with --ignore-certificate-errors.',
      ]
    : [];
  return [
    'The portal listens. Ctrl+C ends it; it forgets everything then.',
    '',
    ...lines,
    ...certificate,
  ].join('\n');
}

const untilStopped = (): Promise<unknown> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
