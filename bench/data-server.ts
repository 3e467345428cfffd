/** The server that all contenders fetch from. It is fast and accepts any token, so that differences come from the contenders. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Size of the chunks of streamed responses, in bytes. */
const PIECE_BYTES = 64 * 1024;
const MEGABYTE = 1024 * 1024;

/** Path prefix of an ArcGIS Server. The server gives the same responses with and without it. */
export const SERVICES = '/arcgis/rest/services';

/** Requests of one contender, by the origin of its page. */
export interface Counts {
  requests: number;
  preflights: number;
  /** Requests that carried a token, in the query or in a header. */
  signed: number;
  refused: number;
}

export interface DataServer {
  readonly url: string;
  readonly port: number;
  counts(origin: string): Counts;
  resetCounts(): void;
  /** From now on `/guarded/` refuses every token that was seen so far. */
  refuseTokensSeen(): void;
  close(): Promise<void>;
}

const tiles = new Map<number, Buffer>();
const tileOf = (bytes: number): Buffer => {
  const tile = tiles.get(bytes) ?? Buffer.alloc(bytes, 0x89);
  tiles.set(bytes, tile);
  return tile;
};

/** Begins like a feature set, then numbers. */
const jsonStart = Buffer.from('{"features":[');
const jsonPiece = Buffer.from('0,'.repeat(PIECE_BYTES / 2));
const jsonEnd = Buffer.from('0]}');
const binaryPiece = Buffer.alloc(PIECE_BYTES, 0x2a);

/**
 * Starts the server.
 *
 * - `/tile/<bytes>/…`: one tile
 * - `/kept/<bytes>/…`: one tile that browsers may keep for an hour
 * - `/guarded/<bytes>/…`: one tile, for a token that is not refused
 * - `/json/<mb>`: streamed JSON without a length
 * - `/binary/<mb>`: streamed bytes
 * - `/upload`: responds with the length of the request body
 * - `/token`: the token endpoint of the axa worker
 */
export async function startDataServer(): Promise<DataServer> {
  const counted = new Map<string, Counts>();
  const seen = new Set<string>();
  const refused = new Set<string>();
  const countsOf = (origin: string): Counts => {
    const counts = counted.get(origin) ?? { requests: 0, preflights: 0, signed: 0, refused: 0 };
    counted.set(origin, counts);
    return counts;
  };

  const server = createServer((request, response) => {
    const counts = countsOf(request.headers.origin ?? '');
    const cors = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
    if (request.method === 'OPTIONS') {
      counts.preflights += 1;
      response
        .writeHead(204, {
          ...cors,
          'access-control-allow-headers': 'authorization, content-type',
          'access-control-allow-methods': 'GET, POST',
          'access-control-max-age': '7200',
        })
        .end();
      return;
    }
    counts.requests += 1;
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const token =
      /(?:^|&)token=([^&]+)/.exec(query)?.[1] ??
      /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) {
      counts.signed += 1;
      seen.add(token);
    }
    const [, kind = '', size = '0'] = path.replace(SERVICES, '').split('/');
    switch (kind) {
      case 'guarded':
      case 'kept':
      case 'tile': {
        if (kind === 'guarded' && (token === undefined || refused.has(token))) {
          counts.refused += 1;
          const body = JSON.stringify({ error: { code: 498, message: 'Invalid token.', details: [] } });
          response
            .writeHead(200, { ...cors, 'content-type': 'application/json', 'content-length': body.length })
            .end(body);
          return;
        }
        const tile = tileOf(Number(size));
        response
          .writeHead(200, {
            ...cors,
            ...(kind === 'kept' ? { 'cache-control': 'max-age=3600' } : {}),
            'content-type': 'image/png',
            'content-length': tile.length,
          })
          .end(tile);
        return;
      }
      case 'json':
        response.writeHead(200, { ...cors, 'content-type': 'application/json' });
        stream(response, jsonPieces(Number(size)));
        return;
      case 'binary':
        response.writeHead(200, {
          ...cors,
          'content-type': 'application/octet-stream',
          'content-length': Number(size) * MEGABYTE,
        });
        stream(response, binaryPieces(Number(size)));
        return;
      case 'upload':
        void lengthOf(request).then((length) => sendJson(response, cors, { length }));
        return;
      case 'token':
        void lengthOf(request).then(() =>
          sendJson(response, cors, {
            access_token: 'token-of-the-bench',
            refresh_token: 'r',
            token_type: 'Bearer',
            expires_in: 3600,
          }),
        );
        return;
      default:
        response.writeHead(404, cors).end();
    }
  });
  // Connections stay open: opening them is not compared.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    counts: (origin) => ({ ...countsOf(origin) }),
    resetCounts: () => counted.clear(),
    refuseTokensSeen: () => {
      for (const token of seen) refused.add(token);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendJson(response: ServerResponse, headers: Record<string, string>, value: unknown): void {
  response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function lengthOf(request: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const piece of request) length += (piece as Buffer).length;
  return length;
}

function* jsonPieces(mb: number): Generator<Buffer> {
  yield jsonStart;
  for (let sent = 0; sent < mb * MEGABYTE; sent += PIECE_BYTES) yield jsonPiece;
  yield jsonEnd;
}

function* binaryPieces(mb: number): Generator<Buffer> {
  for (let sent = 0; sent < mb * MEGABYTE; sent += PIECE_BYTES) yield binaryPiece;
}

/** Writes as fast as the client reads. */
function stream(response: ServerResponse, pieces: Generator<Buffer>): void {
  const next = (): void => {
    for (;;) {
      const { value, done } = pieces.next();
      if (done) {
        response.end();
        return;
      }
      if (!response.write(value)) {
        response.once('drain', next);
        return;
      }
    }
  };
  next();
}
