/** Which portal a server says it belongs to. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/portal.js';
import { readOwningPortal } from './federation.js';

const NOW_MS = 1_700_000_000_000;
const server = 'https://gis.example.org/server';
const [portal] = resolvePortals(
  [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'app',
      redirectUri: '/signed-in.html',
    }),
  ],
  'https://app.example/',
);
if (!portal) throw new Error('There is no portal.');

const sent: { url: string; init: RequestInit }[] = [];
const answerWith = (make: () => Response | Promise<Response>): void => {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return Promise.resolve().then(make);
  });
};

beforeEach(() => {
  sent.length = 0;
  vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('readOwningPortal', () => {
  test('asks without any credential', async () => {
    answerWith(() => Response.json({ owningSystemUrl: 'http://GIS.example.org/portal/' }));
    expect(await readOwningPortal(server)).toBe('https://gis.example.org/portal');
    expect(sent[0]?.url).toBe('https://gis.example.org/server/rest/info?f=json');
    expect(sent[0]?.init).toMatchObject({ credentials: 'omit' });
  });

  test.each<[name: string, info: unknown, expected: null | undefined]>([
    ['a server that names none', { currentVersion: 11 }, null],
    ['a server that names no URL', { owningSystemUrl: 'portal' }, null],
    [
      'a server that names something else',
      { owningSystemUrl: { url: 'https://gis.example.org/portal' } },
      null,
    ],
    ['an error', { error: { code: 499 } }, undefined],
    ['null', null, undefined],
    ['a text', 'x', undefined],
  ])('%s', async (_, info, expected) => {
    answerWith(() => Response.json(info));
    expect(await readOwningPortal(server)).toBe(expected);
  });

  test.each<[name: string, make: () => Response | Promise<Response>]>([
    ['that cannot be reached', () => Promise.reject(new TypeError('x'))],
    ['that answers HTML', () => new Response('<html>')],
    ['in trouble', () => Response.json({ currentVersion: 11 }, { status: 503 })],
    ['behind a captive portal', () => Response.json({ captive: true }, { status: 511 })],
    [
      'whose answer comes from elsewhere',
      () => Object.defineProperty(Response.json({}), 'url', { value: 'https://wlan.example/api' }),
    ],
    [
      'that does not stop talking',
      () => Response.json({ owningSystemUrl: portal.url, padding: 'x'.repeat(300_000) }),
    ],
  ])('a server %s is not judged', async (_, make) => {
    answerWith(make);
    expect(await readOwningPortal(server)).toBeUndefined();
  });
});
