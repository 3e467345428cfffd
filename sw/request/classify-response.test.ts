/** What an answer means: the catalogue of ArcGIS's refusals, the traps around it, and a body that stays readable. */
import { describe, expect, test } from 'vitest';
import { classifyResponse, parseEnvelope, type SentRequest, type AuthStatus } from './classify-response.js';

const service = 'https://gis.example.org/server/rest/services/x/FeatureServer/0';
const queryUrl = `${service}/query?f=json`;

const asked = (isSigned: boolean, url = queryUrl, kind: SentRequest['kind'] = 'arcgis'): SentRequest => ({
  kind,
  url: new URL(url),
  isSigned,
});

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });

const html = (body: string, status = 200): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/html;charset=utf-8' } });

const error = (code: number | string, more: object = {}): object => ({
  error: { code, message: 'm', details: [], ...more },
});

/** A response whose body comes in the given pieces. */
function streamed(pieces: readonly Uint8Array[], type = 'application/json', status = 200): Response {
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  return new Response(body, { status, headers: { 'content-type': type } });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A response whose connection breaks after its first piece. */
const broken = (text: string): Response => {
  let isFirst = true;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (isFirst) controller.enqueue(bytes(text));
        else controller.error(new TypeError('terminated'));
        isFirst = false;
      },
    }),
    { headers: { 'content-type': 'application/json' } },
  );
};

/** Body and verdicts: of a request with our token, and of one without. */
const catalogue: [name: string, response: () => Response, signed: AuthStatus, unsigned: AuthStatus][] = [
  ['498 in 200', () => json(error(498)), 'token-rejected', 'auth-required'],
  ['499 in 200', () => json(error(499)), 'token-rejected', 'auth-required'],
  ['401 in 200', () => json(error(401)), 'token-rejected', 'auth-required'],
  ['403 in 200', () => json(error(403)), 'ok', 'auth-required'],
  ['403 GWM_0003', () => json(error(403, { messageCode: 'GWM_0003' })), 'ok', 'auth-required'],
  ['403 subcode 2', () => json(error(403, { subcode: 2 })), 'ok', 'auth-required'],
  ['403 subcode 4: https is asked for', () => json(error(403, { subcode: 4 })), 'ok', 'ok'],
  ['403 COM_0056', () => json(error(403, { messageCode: 'COM_0056' })), 'ok', 'ok'],
  ['403 COM_0057', () => json(error(403, { messageCode: 'COM_0057' })), 'ok', 'ok'],
  ['403 SB_0008', () => json(error(403, { messageCode: 'SB_0008' })), 'ok', 'ok'],
  ['400 CONT_0001', () => json(error(400, { messageCode: 'CONT_0001' })), 'ok', 'ok'],
  ['400 OAUTH_0066', () => json(error(400, { messageCode: 'OAUTH_0066' })), 'ok', 'ok'],
  ['404', () => json(error(404)), 'ok', 'ok'],
  ['500', () => json(error(500)), 'ok', 'ok'],
  ['4980', () => json(error(4980)), 'ok', 'ok'],
  ['a string code', () => json(error('498')), 'token-rejected', 'auth-required'],
  ['a code with spaces', () => json('{"error" : { "code" : 499 }}'), 'token-rejected', 'auth-required'],
  ['pjson', () => json(JSON.stringify(error(498), undefined, 2)), 'token-rejected', 'auth-required'],
  [
    'a code after long details',
    () => json({ error: { message: 'm'.repeat(2000), code: 498 } }),
    'token-rejected',
    'auth-required',
  ],
  ['an envelope without details', () => json('{"error":{"code":498}}'), 'token-rejected', 'auth-required'],
  [
    'leading white space',
    () => json(` \r\n\t${JSON.stringify(error(498))}`),
    'token-rejected',
    'auth-required',
  ],
  ['a byte order mark', () => json(`\uFEFF${JSON.stringify(error(498))}`), 'token-rejected', 'auth-required'],
  [
    'JSONP',
    () =>
      new Response(`dojo.io._cb1( ${JSON.stringify(error(499))} );`, {
        headers: { 'content-type': 'application/javascript' },
      }),
    'token-rejected',
    'auth-required',
  ],
  [
    'text/plain',
    () => json(error(498), 200, { 'content-type': 'text/plain;charset=utf-8' }),
    'token-rejected',
    'auth-required',
  ],
  [
    'GeoJSON',
    () => json(error(498), 200, { 'content-type': 'application/geo+json' }),
    'token-rejected',
    'auth-required',
  ],
  [
    'an upper-case type',
    () => json(error(498), 200, { 'content-type': 'Application/JSON' }),
    'token-rejected',
    'auth-required',
  ],
  [
    'the administrator API',
    () => json({ status: 'error', messages: ['Token not found'], code: 499 }),
    'token-rejected',
    'auth-required',
  ],
  [
    'the administrator API, another error',
    () => json({ status: 'error', messages: ['x'], code: 500 }),
    'ok',
    'ok',
  ],
  ['status 498', () => new Response('no', { status: 498 }), 'token-rejected', 'auth-required'],
  ['status 499', () => new Response(null, { status: 499 }), 'token-rejected', 'auth-required'],
  ['status 401', () => new Response('', { status: 401 }), 'token-rejected', 'auth-required'],
  [
    'status 401 with a web tier page',
    () => html('<html>401 Unauthorized', 401),
    'token-rejected',
    'auth-required',
  ],
  ['status 401 with 498 inside', () => json(error(498), 401), 'token-rejected', 'auth-required'],
  ['status 401 with 403 inside: a missing privilege', () => json(error(403), 401), 'ok', 'auth-required'],
  ['status 403 with 498 inside', () => json(error(498), 403), 'token-rejected', 'auth-required'],
  [
    'status 403 with GWM_0003 inside',
    () => json(error(403, { messageCode: 'GWM_0003' }), 403),
    'ok',
    'auth-required',
  ],
  ['status 403 of a firewall', () => html('<html>Forbidden', 403), 'ok', 'ok'],
  ['status 403 without a body', () => new Response(null, { status: 403 }), 'ok', 'ok'],
  ['status 404', () => json(error(498), 404), 'ok', 'ok'],
  ['status 500', () => json(error(498), 500), 'ok', 'ok'],
];

