// The life of one request: read, log, meet faults, handle, be held, add CORS, send.

import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, Faults } from '../faults.js';
import type { RequestLog } from '../request-log.js';
import type { ServerName, Switches } from '../switches.js';
import { page, type Answer, type Handler } from './answer.js';
import { applyConditions } from './conditional.js';
import { answerPreflight, corsHeaders } from './cors.js';
import { BodyTooLarge, parseRequest, readBody, type PortalRequest } from './request.js';

export interface ListenerParts {
  readonly serverAt: (path: string) => ServerName;
  readonly handle: Handler;
  /** Answers before log and faults see the request, or declines with undefined. */
  readonly intercept?: (request: PortalRequest) => Answer | undefined;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly switches: Switches;
  readonly writeLine: (line: string) => void;
}

/** The connection is to be reset instead of answered. */
const reset = Symbol('reset');

export function createListener(parts: ListenerParts): RequestListener {
  return (message, response) => {
    respond(parts, message, response).catch((error: unknown) => {
      parts.writeLine(`error ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      response.destroy();
    });
  };
}

async function respond(
  parts: ListenerParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body: Buffer;
  try {
    body = await readBody(message);
  } catch (error) {
    if (error instanceof BodyTooLarge) response.writeHead(413, { Connection: 'close' }).end();
    else response.destroy();
    return;
  }
  const request = parseRequest(message, body, parts.serverAt);
  const intercepted = parts.intercept?.(request);
  if (intercepted) {
    await send(request, response, intercepted, {});
    return;
  }
  const entry = parts.log.add(request);
  let isResetByUs = false;
  response.on('close', () => {
    if (!response.writableFinished && !isResetByUs) parts.log.closedByClient(entry);
  });
  const mode = parts.switches.cors[request.server];
  const answer = await decide(parts, request, mode);
  if (answer === reset) {
    isResetByUs = true;
    message.socket.destroy();
    return;
  }
  const { fault } = answer;
  parts.log.answered(entry, answer.status);
  parts.writeLine(
    `${request.server} ${request.method} ${entry.path} ${answer.status} ${entry.tokenId ?? 'no token'}`,
  );
  const headers = answer.cors === false ? {} : corsHeaders(mode, request);
  if (fault?.drop === 'body') {
    isResetByUs = true;
    await sendHalf(response, answer, headers);
    message.socket.destroy();
    return;
  }
  await send(request, response, fault?.truncate ? await halved(answer) : answer, headers);
}

async function decide(
  parts: ListenerParts,
  request: PortalRequest,
  mode: Switches['cors'][ServerName],
): Promise<(Answer & { fault?: Fault }) | typeof reset> {
  if (request.method === 'OPTIONS') return answerPreflight(mode, request);
  await parts.faults.pass(request, 'before');
  const fault = parts.faults.take(request);
  if (fault?.delayMs !== undefined) await wait(fault.delayMs, undefined, { ref: false });
  if (fault?.hang) {
    await parts.faults.hang();
    return reset;
  }
  if (fault?.drop === true || fault?.drop === 'request') return reset;
  const answer = faultAnswer(fault) ?? applyConditions(request, await parts.handle(request));
  await parts.faults.pass(request, 'after');
  if (fault?.drop === 'answer') return reset;
  return fault ? { ...answer, fault } : answer;
}

function faultAnswer(fault: Fault | undefined): Answer | undefined {
  if (!fault || (fault.status === undefined && fault.html === undefined)) return undefined;
  const html = typeof fault.html === 'string' ? fault.html : gatewayPage;
  const retry: Record<string, string> =
    fault.retryAfterS === undefined ? {} : { 'Retry-After': String(fault.retryAfterS) };
  return { ...page(html, fault.status ?? 200, retry), cors: true };
}

const gatewayPage =
  '<!doctype html><html lang="en"><head><title>Service unavailable</title></head><body><h1>Service unavailable</h1></body></html>';

async function wholeBody(answer: Answer): Promise<Buffer> {
  if (typeof answer.body === 'string') return Buffer.from(answer.body);
  if (answer.body instanceof Uint8Array) return Buffer.from(answer.body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function halved(answer: Answer): Promise<Answer> {
  const bytes = await wholeBody(answer);
  return { ...answer, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}

/** Header names differ in case from part to part; a later one replaces an earlier one whatever its case. */
function writeHead(
  response: ServerResponse,
  answer: Answer,
  headers: Record<string, string | string[]>,
  contentLength: number | undefined,
): void {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries({ ...answer.headers, ...headers })) {
    response.setHeader(name, value);
  }
  if (contentLength !== undefined) response.setHeader('Content-Length', contentLength);
}

async function sendHalf(
  response: ServerResponse,
  answer: Answer,
  headers: Record<string, string | string[]>,
): Promise<void> {
  const bytes = await wholeBody(answer);
  writeHead(response, answer, headers, bytes.length);
  await new Promise((resolve) => response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), resolve));
}

async function send(
  request: PortalRequest,
  response: ServerResponse,
  answer: Answer,
  headers: Record<string, string | string[]>,
): Promise<void> {
  const { body } = answer;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const isBodiless = request.method === 'HEAD' || answer.status === 304;
    writeHead(response, answer, headers, answer.status === 304 ? undefined : Buffer.byteLength(body));
    response.end(isBodiless ? undefined : body);
    return;
  }
  writeHead(response, answer, headers, undefined);
  if (request.method === 'HEAD') response.end();
  else await stream(response, body);
}

/** Writes chunk by chunk, no faster than the client reads, and stops when it leaves. */
async function stream(response: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const chunk of chunks) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}
