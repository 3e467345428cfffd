// Handles one request: read, log, apply faults, handle, hold, add CORS headers, send.

import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, Stage } from '../fault.js';
import type { Faults } from '../faults.js';
import type { LogEntry, RequestLog } from '../request-log.js';
import type { ServerName, Switches } from '../switches.js';
import { page, type PortalResponse, type Handler } from './response.js';
import { applyConditions } from './conditional.js';
import { respondToPreflight, corsHeaders } from './cors.js';
import { BodyTooLarge, parseRequest, readBody, type PortalRequest } from './request.js';

export interface ListenerParts {
  readonly serverAt: (path: string) => ServerName;
  readonly handle: Handler;
  /** Handles requests that are not logged and get no faults. `undefined`: not such a request. */
  readonly intercept?: (request: PortalRequest) => PortalResponse | undefined;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly switches: Switches;
  readonly writeLine: (line: string) => void;
}

/** Reset the connection instead of responding. */
const reset = Symbol('reset');

export function createListener(parts: ListenerParts): RequestListener {
  return (message, nodeResponse) => {
    respond(parts, message, nodeResponse).catch((error: unknown) => {
      parts.writeLine(`error ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      nodeResponse.destroy();
    });
  };
}

async function respond(
  parts: ListenerParts,
  message: IncomingMessage,
  nodeResponse: ServerResponse,
): Promise<void> {
  let body: Buffer;
  try {
    body = await readBody(message);
  } catch (error) {
    if (error instanceof BodyTooLarge) nodeResponse.writeHead(413, { Connection: 'close' }).end();
    else nodeResponse.destroy();
    return;
  }
  const request = parseRequest(message, body, parts.serverAt);
  const intercepted = parts.intercept?.(request);
  if (intercepted) {
    await send(request, nodeResponse, intercepted, {});
    return;
  }
  const entry = parts.log.add(request);
  let isResetByUs = false;
  nodeResponse.on('close', () => {
    if (!nodeResponse.writableFinished && !isResetByUs) parts.log.closedByClient(entry);
  });
  const mode = parts.switches.cors[request.server];
  const response = await decide(parts, request, entry, mode);
  if (response === reset) {
    isResetByUs = true;
    message.socket.destroy();
    return;
  }
  const { fault } = response;
  parts.log.answered(entry, response.status);
  parts.writeLine(
    `${request.server} ${request.method} ${entry.path} ${response.status} ${entry.tokenId ?? 'no token'}`,
  );
  const headers = response.cors === false ? {} : corsHeaders(mode, request, response.cors === 'credentials');
  if (fault?.drop === 'body' || fault?.hang === 'body') {
    await sendHalf(nodeResponse, response, headers);
    if (fault.hang === 'body') await parts.faults.hang();
    isResetByUs = true;
    message.socket.destroy();
    return;
  }
  await send(request, nodeResponse, fault ? await spoilt(response, fault) : response, headers);
}

async function decide(
  parts: ListenerParts,
  request: PortalRequest,
  entry: LogEntry,
  mode: Switches['cors'][ServerName],
): Promise<(PortalResponse & { fault?: Fault }) | typeof reset> {
  await parts.faults.pass(request, 'before');
  const fault = parts.faults.take(request);
  if (fault) entry.fault = fault;
  if (fault?.delayMs !== undefined) await wait(fault.delayMs, undefined, { ref: false });
  if (isBefore(fault?.hang)) {
    await parts.faults.hang();
    return reset;
  }
  if (isBefore(fault?.drop)) return reset;
  const response = (fault && faultResponse(request, fault)) ?? (await handle(parts, request, mode));
  await parts.faults.pass(request, 'after');
  if (fault?.hang === 'answer') {
    await parts.faults.hang();
    return reset;
  }
  if (fault?.drop === 'answer') return reset;
  return fault ? { ...withHeadersOf(fault, response), fault } : response;
}

async function handle(
  parts: ListenerParts,
  request: PortalRequest,
  mode: Switches['cors'][ServerName],
): Promise<PortalResponse> {
  if (request.method === 'OPTIONS') return respondToPreflight(mode, request);
  return applyConditions(request, await parts.handle(request));
}

const isBefore = (stage: Stage | undefined): boolean => stage === true || stage === 'request';

/** The response that a fault has in place of the true one. */
function faultResponse(request: PortalRequest, fault: Fault): PortalResponse | undefined {
  const { status, html, body } = fault;
  if (status === undefined && html === undefined && body === undefined) return undefined;
  const retry: Record<string, string> =
    fault.retryAfterS === undefined ? {} : { 'Retry-After': String(fault.retryAfterS) };
  const shown = page(typeof html === 'string' ? html : gatewayPage, status ?? 200, retry);
  // A preflight that has CORS headers would succeed.
  const cors = request.method !== 'OPTIONS';
  if (body === undefined) return { ...shown, cors };
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retry };
  return { status: shown.status, headers, body, cors };
}

/** The response with the type that the fault says, and without CORS headers where it says so. */
function withHeadersOf({ contentType, cors }: Fault, response: PortalResponse): PortalResponse {
  const changed = cors === false ? { ...response, cors } : response;
  if (contentType === undefined) return changed;
  const headers = Object.fromEntries(
    Object.entries(changed.headers).filter(([name]) => name.toLowerCase() !== 'content-type'),
  );
  return {
    ...changed,
    headers: contentType === null ? headers : { ...headers, 'Content-Type': contentType },
  };
}

const gatewayPage =
  '<!doctype html><html lang="en"><head><title>Service unavailable</title></head><body><h1>Service unavailable</h1></body></html>';

async function wholeBody(response: PortalResponse): Promise<Buffer> {
  if (typeof response.body === 'string') return Buffer.from(response.body);
  if (response.body instanceof Uint8Array) return Buffer.from(response.body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The response with the body that the fault leaves of it. */
async function spoilt(response: PortalResponse, { truncate, slowMs }: Fault): Promise<PortalResponse> {
  if (!truncate && slowMs === undefined) return response;
  const bytes = await wholeBody(response);
  const body = truncate ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  if (slowMs === undefined) return { ...response, body };
  const headers = { ...response.headers, 'Content-Length': String(body.length) };
  return { ...response, headers, body: inPieces(body, slowMs) };
}

const pieces = 10;

async function* inPieces(bytes: Buffer, overMs: number): AsyncGenerator<Uint8Array> {
  const length = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let start = 0; start < bytes.length; start += length) {
    await wait(overMs / pieces, undefined, { ref: false });
    yield bytes.subarray(start, start + length);
  }
}

/** Sets headers. Names differ in case between handlers; a later one replaces an earlier one in any case. */
function writeHead(
  nodeResponse: ServerResponse,
  response: PortalResponse,
  headers: Record<string, string | string[]>,
  contentLength: number | undefined,
): void {
  nodeResponse.statusCode = response.status;
  for (const [name, value] of Object.entries({ ...response.headers, ...headers })) {
    nodeResponse.setHeader(name, value);
  }
  if (contentLength !== undefined) nodeResponse.setHeader('Content-Length', contentLength);
}

async function sendHalf(
  nodeResponse: ServerResponse,
  response: PortalResponse,
  headers: Record<string, string | string[]>,
): Promise<void> {
  const bytes = await wholeBody(response);
  writeHead(nodeResponse, response, headers, bytes.length);
  await new Promise((resolve) =>
    nodeResponse.write(bytes.subarray(0, Math.floor(bytes.length / 2)), resolve),
  );
}

async function send(
  request: PortalRequest,
  nodeResponse: ServerResponse,
  response: PortalResponse,
  headers: Record<string, string | string[]>,
): Promise<void> {
  const { body } = response;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const isBodiless = request.method === 'HEAD' || response.status === 304;
    writeHead(nodeResponse, response, headers, response.status === 304 ? undefined : Buffer.byteLength(body));
    nodeResponse.end(isBodiless ? undefined : body);
    return;
  }
  writeHead(nodeResponse, response, headers, undefined);
  if (request.method === 'HEAD') nodeResponse.end();
  else await stream(nodeResponse, body);
}

/** Writes chunk by chunk, no faster than the client reads, and stops when the client disconnects. */
async function stream(nodeResponse: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  nodeResponse.once('close', () => gone.abort());
  try {
    for await (const chunk of chunks) {
      if (nodeResponse.destroyed) return;
      if (!nodeResponse.write(chunk)) await once(nodeResponse, 'drain', { signal: gone.signal });
    }
    nodeResponse.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}
