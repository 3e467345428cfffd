/** A server whose answers a test writes itself: half answers, event streams, careless caching. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, and the way to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export interface RawServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** The requests so far, without preflights. */
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

/** Starts a server that lets every origin in and leaves the rest of each answer to the test. */
export async function startRawServer(answer: (exchange: Exchange) => void): Promise<RawServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    requests.push(request);
    answer({ request, response, url: new URL(request.url ?? '/', 'http://127.0.0.1') });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
