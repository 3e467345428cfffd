// The files as a client meets them: guarded, revalidated, in ranges, and as streams that go on.

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
])('%s is for who is signed in, and its twin for everybody', async (name, type) => {
  const answer = await ask(`Files/${name}`);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(answer.headers.get('etag')).toMatch(/^".+"$/);
  expect(await answer.arrayBuffer()).toEqual(await (await ask(`PublicFiles/${name}`, {})).arrayBuffer());
  expect(errorCode(await json(await ask(`Files/${name}`, {})))).toBe(499);
});

test('a file that does not exist is an invalid URL', async () => {
  expect(errorCode(await json(await ask('Files/constructor')))).toBe(400);
});

test('a file is revalidated by tag and by date, with the caching that was asked for', async () => {
  const first = await ask('Files/data.json', { token, cache: 'max-age=60', timing: '1' });
  expect(first.headers.get('cache-control')).toBe('max-age=60');
  expect(first.headers.get('timing-allow-origin')).toBe('*');
  const known = { 'if-none-match': first.headers.get('etag') ?? '' };
  expect((await ask('Files/data.json', { token }, { headers: known })).status).toBe(304);
  const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' };
  expect((await ask('Files/data.json', { token }, { headers: since })).status).toBe(304);
});

test('a sound is played in ranges', async () => {
  const part = await ask('Files/sound.wav', { token }, { headers: { range: 'bytes=0-11' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).toString('latin1')).toMatch(/^RIFF[^]{4}WAVE$/);
  expect((await ask('Files/sound.wav', { token }, { headers: { range: 'bytes=99999999-' } })).status).toBe(
    416,
  );
});

test('an attachment has a name', async () => {
  const answer = await ask('Files/report.csv');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="report.csv"');
});

test('events come with an id, and end where they are told to', async () => {
  const text = await (await ask('Files/events', { token, end: '1' })).text();
  expect(text).toMatch(/^retry: 1\n\nid: 1\nevent: change\ndata: event 1\n\n/);
  const open = (await ask('Files/events')).body?.getReader();
  expect((await open?.read())?.done).toBe(false);
  await open?.cancel();
});

test('a line comes when it is asked for, and not before', async () => {
  const lines = (await ask('Files/steps')).body?.getReader();
  const read = async (): Promise<string> => Buffer.from((await lines?.read())?.value ?? []).toString();
  expect(await read()).toBe('line 1\n');
  for (const line of ['line 2\n', 'line 3\n', '']) {
    await ask('Files/steps/next');
    expect(await read()).toBe(line);
  }
});
