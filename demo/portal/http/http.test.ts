// Ranges, revalidation and multipart bodies.

import { expect, test } from 'vitest';
import { applyConditions, parseRange } from './conditional.js';
import { parseMultipart } from './multipart.js';
import type { PortalRequest } from './request.js';

test.each([
  ['bytes=0-99', { first: 0, last: 99 }],
  ['bytes=990-', { first: 990, last: 999 }],
  ['bytes=-10', { first: 990, last: 999 }],
  ['bytes=-5000', { first: 0, last: 999 }],
  ['bytes=900-5000', { first: 900, last: 999 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-2', undefined],
  ['bytes=0-1,5-6', undefined],
  ['bytes=-', undefined],
  ['items=0-1', undefined],
] as const)('range %s of 1000 bytes', (header, expected) => {
  expect(parseRange(header, 1000)).toEqual(expected);
});

function requestWith(headers: Record<string, string>): PortalRequest {
  return {
    server: 'hosted',
    method: 'GET',
    target: '/',
    path: '/',
    query: new URLSearchParams(),
    form: new URLSearchParams(),
    params: new URLSearchParams(),
    parts: [],
    headers,
    cookies: new Map(),
    body: Buffer.alloc(0),
    remoteAddress: '127.0.0.1',
    token: undefined,
  };
}

test('the entity tag answers 304, guards ranges, and 416 tells the size', () => {
  const response = { status: 200, headers: {}, body: 'x'.repeat(10), conditional: true };
  const etag = applyConditions(requestWith({}), response).headers['ETag'] ?? '';
  expect(applyConditions(requestWith({ 'if-none-match': `W/"a", ${etag}` }), response).status).toBe(304);
  expect(applyConditions(requestWith({ 'if-none-match': '"a"' }), response).status).toBe(200);
  expect(applyConditions(requestWith({ range: 'bytes=0-1', 'if-range': etag }), response).status).toBe(206);
  expect(applyConditions(requestWith({ range: 'bytes=0-1', 'if-range': '"a"' }), response).status).toBe(200);
  const beyond = applyConditions(requestWith({ range: 'bytes=10-' }), response);
  expect(beyond.status).toBe(416);
  expect(beyond.headers['Content-Range']).toBe('bytes */10');
});

test('the date of the last change answers 304 where no entity tag is sent', () => {
  const modified = 'Wed, 01 Jul 2026 12:00:00 GMT';
  const response = { status: 200, headers: { 'Last-Modified': modified }, body: 'x', conditional: true };
  const statusFor = (headers: Record<string, string>): number =>
    applyConditions(requestWith(headers), response).status;
  expect(statusFor({ 'if-modified-since': modified })).toBe(304);
  expect(statusFor({ 'if-modified-since': 'Wed, 01 Jul 2026 11:59:59 GMT' })).toBe(200);
  expect(statusFor({ 'if-modified-since': modified, 'if-none-match': '"a"' })).toBe(200);
});

test('errors and streams are neither revalidated nor cut', () => {
  const range = requestWith({ range: 'bytes=0-1' });
  for (const response of [
    { status: 404, headers: {}, body: 'missing', conditional: true },
    { status: 200, headers: {}, body: 'plain' },
  ]) {
    expect(applyConditions(range, response)).toBe(response);
  }
});

test('multipart bodies with quoted boundary, binary content and look-alike boundaries', () => {
  const binary = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10, 13, 10]);
  const body = Buffer.concat([
    Buffer.from('preamble\r\n--b o\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n'),
    Buffer.from('Content-Type: application/octet-stream\r\n\r\n'),
    binary,
    Buffer.from('\r\n--b o\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n--b o--\r\n'),
  ]);
  expect(parseMultipart(body, 'multipart/form-data; boundary="b o"')).toEqual([
    { name: 'f', filename: 'a.bin', contentType: 'application/octet-stream', body: binary },
    { name: 'empty', body: Buffer.alloc(0) },
  ]);
});

test('a multipart body that does not hold to its boundary has no parts', () => {
  expect(parseMultipart(Buffer.from('--a\r\nno end'), 'multipart/form-data; boundary=a')).toEqual([]);
  expect(parseMultipart(Buffer.from('anything'), 'multipart/form-data')).toEqual([]);
});
