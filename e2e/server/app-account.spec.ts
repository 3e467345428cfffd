/** The servers of the guide give tokens of the app and pass requests on: Node, Express, Hono and an edge runtime. */
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { issueSealCookie } from 'identity-worker/server';
import { toNodeListener } from 'identity-worker/server/node';
import { expect, test, type Portal } from '../support/fixtures.js';
import { secrets } from '../support/sealed-site.js';
import { answerFile } from '../servers/files.js';

const ownFetch = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'same-origin',
};

interface Answer {
  status: number | undefined;
  text: string;
  headers: Record<string, unknown>;
}

/** Sends what browsers send and Node's `fetch` would not. */
async function ask(
  server: Server,
  path: string,
  { body, headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    send({ port, path, method, headers: { ...ownFetch, ...headers } }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      message.on('end', () => resolve({ status: message.statusCode, text, headers: message.headers }));
    })
      .on('error', reject)
      .end(body);
  });
}

/** The cookie of a browser that has opened the page. */
async function cookie(): Promise<string> {
  const opened = new Request('http://localhost/', {
    headers: { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' },
  });
  const page = await issueSealCookie({ secrets: secrets[0] })(opened, new Response(null));
  return page.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

const env = (portal: Portal): Record<string, string> => ({
  PORTAL: portal.url,
  SERVICES: `${portal.hostedUrl}/`,
  APP_CLIENT_ID: portal.appAccount.clientId,
  APP_CLIENT_SECRET: portal.appAccount.clientSecret,
  SEAL_SECRETS: secrets[0],
  PORT: '0',
});

const servers: Readonly<Record<string, (portal: Portal) => Promise<Server>>> = {
  Node: async () => (await import('../servers/app-login/node.js')).server,
  Express: async () => (await import('../servers/app-login/express.js')).server,
  Hono: async () => (await import('../servers/app-login/hono.js')).server as Server,
  'an edge runtime': async (portal) => {
    const { default: edge } = await import('../servers/app-login/edge.js');
    const all = { ...env(portal), ASSETS: { fetch: answerFile } } as unknown as Parameters<
      typeof edge.fetch
    >[1];
    const listener = toNodeListener((request) => edge.fetch(request, all));
    return createServer((request, response) => listener(request, response)).listen(0);
  },
};

// In one process: the servers of the guide read the address of the portal when they are imported.
test.describe.configure({ mode: 'default' });

for (const [name, start] of Object.entries(servers))
  test(`${name}: a token for the worker, data for the page, files for everybody`, async ({ portal }) => {
    Object.assign(process.env, env(portal));
    const server = await start(portal);
    const body = JSON.stringify({ portal: portal.url, nonce: 'a-nonce-of-this-one-request' });
    const headers = { 'content-type': 'application/json', cookie: await cookie() };
    const token = await ask(server, '/app-tokens', { body, headers });
    expect(token).toMatchObject({ status: 200, text: expect.stringMatching(/^\{"sealed":\["[\w-]+"\]\}$/) });
    expect((await ask(server, '/app-tokens', { body, headers: { ...headers, cookie: '' } })).status).toBe(
      403,
    );
    expect((await ask(server, '/app-tokens')).status).toBe(405);
    const data = await ask(server, '/gis/Countries/FeatureServer/0?f=json');
    expect(data).toMatchObject({ status: 200, text: expect.stringContaining('"fields"') });
    expect((await ask(server, '/gis/Sites/FeatureServer/0?f=json')).status).toBe(403);
    expect((await ask(server, '/index.html')).text).toContain('<');
    expect(portal.log.leaks([token, data].map((each) => JSON.stringify(each)).join('\n'))).toEqual([]);
    server.closeAllConnections();
    server.close();
  });

test('the worker of the guide is bundled with its registration', async () => {
  const entry = 'e2e/servers/app-login/worker.ts';
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'worker' } },
  });
  const chunks = [output].flat().flatMap((each) => ('output' in each ? each.output : []));
  expect(chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')).toContain('/app-tokens');
});
