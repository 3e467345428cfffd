// Big: a long response in chunks, JSON or bytes, for clients that stream or inspect bodies.

import { setTimeout as wait } from 'node:timers/promises';
import type { PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';

const mebibyte = 1024 * 1024;
const chunkBytes = 64 * 1024;
const largestMebibytes = 256;

/**
 * `mb`: size in MiB, default 1. `chunkMs`: pause between chunks. `f=bin`: bytes instead of JSON.
 * `length=1`: send Content-Length. `trap=1`: JSON that begins with spaces, contains the text of an error
 * envelope in an attribute, and has a chunk boundary inside the word `error`.
 */
export function big({ params }: PortalRequest): PortalResponse {
  const size = Math.round(bounded(params.get('mb'), 1, largestMebibytes) * mebibyte);
  const pauseMs = bounded(params.get('chunkMs'), 0, 10_000);
  const isBinary = params.get('f') === 'bin';
  const chunks = isBinary ? binaryChunks(size) : jsonChunks(size, params.get('trap') === '1');
  return {
    status: 200,
    headers: {
      'Content-Type': isBinary ? 'application/octet-stream' : 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...(params.get('length') === '1' ? { 'Content-Length': String(size) } : {}),
    },
    body: paced(chunks, pauseMs),
  };
}

function bounded(text: string | null, fallback: number, largest: number): number {
  const value = Number(text ?? fallback);
  return Number.isFinite(value) && value >= 0 ? Math.min(value, largest) : fallback;
}

async function* paced(chunks: Iterable<Uint8Array>, pauseMs: number): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for (const chunk of chunks) {
    if (!isFirst && pauseMs > 0) await wait(pauseMs, undefined, { ref: false });
    isFirst = false;
    yield chunk;
  }
}

function* binaryChunks(size: number): Generator<Uint8Array> {
  // Byte n is n modulo 251, so that a client can check any part.
  const pattern = Buffer.alloc(chunkBytes + 251);
  for (let n = 0; n < pattern.length; n += 1) pattern[n] = n % 251;
  for (let sent = 0; sent < size; sent += chunkBytes) {
    const start = sent % 251;
    yield pattern.subarray(start, start + Math.min(chunkBytes, size - sent));
  }
}

function* jsonChunks(size: number, isTrap: boolean): Generator<Uint8Array> {
  const opening = isTrap
    ? ' \n{"features":[{"attributes":{"text":"{\\"error\\":{\\"code\\":498}}"}}'
    : '{"features":[{"attributes":{"text":"first"}}';
  const closing = ']}';
  const feature = `,{"attributes":{"text":"${'x'.repeat(72)}"}}`;
  let left = size - opening.length - closing.length;
  if (isTrap) {
    const split = opening.indexOf('error') + 2;
    yield Buffer.from(opening.slice(0, split));
    yield Buffer.from(opening.slice(split));
  } else {
    yield Buffer.from(opening);
  }
  const perChunk = Math.floor(chunkBytes / feature.length);
  const full = Buffer.from(feature.repeat(perChunk));
  while (left >= full.length) {
    left -= full.length;
    yield full;
  }
  // Spaces pad to the exact size and keep the JSON valid.
  yield Buffer.from(' '.repeat(Math.max(0, left)) + closing);
}
