/** The spellings of one portal: equal ones become one key, look-alikes stay apart. */
import { describe, expect, test } from 'vitest';
import { parsePortalUrl } from '../../protocol/registration.js';
import { normalizePortalUrl, readPortalUrl, type PortalUrl } from './portal-url.js';

describe.each<[key: string, spellings: string[]]>([
  [
    'https://gis.example.org/portal',
    [
      'https://gis.example.org/portal',
      'https://gis.example.org/portal/',
      'https://gis.example.org/portal//',
      'http://gis.example.org/portal',
      'http://gis.example.org:80/portal',
      'https://gis.example.org:443/portal',
      'HTTPS://GIS.Example.ORG/portal',
      'https://gis.example.org/portal/home',
      'https://gis.example.org/portal/home/',
      'https://gis.example.org/portal/home/index.html',
      'https://gis.example.org/portal/Home/item.html?id=1#overview',
      'https://gis.example.org/portal/sharing',
      'https://gis.example.org/portal/sharing/',
      'https://gis.example.org/portal/sharing/rest',
      'https://gis.example.org/portal/Sharing/REST/',
      'https://user:secret@gis.example.org/portal',
      'https://gis.example.org/x/../portal',
    ],
  ],
  [
    'https://gis.example.org',
    [
      'https://gis.example.org',
      'https://gis.example.org/',
      'https://gis.example.org/sharing/rest',
      'https://gis.example.org/home/',
    ],
  ],
  [
    'https://gis.example.org:7443/arcgis',
    ['https://gis.example.org:7443/arcgis', 'http://gis.example.org:7443/arcgis/sharing'],
  ],
  [
    'https://www.arcgis.com',
    [
      'https://www.arcgis.com',
      'http://www.arcgis.com/sharing/rest',
      'https://arcgis.com',
      'https://cdn.arcgis.com/',
      'https://org.maps.arcgis.com',
      'https://ORG.maps.arcgis.com/home/webmap/viewer.html',
      'https://a.b.maps.arcgis.com/sharing/rest/',
      'https://org.maps.arcgis.com:443/',
    ],
  ],
  ['https://devext.arcgis.com', ['https://devext.arcgis.com/sharing', 'https://org.mapsdevext.arcgis.com']],
  ['https://qaext.arcgis.com', ['https://qaext.arcgis.com', 'http://org.mapsqa.arcgis.com/home']],
  [
    'http://localhost:8080/portal',
    ['http://localhost:8080/portal/', 'http://LOCALHOST:8080/portal/sharing/rest'],
  ],
  ['http://127.0.0.1:1', ['http://127.0.0.1:1/', 'http://127.1:1/sharing']],
  ['http://[::1]:1/gis', ['http://[::1]:1/gis/']],
  ['https://portal.localhost', ['https://portal.localhost/home']],
])('%s', (key, spellings) => {
  test.each(spellings)('is the key of %s', (spelling) => {
    expect(normalizePortalUrl(spelling)).toBe(key);
  });

  test('is its own key', () => {
    expect(normalizePortalUrl(key)).toBe(key);
  });
});

