/** A portal for the unit tests of the app's account: a real HTTP server that says what a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

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

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
