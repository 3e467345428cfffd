/** What a service's answer to an edit says. An edit that looks taken and is not is lost. */
import { describe, expect, test } from 'vitest';
import { asksForJson, isOfCaptivePortal, outcomeOf } from './edit-answer.js';
import type { PortalKind } from '../portals/portal.js';

const url = 'https://gis.example.org/server/rest/services/Trees/FeatureServer/0/applyEdits';
const edit = (init: RequestInit = {}): Request =>
  new Request(url, { method: 'POST', body: new URLSearchParams({ f: 'json', adds: '[]' }), ...init });
const form = (fields: Readonly<Record<string, string | Blob>>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
};
const json = (value: unknown, status = 200): Response => Response.json(value, { status });
const html = (status = 200): Response =>
  new Response('<h1>Welcome</h1>', { status, headers: { 'content-type': 'text/html; charset=utf-8' } });

/** `taken`, or the code and whether it is sent again by itself. */
async function outcome(response: Response, request = edit(), kind: PortalKind = 'arcgis'): Promise<string> {
  const given = await outcomeOf(request, response, kind);
  return given === 'taken' ? given : `${given.error.code}${given.later ? ', later' : ''}`;
}

const ok = { objectId: 1, success: true };
const bad = { objectId: -1, success: false, error: { code: 1000, description: 'no' } };

describe('taken', () => {
  test.each([
    { addResults: [ok], updateResults: [], deleteResults: [] },
    [
      { id: 0, addResults: [ok] },
      { id: 1, deleteResults: [ok] },
    ],
    { addAttachmentResult: { objectId: 1, success: true } },
    { success: true, updatedFeatureCount: 3 },
    { addResults: [ok], editedFeatures: { adds: [{ attributes: { success: false } }] } },
    { statusUrl: 'https://gis.example.org/jobs/1' },
  ])('%j', async (answer) => {
    expect(await outcome(json(answer))).toBe('taken');
  });

  test('whatever a server without ArcGIS’s errors answers with success', async () => {
    expect(await outcome(new Response(null, { status: 204 }), edit(), 'oauth')).toBe('taken');
    expect(await outcome(json({ success: false }, 201), edit(), 'oauth')).toBe('taken');
  });
});

describe('refused in part', () => {
  test.each([
    { addResults: [ok, bad] },
    { addResults: [], updateResults: [bad], deleteResults: [] },
    { deleteResults: [bad, bad] },
    [
      { id: 0, addResults: [ok] },
      { id: 1, updateResults: [bad] },
    ],
    { attachments: { addResults: [bad] } },
    { addAttachmentResult: bad },
    { deleteAttachmentResults: [ok, bad] },
    { success: false },
  ])('%j', async (answer) => {
    expect(await outcome(json(answer))).toBe('edit-partly-refused');
  });
});

describe('refused', () => {
  test.each([400, 401, 403, 409, 413, 422, 498, 499])('status %d', async (status) => {
    expect(await outcome(json({ error: { code: status } }, status))).toBe('edit-refused');
  });

  test('an error inside HTTP 200, however long', async () => {
    const error = { code: 400, message: 'x'.repeat(10_000) };
    expect(await outcome(json({ error }))).toBe('edit-refused');
    expect(await outcome(json({ padding: 'x'.repeat(10_000), error }))).toBe('edit-refused');
  });

  test.each([404, 410])('a service that is gone: %d', async (status) => {
    expect(await outcome(json({}, status))).toBe('edit-service-gone');
  });
});

describe('later', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 511])('status %d', async (status) => {
    expect(await outcome(html(status))).toBe('edit-delayed, later');
  });

  test('the page of a captive portal', async () => {
    expect(await outcome(html())).toBe('edit-delayed, later');
    expect(await outcome(html(), edit({ headers: { accept: 'application/json' } }), 'oauth')).toBe(
      'edit-delayed, later',
    );
  });

  test('an answer that breaks off is lost', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"addResults":['));
      },
      pull: (controller) => {
        controller.error(new TypeError('reset'));
      },
    });
    await expect(outcome(new Response(body))).rejects.toThrow(TypeError);
  });
});

test.each([
  ['HTML where none else was asked for', html()],
  ['nothing', new Response('')],
  ['half of the JSON', new Response('{"addResults":[{"success":tr')],
  ['a text', new Response('OK')],
])('%s says nothing of the edit: it is not sent again by itself', async (_, response) => {
  expect(await outcome(response, edit({ body: new URLSearchParams({ adds: '[]' }) }))).toBe(
    'edit-unconfirmed',
  );
});

test.each<[expected: boolean, name: string, request: Request]>([
  [true, 'in a form', edit()],
  [true, 'behind a long form', edit({ body: new URLSearchParams({ adds: 'x'.repeat(99_999), f: 'pjson' }) })],
  [true, 'in the query', new Request(`${url}?f=geojson`, { method: 'POST' })],
  [true, 'by Accept', edit({ body: '{}', headers: { accept: 'application/json, */*' } })],
  [true, 'behind a file', edit({ body: form({ file: new Blob(['x'.repeat(99_999)]), f: 'json' }) })],
  [true, 'before a file', edit({ body: form({ f: 'json', file: new Blob(['x'.repeat(99_999)]) }) })],
  [false, 'not', edit({ body: new URLSearchParams({ adds: 'f=json' }) })],
  [false, 'another format', edit({ body: new URLSearchParams({ f: 'html' }) })],
  [false, 'in another field', edit({ body: form({ format: 'json' }) })],
])('%s: asks for JSON %s', async (expected, _, request) => {
  expect(await asksForJson(request)).toBe(expected);
});

test('a network that answers itself is told from the service', () => {
  expect(isOfCaptivePortal(html(511), false)).toBe(true);
  expect(isOfCaptivePortal(html(), true)).toBe(true);
  expect(isOfCaptivePortal(html(), false)).toBe(false);
  expect(isOfCaptivePortal(html(503), true)).toBe(false);
  expect(isOfCaptivePortal(json({}), true)).toBe(false);
});
