// The files over HTTP: access, revalidation, ranges, streams.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Portal } from '../../index.js';
import { errorCode, json, startWithClient, urlWith, type TestClient } from '../../test-client.js';

let portal: Portal;
let client: TestClient;
let token: string;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(async () => {
  portal.control.reset();
  token = (await client.tokens()).access;
});
afterAll(() => portal.close());

const ask = (
  name: string,
  parameters: Record<string, string> = { token },
  init: RequestInit = {},
): Promise<Response> => fetch(urlWith(`${portal.hostedUrl}/${name}`, parameters), init);

test.each([
  ['style.css', 'text/css; charset=utf-8'],
  ['square.ttf', 'font/ttf'],
  ['dot.png', 'image/png'],
  ['script.js', 'text/javascript; charset=utf-8'],
  ['module.js', 'text/javascript; charset=utf-8'],
  ['data.json', 'application/json; charset=utf-8'],
  ['sound.wav', 'audio/wav'],
])('%s needs a sign-in, and its public copy does not', async (name, type) => {
  const response = await ask(`Files/${name}`);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('etag')).toMatch(/^".+"$/);
  expect(await response.arrayBuffer()).toEqual(await (await ask(`PublicFiles/${name}`, {})).arrayBuffer());
  expect(errorCode(await json(await ask(`Files/${name}`, {})))).toBe(499);
});

test('a file that does not exist is an invalid URL', async () => {
  expect(errorCode(await json(await ask('Files/constructor')))).toBe(400);
});

test('a file is revalidated by tag and by date, with the requested caching', async () => {
  const first = await ask('Files/data.json', { token, cache: 'max-age=60', timing: '1' });
  expect(first.headers.get('cache-control')).toBe('max-age=60');
  expect(first.headers.get('timing-allow-origin')).toBe('*');
  const known = { 'if-none-match': first.headers.get('etag') ?? '' };
  expect((await ask('Files/data.json', { token }, { headers: known })).status).toBe(304);
  const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' };
  expect((await ask('Files/data.json', { token }, { headers: since })).status).toBe(304);
});

test('a sound is served in ranges', async () => {
  const part = await ask('Files/sound.wav', { token }, { headers: { range: 'bytes=0-11' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).toString('latin1')).toMatch(/^RIFF[^]{4}WAVE$/);
  expect((await ask('Files/sound.wav', { token }, { headers: { range: 'bytes=99999999-' } })).status).toBe(
    416,
  );
});

test('an attachment has a name', async () => {
  const response = await ask('Files/report.csv');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="report.csv"');
});

test('events have an id, and end on request', async () => {
  const text = await (await ask('Files/events', { token, end: '1' })).text();
  expect(text).toMatch(/^retry: 1\n\nid: 1\nevent: change\ndata: event 1\n\n/);
  const open = (await ask('Files/events')).body?.getReader();
  expect((await open?.read())?.done).toBe(false);
  await open?.cancel();
});

test('a line is sent when it is requested', async () => {
  const lines = (await ask('Files/steps')).body?.getReader();
  const read = async (): Promise<string> => Buffer.from((await lines?.read())?.value ?? []).toString();
  expect(await read()).toBe('line 1\n');
  for (const line of ['line 2\n', 'line 3\n', '']) {
    await ask('Files/steps/next');
    expect(await read()).toBe(line);
  }
});
