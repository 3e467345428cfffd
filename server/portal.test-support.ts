/** A portal for the unit tests of the app's account: a real HTTP server that says what a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

/** A request that it received. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestPortal {
  /** `http://127.0.0.1:…/portal` */
  readonly url: string;
  readonly received: Received[];
  /** Answers in place of the usual. Default: a new token each time, and an echo below `/data/`. */
  answer: (received: Received, response: ServerResponse) => void;
  close(): Promise<void>;
}

export const SECRET = 'the-secret-of-the-app-0123456789';
export const CLIENT_ID = 'the-app';

export async function startTestPortal(): Promise<TestPortal> {
  let issued = 0;
  const usual = ({ url }: Received, response: ServerResponse): void => {
    if (url.includes('/oauth2/token') || url.includes('/rfc/token'))
      return json(response, { access_token: `token-${(issued += 1)}`, expires_in: 7200 });
    if (url.includes('/generateToken')) return json(response, { token: `server-${(issued += 1)}` });
    json(response, { url });
  };
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      received.push(entry);
      portal.answer(entry, response);
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const portal: TestPortal = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/portal`,
    received,
    answer: usual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return portal;
}

/** What is written to the console from here on, in place of the writing, until `vi.restoreAllMocks`. */
export function collectConsole(): string[] {
  const lines: string[] = [];
  for (const name of ['log', 'warn', 'error', 'info', 'debug'] as const)
    vi.spyOn(console, name).mockImplementation((...words) => void lines.push(words.join(' ')));
  return lines;
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A portal that gives no token, and none of its words may be told. */
const echoesSecret = `<html>client_secret=${SECRET}</html>`;

/** Answers of a portal in trouble. */
export const downs: readonly [string, TestPortal['answer']][] = [
  ['status 500', (_, response) => response.writeHead(500).end(echoesSecret)],
  ['status 503 with Retry-After', (_, response) => response.writeHead(503, { 'retry-after': '7' }).end()],
  ['status 429', (_, response) => response.writeHead(429, { 'retry-after': '7' }).end()],
  ['HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(echoesSecret)],
  ['JSON without a token', (_, response) => json(response, { secret: SECRET })],
  ['a token with header lines', (_, response) => json(response, { access_token: 'a\r\nX-Evil: 1' })],
  [
    'an error of the portal’s own',
    (_, response) => json(response, { error: { code: 500, message: SECRET } }),
  ],
  ['half an answer', (_, response) => response.writeHead(200).end('{"access_token":"a')],
  ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
  ['a connection that breaks', (_, response) => response.destroy()],
  ['an answer without an end', (_, response) => response.writeHead(200).write('x'.repeat(100_000))],
];

/** Answers of a portal that refuses the account, and their status. */
export const refusals: readonly [string, unknown, number][] = [
  [
    'ArcGIS',
    { error: { code: 400, error: 'invalid_request', error_description: `Invalid client_secret ${SECRET}` } },
    200,
  ],
  [
    'ArcGIS, unknown app',
    { error: { code: 400, error: 'invalid_client_id', message: 'Invalid client_id' } },
    200,
  ],
  ['ArcGIS, with a status', { error: { code: 400, error: 'invalid_request' } }, 400],
  ['RFC 6749', { error: 'invalid_client', error_description: SECRET }, 401],
  ['RFC 6749, not for this app', { error: 'unauthorized_client' }, 400],
];