describe.each(catalogue)('%s', (_, response, signed, unsigned) => {
  test(`is ${signed} with our token`, async () => {
    expect(await classifyResponse(response(), asked(true))).toBe(signed);
  });

  test(`is ${unsigned} without one`, async () => {
    expect(await classifyResponse(response(), asked(false))).toBe(unsigned);
  });
});

describe('data that only mentions an error', () => {
  test.each([
    ['a feature', '{"features":[{"attributes":{"note":"{\\"error\\":{\\"code\\":498}}"}}]}'],
    ['a later error member', '{"layers":[],"error":{"code":498}}'],
    ['nested results', '{"addResults":[{"success":false,"error":{"code":498}}]}'],
    ['errors in the plural', '{"errors":{"code":498}}'],
    ['an error that is a text', '{"error":"498","code":498}'],
    ['an error that is null', '{"error":null,"code":498}'],
    ['an error that is a list', '{"error":[{"code":498}]}'],
    ['an error without a code', '{"error":{"message":"498"}}'],
    ['a list of errors', '[{"error":{"code":498}}]'],
    ['a text', '"{\\"error\\":{\\"code\\":498}}"'],
    ['a job that failed', '{"code":498,"message":"m","status":"failure"}'],
    ['a status that is fine', '{"status":"success","code":498}'],
    ['nothing', ''],
    ['white space', '   \n'],
    ['a number', '498'],
    ['an answer cut in its name', '{"err'],
    ['prose', 'error: {"error":{"code":498}}'],
  ])('%s is fine', async (_, body) => {
    expect(await classifyResponse(json(body), asked(true))).toBe('ok');
  });

  test.each(['application/x-protobuf', 'image/png', 'application/octet-stream', 'application/zip', ''])(
    'a body of type %j is fine',
    async (type) => {
      const response = streamed([bytes('{"error":{"code":498}}')], type);
      expect(await classifyResponse(response, asked(true))).toBe('ok');
      expect(response.bodyUsed).toBe(false);
    },
  );
});

describe('pieces of an answer', () => {
  const envelopes = [
    '{"error":{"code":498,"message":"Invalid token."}}',
    '\uFEFF \n{\n  "error": {\n    "code": 498\n  }\n}',
    'my.call_back$1({"error":{"code":498}});',
    '{"status":"error","messages":["é"],"code":498}',
  ];

  test.each(envelopes)('%j is recognised cut in two at any byte', async (text) => {
    const whole = bytes(text);
    for (let at = 0; at <= whole.length; at++) {
      const response = streamed([whole.slice(0, at), whole.slice(at)]);
      expect(await classifyResponse(response, asked(true)), `cut at ${at}`).toBe('token-rejected');
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole);
    }
  });

  test.each(envelopes)('%j is recognised byte by byte', async (text) => {
    const whole = bytes(text);
    const response = streamed([...whole].map((byte) => Uint8Array.of(byte)));
    expect(await classifyResponse(response, asked(true))).toBe('token-rejected');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole);
  });

  test('data is recognised byte by byte too, without reading on', async () => {
    let read = 0;
    const text = bytes(`{"features":[${'0,'.repeat(5000)}0]}`);
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(text.slice(read, ++read));
        },
      },
      { highWaterMark: 0 },
    );
    const response = new Response(body, { headers: { 'content-type': 'application/json' } });
    expect(await classifyResponse(response, asked(true))).toBe('ok');
    expect(read).toBeLessThan(32);
  });

  test('a body that breaks off is judged by what came', async () => {
    expect(await classifyResponse(broken('{"error":{"code":498,'), asked(true))).toBe('token-rejected');
    expect(await classifyResponse(broken('{"error":{'), asked(true))).toBe('ok');
  });
});