test.each([
  ['https://gis.example.org/portal', 'https://gis.example.org/portal2'],
  ['https://gis.example.org/portal', 'https://gis.example.org/Portal'],
  ['https://gis.example.org/portal', 'https://gis.example.org/portal/rest'],
  ['https://gis.example.org/portal', 'https://gis.example.org/portal/homeless'],
  ['https://gis.example.org/portal', 'https://gis.example.org/portal/sharing2'],
  ['https://gis.example.org/portal', 'https://gis.example.org/portal/mysharing'],
  ['https://gis.example.org/portal', 'https://gis.example.org/portal%2Fsharing'],
  ['https://gis.example.org/portal', 'https://gis.example.org:8443/portal'],
  ['https://gis.example.org/portal', 'https://gis.example.org./portal'],
  ['https://gis.example.org/portal', 'https://gis.example.org.evil.example/portal'],
  ['https://gis.example.org/portal', 'https://gis.example.org@evil.example/portal'],
  ['https://gis.example.org/portal', 'https://evil.example/gis.example.org/portal'],
  ['https://gis.example.org/portal', 'https://xgis.example.org/portal'],
  ['https://services1.arcgis.com/AbC', 'https://services1.arcgis.com/abc'],
  ['https://www.arcgis.com', 'https://org.maps.arcgis.com.evil.example/'],
  ['https://www.arcgis.com', 'https://evil.example/org.maps.arcgis.com'],
  ['https://www.arcgis.com', 'https://orgmaps.arcgis.com'],
  ['https://www.arcgis.com', 'https://maps.arcgis.com'],
  ['https://www.arcgis.com', 'https://org.maps.arcgis.com.'],
  ['https://www.arcgis.com', 'https://org.maps.arcgis.co'],
  ['https://www.arcgis.com', 'https://org.mapsdevext.arcgis.com'],
  ['https://www.arcgis.com', 'https://org.mapsqa.arcgis.com'],
  ['https://devext.arcgis.com', 'https://qaext.arcgis.com'],
  ['https://www.arcgis.com', 'https://services.arcgis.com'],
  ['https://www.arcgis.com', 'https://www.arcgis.com:8443'],
  ['http://localhost:8080', 'https://localhost:8080'],
])('%s and %s stay two', (a, b) => {
  expect(normalizePortalUrl(a)).not.toBe(normalizePortalUrl(b));
});

test.each([
  '',
  'gis.example.org',
  '/portal',
  'ftp://gis.example.org',
  'javascript:alert(1)',
  'data:,x',
  'https://',
])('%j is no portal', (value) => {
  expect(normalizePortalUrl(value)).toBeUndefined();
});

test('a long path costs no long time', () => {
  const startedAt = performance.now();
  normalizePortalUrl(`https://gis.example.org/${'home/'.repeat(20_000)}${'/'.repeat(20_000)}x`);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

describe('a URL of a registration', () => {
  /** Letters that a parser lowers, decodes, leaves out or refuses, where scheme, host, port and path take them. */
  const spellings = [
    ...'https|HTTPS|http|https:| https|\thttps'
      .split('|')
      .map((scheme) => `${scheme}://gis.example.org/portal`),
    ...'|:443|:0443|:8443|:|.|@x.org|:70000|\\@x.org|\t|%2e'
      .split('|')
      .flatMap((end) =>
        (
          'gis.example.org|GIS.example.org|gis|localhost|gis.localhost|g-i-s.example.org|-gis.example.org|gis-.example.org|' +
          'xn--bcher-kva.example|xn--a.example|a--b.example|g_s.example.org|127.0.0.1|127.1|0x7f.1|gis.0x7f|gis.127|' +
          '1.2.3.4.5|bücher.example|gis..org|gis.example.o|gis.example.o1|gis%2eorg|ｇis.org|a b.org|gis.org:a|[::1]'
        )
          .split('|')
          .map((host) => `https://${host}${end}/portal`),
      ),
    ...(
      '|/|//|/portal|/portal/|/portal//|/Portal_1/a-b|/a/./b|/a/../b|/..|/a.b|/%2e%2e/a|/a%20b|/ä|/a b|/a\\b|\\a|/a\n|' +
      '/a\nb|\n|/a;b|/a:b|/a@b|/~a|?|#|?a|#a|/a?|/a#|/a?b|/a#b|/\u0000|/a\u2028|/,|/{a}'
    )
      .split('|')
      .map((path) => `https://gis.example.org${path}`),
  ];

  test.each(spellings)('is read as the URL parser reads it: %j', (value) => {
    const outcomeOf = (parse: (value: unknown, field: string) => PortalUrl): unknown => {
      try {
        const { href, protocol, origin, hostname, port, pathname } = parse(value, 'url');
        return { href, protocol, origin, hostname, port, pathname };
      } catch (error) {
        return error;
      }
    };
    expect(outcomeOf(readPortalUrl)).toEqual(outcomeOf(parsePortalUrl));
  });
});
