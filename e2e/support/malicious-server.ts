/** A server that poses as a portal: it forwards everything to the real one, and changes answers where a test says so. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Portal } from '../../demo/portal/index.js';

/** A request that it received. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The portal's answer, to be changed. */
export interface PortalAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface MaliciousAnswers {
  /** Origin that requests are forwarded to. Default: the portal's. */
  to?: string;
  /** Path and query that are forwarded instead. */
  path?: (received: ReceivedRequest) => string;
  /** Changes an answer. */
  change?: (forwarded: PortalAnswer, received: ReceivedRequest) => void;
  /** Answers by itself, without the portal; answers `true` where it has. */
  answer?: (received: ReceivedRequest, response: ServerResponse) => boolean;
}

export interface MaliciousServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** Every request that it received. */
  readonly received: readonly ReceivedRequest[];
  /** Labels of the portal's secrets that it was sent. */
  secrets(): string[];
  close(): Promise<void>;
}

export async function startMaliciousServer(
  portal: Portal,
  answers: MaliciousAnswers,
): Promise<MaliciousServer> {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void respond(request, response).catch(() => response.destroy());
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const entry: ReceivedRequest = {
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('latin1'),
    };
    received.push(entry);
    if (answers.answer?.(entry, response)) return;
    const { host: _, connection: __, 'content-length': ___, ...headers } = entry.headers;
    const answer = await fetch((answers.to ?? portal.origin) + (answers.path?.(entry) ?? request.url), {
      method: entry.method,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const forwarded: PortalAnswer = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    };
    answers.change?.(forwarded, entry);
    for (const name of [
      'content-length',
      'content-encoding',
      'transfer-encoding',
      'connection',
      'keep-alive',
    ])
      delete forwarded.headers[name];
    response.writeHead(forwarded.status, forwarded.headers).end(forwarded.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    secrets: () => [
      ...new Set(
        received.flatMap(({ url, headers, body }) =>
          portal.log.leaks([url.href, JSON.stringify(headers), body].join('\n')),
        ),
      ),
    ],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lets every origin read an answer. */
export const anyOrigin = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, x-esri-authorization',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, HEAD',
  'access-control-expose-headers': '*',
};