describe('a long answer', () => {
  const MEGABYTE = 1024 * 1024;

  test('of 10 MB is judged by its first bytes and stays whole', async () => {
    const start = bytes('{"features":[');
    const piece = new Uint8Array(64 * 1024).map((_, i) => 32 + (i % 90));
    let sent = 0;
    let total = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const next = sent === 0 ? start : piece;
          sent += 1;
          total += next.byteLength;
          controller.enqueue(next);
          if (total >= 10 * MEGABYTE) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const response = new Response(body, { headers: { 'content-type': 'application/json' } });
    expect(await classifyResponse(response, asked(true))).toBe('ok');
    expect(total).toBeLessThan(MEGABYTE);
    expect(response.bodyUsed).toBe(false);
    const received = new Uint8Array(await response.arrayBuffer());
    expect(received.byteLength).toBe(total);
    expect(received.subarray(0, start.length)).toEqual(start);
    expect(Buffer.compare(received.subarray(start.length, start.length + piece.length), piece)).toBe(0);
    expect(Buffer.compare(received.subarray(-piece.length), piece)).toBe(0);
  });

  test('that announces its length is not read at all', async () => {
    let isRead = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull() {
          isRead = true;
        },
      },
      { highWaterMark: 0 },
    );
    const response = new Response(body, {
      headers: { 'content-type': 'application/json', 'content-length': '4097' },
    });
    expect(await classifyResponse(response, asked(true))).toBe('ok');
    expect(isRead).toBe(false);
  });

  test('at the limit is read', async () => {
    expect(await classifyResponse(json(error(498), 200, { 'content-length': '4096' }), asked(true))).toBe(
      'token-rejected',
    );
  });

  test('that begins like an error and never ends is not waited for', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(bytes(`{"error":{"code":498,"message":"${'x'.repeat(1000)}`));
      },
    });
    expect(
      await classifyResponse(
        new Response(endless, { headers: { 'content-type': 'application/json' } }),
        asked(true),
      ),
    ).toBe('token-rejected');
  });

  test('of white space only is given up', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(bytes(' '.repeat(100)));
      },
    });
    expect(
      await classifyResponse(
        new Response(endless, { headers: { 'content-type': 'application/json' } }),
        asked(true),
      ),
    ).toBe('ok');
  });
});

const wms = 'https://gis.example.org/server/services/x/MapServer/WMSServer';
const wfs = 'https://gis.example.org/server/services/x/MapServer/wfsserver/';

describe('XML', () => {
  const exception = (text: string): string =>
    `<?xml version="1.0"?><ServiceExceptionReport version="1.3.0"><ServiceException code="NoApplicableCode">${text}</ServiceException></ServiceExceptionReport>`;
  const xml = (body: string, type = 'text/xml; charset=utf-8'): Response =>
    new Response(body, { headers: { 'content-type': type } });

  test.each([
    ['of WMS 1.3', wms, exception('Token Required'), 'text/xml'],
    [
      'of WMS 1.1.1',
      wms,
      `<!DOCTYPE ServiceExceptionReport SYSTEM "x">\n${exception('Invalid token.').slice(21)}`,
      'application/vnd.ogc.se_xml',
    ],
    [
      'of OWS',
      wfs,
      '<ows:ExceptionReport><ows:Exception exceptionCode="x"><ows:ExceptionText>Token Required',
      'application/xml',
    ],
  ])('an exception %s that says so is a refusal', async (_, url, body, type) => {
    expect(await classifyResponse(xml(body, type), asked(true, url))).toBe('token-rejected');
    expect(await classifyResponse(xml(body, type), asked(false, url))).toBe('auth-required');
  });

  test.each([
    ['an exception for another reason', wms, exception('Layer 7 is not defined')],
    ['data that speak of tokens', wfs, '<wfs:FeatureCollection><name>Token Required</name>'],
    ['data that hold an exception', wfs, `<data>${exception('Token Required')}</data>`],
    ['an exception of something that is no OGC service', queryUrl, exception('Token Required')],
    ['capabilities', wms, '<WMS_Capabilities><Title>Invalid Token</Title>'],
  ])('%s is none', async (_, url, body) => {
    expect(await classifyResponse(xml(body), asked(true, url))).toBe('ok');
    expect(await classifyResponse(xml(body), asked(false, url))).toBe('ok');
  });
});

