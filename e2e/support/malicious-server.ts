/** A server that is a portal to whoever believes it: it passes everything on to the real one, and lies where a test says so. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Portal } from '../../demo/portal/index.js';

/** A request as the liar got it. */
export interface Heard {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The portal's answer, to be changed. */
export interface Told {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Lies {
  /** Origin that is passed on to. Default: the portal's. */
  to?: string;
  /** Path and query that are passed on instead. */
  path?: (heard: Heard) => string;
  /** Changes an answer. */
  tell?: (told: Told, heard: Heard) => void;
  /** Answers by itself, without the portal; answers `true` where it has. */
  answer?: (heard: Heard, response: ServerResponse) => boolean;
}

export interface Liar {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** Everything that it was sent, as text. */
  readonly heard: readonly Heard[];
  /** Labels of the portal's secrets that it was sent. */
  secrets(): string[];
  close(): Promise<void>;
}

export async function startLiar(portal: Portal, lies: Lies): Promise<Liar> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void respond(request, response).catch(() => response.destroy());
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const entry: Heard = {
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('latin1'),
    };
    heard.push(entry);
    if (lies.answer?.(entry, response)) return;
    const { host: _, connection: __, 'content-length': ___, ...headers } = entry.headers;
    const answer = await fetch((lies.to ?? portal.origin) + (lies.path?.(entry) ?? request.url), {
      method: entry.method,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const told: Told = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    };
    lies.tell?.(told, entry);
    for (const name of [
      'content-length',
      'content-encoding',
      'transfer-encoding',
      'connection',
      'keep-alive',
    ])
      delete told.headers[name];
    response.writeHead(told.status, told.headers).end(told.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    secrets: () => [
      ...new Set(
        heard.flatMap(({ url, headers, body }) =>
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
