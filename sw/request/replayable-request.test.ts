/** A request that is sent again: every field the page set is still there. */
import { describe, expect, test } from 'vitest';
import { ownHeaders, toReplayable, toRequest } from './replayable-request.js';

const bodiless = { body: undefined, hasStreamBody: false, destination: '' } as const;
const url = new URL('https://gis.example.org/server/rest/services?f=json');

describe('fields of the page', () => {
  test.each<RequestInit>([
    { mode: 'cors' },
    { mode: 'no-cors' },
    { mode: 'same-origin' },
    { credentials: 'omit' },
    { credentials: 'same-origin' },
    { credentials: 'include' },
    { cache: 'default' },
    { cache: 'no-store' },
    { cache: 'reload' },
    { cache: 'force-cache' },
    { redirect: 'follow' },
    { redirect: 'error' },
    { redirect: 'manual' },
    { referrer: '' },
    { referrerPolicy: 'no-referrer' },
    { referrerPolicy: 'strict-origin' },
    { keepalive: true },
    { method: 'HEAD' },
    { method: 'PUT' },
    { method: 'PATCH' },
    { method: 'DELETE' },
  ])('%j is kept', (init) => {
    const sent = toRequest({ request: new Request(url, init), url, ...bodiless });
    const [name] = Object.keys(init) as (keyof Request)[];
    expect(sent[name ?? 'url']).toBe(new Request(url, init)[name ?? 'url']);
  });

  test('its headers are kept', () => {
    const request = new Request(url, {
      headers: { range: 'bytes=0-9', accept: 'image/*', 'if-none-match': '"1"' },
    });
    expect([...toRequest({ request, url, ...bodiless }).headers]).toEqual([...request.headers]);
  });

  test('its abort is kept', () => {
    const controller = new AbortController();
    const sent = toRequest({
      request: new Request(url, { signal: controller.signal }),
      url,
      ...bodiless,
    });
    expect(sent.signal.aborted).toBe(false);
    controller.abort();
    expect(sent.signal.aborted).toBe(true);
  });
});

describe('changes', () => {
  const request = new Request(url, { headers: { accept: 'text/x' }, redirect: 'follow' });

  test('nothing changes unless told to', () => {
    expect(toRequest({ request, url, ...bodiless })).toMatchObject({
      url: url.href,
      method: 'GET',
      redirect: 'follow',
    });
  });

  test('URL, headers and fields are replaced', () => {
    const sent = toRequest(
      { request, url, ...bodiless },
      {
        url: new URL('https://gis.example.org/other'),
        headers: new Headers({ 'x-a': '1' }),
        init: { redirect: 'manual', mode: 'cors' },
      },
    );
    expect(sent).toMatchObject({ url: 'https://gis.example.org/other', redirect: 'manual', mode: 'cors' });
    expect([...sent.headers]).toEqual([['x-a', '1']]);
  });
});

describe('bodies', () => {
  const formData = new FormData();
  formData.set('file', new File([Uint8Array.of(0, 255, 13, 10)], 'a.bin'));

  test.each<[name: string, body: BodyInit]>([
    ['a text', 'where=1=1'],
    ['parameters', new URLSearchParams({ f: 'json', x: 'ä' })],
    ['bytes', Uint8Array.of(0, 255, 128)],
    ['a blob', new Blob([Uint8Array.of(0, 255)], { type: 'image/png' })],
    ['a form with a file', formData],
  ])('%s is sent again and again, byte for byte', async (_, body) => {
    const original = new Request(url, { method: 'POST', body });
    const expected = new Uint8Array(await original.clone().arrayBuffer());
    const replayable = await toReplayable(original, url);
    for (const sent of [toRequest(replayable), toRequest(replayable)]) {
      expect(sent.headers.get('content-type')).toBe(original.headers.get('content-type'));
      expect(new Uint8Array(await sent.arrayBuffer())).toEqual(expected);
    }
  });

  test('a stream is read once and kept', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Uint8Array.of(1, 2));
        controller.enqueue(Uint8Array.of(3));
        controller.close();
      },
    });
    const replayable = await toReplayable(
      new Request(url, { method: 'POST', body, duplex: 'half' } as RequestInit),
      url,
    );
    expect(new Uint8Array(await toRequest(replayable).arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('a POST without a body stays without one', async () => {
    const sent = toRequest(await toReplayable(new Request(url, { method: 'POST' }), url));
    expect(sent.method).toBe('POST');
    expect(sent.body).toBeNull();
  });

  test('another body takes the place of the page’s', async () => {
    const replayable = await toReplayable(new Request(url, { method: 'POST', body: 'a' }), url);
    expect(await toRequest(replayable, { body: new Blob(['b']) }).text()).toBe('b');
    expect(await toRequest(replayable).text()).toBe('a');
  });

  test.each([
    ['GET', false],
    ['HEAD', false],
    ['POST', true],
    ['PUT', true],
    ['PATCH', true],
    ['DELETE', true],
  ])('%s may have one: %s', async (method, expected) => {
    const replayable = toReplayable(new Request(url, { method }), url);
    // What can have no body is not waited for.
    expect(replayable instanceof Promise).toBe(expected);
    expect((await replayable).body !== undefined).toBe(expected);
  });
});

test.each([
  ['user-agent', {}],
  ['icy-metadata', {}],
  ['last-event-id', { accept: 'text/event-stream' }],
  ['cache-control', { accept: 'text/event-stream' }],
])('the header %s, which an engine has added, is not copied', (name, others) => {
  const headers = { ...others, 'x-own': '1', [name]: 'no-cache' };
  const kept = ownHeaders(new Request('https://gis.example.org/', { headers }));
  expect(kept.has(name)).toBe(false);
  expect(kept.get('x-own')).toBe('1');
});

test('what the page has set is copied', () => {
  const headers = { 'cache-control': 'no-cache', 'last-event-id': '7', accept: 'application/json' };
  const kept = ownHeaders(new Request('https://gis.example.org/', { headers }));
  expect(Object.fromEntries(kept)).toEqual(headers);
});