describe('HTML', () => {
  const invalid = '<html><head></head><body><h2>Invalid Token</h2></body></html>';
  const required = '<html><body>Error: Token Required</body></html>';

  test.each([
    ['a tile', 'https://gis.example.org/server/rest/services/x/MapServer/tile/1/2/3'],
    ['a vector tile', 'https://gis.example.org/server/rest/services/x/VectorTileServer/tile/1/2/3.pbf'],
    [
      'a sprite',
      'https://gis.example.org/server/rest/services/x/VectorTileServer/resources/sprites/sprite.png',
    ],
    ['a thumbnail', 'https://gis.example.org/portal/sharing/rest/content/items/1/info/thumbnail/t.JPG'],
    ['an image', 'https://gis.example.org/server/rest/services/x/MapServer/export?bbox=1'],
    ['an image of imagery', 'https://gis.example.org/server/rest/services/x/ImageServer/exportImage'],
    ['an attachment', `${service}/1/attachments/2`],
    ['JSON', queryUrl],
    ['pbf', `${service}/query?f=pbf`],
    ['a map of a WMS', `${wms}?request=GetMap&format=image/png`],
    ['a WFS', 'https://services.arcgis.com/AbC/arcgis/services/x/WFSServer?request=GetFeature'],
  ])('that says "Invalid Token" where %s was asked is a refusal', async (_, url) => {
    expect(await classifyResponse(html(invalid), asked(true, url))).toBe('token-rejected');
    expect(await classifyResponse(html(required), asked(false, url))).toBe('auth-required');
  });

  test('that says so late, and after white space, is a refusal', async () => {
    expect(
      await classifyResponse(html(`\n <!DOCTYPE html>${'<p>x</p>'.repeat(300)}INVALID TOKEN`), asked(true)),
    ).toBe('token-rejected');
  });

  test('that says so in pieces is a refusal', async () => {
    expect(
      await classifyResponse(streamed([bytes('<html>Invalid To'), bytes('ken')], 'text/html'), asked(true)),
    ).toBe('token-rejected');
  });

  test.each([
    ['that was asked for', `${service}/query?f=html`],
    ['of a page without a format', service],
    ['of a folder', 'https://gis.example.org/server/rest/services'],
    ['that a WMS was asked for', `${wms}?request=GetFeatureInfo&INFO_FORMAT=text/html`],
    ['that a WMS was asked for, encoded', `${wms}?request=GetFeatureInfo&info_format=text%2Fhtml`],
  ])('%s may speak of tokens', async (_, url) => {
    expect(await classifyResponse(html(invalid), asked(true, url))).toBe('ok');
  });

  test('of a captive portal is fine', async () => {
    expect(await classifyResponse(html('<html>Welcome to our network'), asked(true))).toBe('ok');
  });
});

describe('answers without a body to look into', () => {
  test.each([
    ['204', () => new Response(null, { status: 204 })],
    ['205', () => new Response(null, { status: 205 })],
    ['304', () => new Response(null, { status: 304, headers: { 'content-type': 'application/json' } })],
    ['206', () => json(error(498), 206)],
    [
      'HEAD',
      () => new Response(null, { headers: { 'content-type': 'application/json', 'content-length': '70' } }),
    ],
    ['a network error, which looks like an opaque answer', () => Response.error()],
  ])('%s is fine', async (_, response) => {
    expect(await classifyResponse(response(), asked(true))).toBe('ok');
  });
});

describe('other OAuth servers', () => {
  const url = 'https://api.example.org/v1/x';

  test('refuse by 401 alone', async () => {
    expect(await classifyResponse(new Response(null, { status: 401 }), asked(true, url, 'oauth'))).toBe(
      'token-rejected',
    );
    expect(await classifyResponse(new Response(null, { status: 401 }), asked(false, url, 'oauth'))).toBe(
      'auth-required',
    );
  });

  test.each([200, 403, 498, 499])('mean nothing of ours by %i', async (status) => {
    const response = json(error(498), status);
    expect(await classifyResponse(response, asked(true, url, 'oauth'))).toBe('ok');
    expect(response.bodyUsed).toBe(false);
  });
});

test('an answer that was judged is still the one of the network', async () => {
  const response = json(error(400));
  await classifyResponse(response, asked(true));
  expect(response.bodyUsed).toBe(false);
  expect(await response.json()).toEqual(error(400));
});

test('parseEnvelope reads what decides, and leaves out what is not there', () => {
  expect(parseEnvelope('{"error":{"code":403,"messageCode":"GWM_0003","subcode":2}}')).toEqual({
    code: 403,
    messageCode: 'GWM_0003',
    subcode: 2,
  });
  expect(parseEnvelope('{"error":{"code":498}}')).toEqual({ code: 498 });
  expect(parseEnvelope('{"error":{"co')).toBeUndefined();
});
