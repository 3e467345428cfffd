/** What may be kept, and what may not. */
import { describe, expect, test } from 'vitest';
import { isStorable, readStorable } from './storable.js';

const request = (init?: RequestInit): Request => new Request('https://gis.example.org/tile/1/0/1', init);
const answer = (body: string, headers: Record<string, string> = {}): Response =>
  new Response(body, { headers: { 'content-type': 'application/json', ...headers } });
const isKept = async (body: string, headers?: Record<string, string>): Promise<boolean> =>
  (await readStorable(answer(body, headers), 100_000)) !== undefined;

describe('by its head', () => {
  test.each<[name: string, request: Request, response: Response]>([
    ['a write', request({ method: 'POST', body: 'f=json' }), answer('{}')],
    ['a part', request(), new Response('x', { status: 206 })],
    ['a refusal', request(), new Response('x', { status: 403 })],
    ['nothing', request(), new Response(null, { status: 204 })],
    ['what cannot be read', request(), Response.error()],
    ['a page', request(), answer('<p>', { 'content-type': 'text/html; charset=utf-8' })],
    ['a page, in capitals', request(), answer('<p>', { 'content-type': ' TEXT/HTML' })],
    ['a page of XML', request(), answer('<p>', { 'content-type': 'application/xhtml+xml' })],
    ['what differs by more than its request', request(), answer('{}', { vary: '*' })],
    ['the same among others', request(), answer('{}', { vary: 'Origin, *' })],
  ])('%s is not kept', (_, given, response) => {
    expect(isStorable(given, response)).toBe(false);
  });

  test.each([answer('{}'), answer('{}', { vary: 'Origin' }), answer('x', { 'content-type': 'image/png' })])(
    'content is kept',
    (response) => {
      expect(isStorable(request(), response)).toBe(true);
    },
  );
});

const long = 'x'.repeat(5000);
const refused = '"error":{"code":499,"message":"Token Required"}';

describe('by its body', () => {
  test.each([
    `{${refused}}`,
    `\uFEFF \n { "error" : \n {"code": 498}}`,
    `{"padding":"${long}",${refused}}`,
    `{"layers":[{"id":0,${refused}}]}`,
    `callback({${refused}});`,
    `/**/dojo.cb[0]({${refused}})`,
    `cb && cb({${refused}});`,
    `{"status":"error","messages":["Unauthorized access."],"code":498}`,
    `{"messages":"${long}","code":499,"status" : "error"}`,
    `{"messages":["a",{"b":"{"}],"status":"error"}`,
    `<html><body>Token Required</body></html>`,
    `\uFEFF\n<!-- ${'x'.repeat(100)} -->\n<!DOCTYPE html><p>Welcome`,
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">`,
    `<?xml version="1.0"?><ServiceExceptionReport version="1.3.0"/>`,
    `<ows:ExceptionReport xmlns:ows="x">${long}</ows:ExceptionReport>`,
    `{"features":[{"attributes":{"NAME":"half`,
    `{"features":[1,2,`,
    `callback({"features":[1,2`,
  ])('%j is not kept, of any type', async (body) => {
    expect(await isKept(body)).toBe(false);
    expect(await isKept(body, { 'content-type': 'image/png' })).toBe(false);
  });

  test.each([
    '{"count":3}',
    '[]',
    'callback({"count":3});\n',
    '{"features":[{"attributes":{"error":"none","status":"error"}}]}',
    '{"error":null}',
    '{"error":"a text"}',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<kml><description>&lt;html&gt;</description></kml>',
    'a,b\n1,2',
    '\x1a\x0cpbf{',
    '',
  ])('%j is kept', async (body) => {
    expect(await isKept(body)).toBe(true);
  });

  test('what is shorter than its server says, too long, or broken off is not kept', async () => {
    expect(await isKept('{}', { 'content-length': '3' })).toBe(false);
    expect(await isKept('{}', { 'content-length': '2' })).toBe(true);
    expect(await isKept('{}', { 'content-length': '1' })).toBe(true);
    expect(await isKept('{}', { 'content-length': '9', 'content-encoding': 'gzip' })).toBe(true);
    expect(await readStorable(answer('{"count":3}'), 10)).toBeUndefined();
    expect(await readStorable(answer('{}', { 'content-length': '11' }), 10)).toBeUndefined();
    const broken = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{}'));
      },
      pull: (controller) => {
        controller.error(new Error('reset'));
      },
    });
    expect(await readStorable(new Response(broken))).toBeUndefined();
  });
});
