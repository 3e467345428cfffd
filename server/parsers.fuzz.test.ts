/** What browsers, workers and portals send to the app's server: whatever it is, a server answers, and repeats no secret. */
import { fuzz, SECRET } from '../protocol/fuzz.test-support.js';
import { isRecord } from '../protocol/record.js';
import { appTokens } from './app-tokens.js';
import { COOKIE_NAME, readCookie, setNewCookie, type BrowserCookie } from './cookie.js';
import { readSecrets } from './keys.js';
import { isBelow, pathOf, segmentsOf } from './proxy-path.js';
import { parseObject } from './read-text.js';
import { readRefusal } from './token-refusal.js';

const app = 'https://app.example';
const portal = 'https://gis.example.org/portal';
const keys = readSecrets(btoa('0123456789abcdefghijABCDEFGHIJ!?'));
const [cookie = ''] = (await setNewCookie(keys[0])).split(';');
const ownFetch = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'same-origin',
  'sec-fetch-dest': 'empty',
  origin: app,
};

const tokens = appTokens({
  path: '/tokens',
  portals: [{ url: portal, clientId: 'app', clientSecret: SECRET }],
  perMinute: 1e9,
});

const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

fuzz([
  {
    name: 'cookies of sealed apps',
    valid: [cookie, `a=1; ${cookie}`, `${cookie}; ${COOKIE_NAME}=`, `${COOKIE_NAME}=${SECRET}`],
    parse: (header: string) => readCookie(header, keys),
    check: (found: BrowserCookie, header: string) =>
      found.state !== 'known' || (found.browserId.byteLength === 16 && header.includes(cookie)),
  },
  {
    name: 'requests for tokens of the app',
    isSlow: true,
    valid: [
      JSON.stringify({ portal: `${portal}/other`, nonce: 'n'.repeat(43) }),
      JSON.stringify({ portal: `${portal}/other`, nonce: 'n'.repeat(43), rejected: SECRET }),
    ],
    parse: async (body: string) => {
      const headers = { ...ownFetch, 'content-type': 'application/json' };
      const response = await tokens(new Request(`${app}/tokens`, { method: 'POST', headers, body }));
      return [response?.status, await response?.text()] as const;
    },
    check: ([status, text]: [number, string]) => (status === 400 || status === 404) && !text.includes(SECRET),
  },
  {
    name: 'paths that a proxy passes on',
    valid: ['Roads/FeatureServer/0/query', 'Roads/a%20b/', 'Roads/%252e%252e/admin', 'Roads/．．/admin'],
    // No URL holds half a surrogate pair.
    parse: (text: string) => segmentsOf(wellFormed(text)),
    check: (segments: string[] | undefined) => {
      if (!segments || !isBelow(segments, ['Roads'])) return true;
      const { pathname } = new URL(pathOf(segments), `${portal}/`);
      return pathname.startsWith('/Roads') || pathname.startsWith('/portal/Roads');
    },
  },
  {
    name: 'refusals of tokens',
    isSlow: true,
    valid: ['{"error":{"code":498,"message":"Invalid token."}}', 'callback({"error":{"code":499}});', '[]'],
    parse: async (text: string) => {
      const sent = new Response(text, { headers: { 'content-type': 'application/json' } });
      const { response, isRefused } = await readRefusal(sent, true);
      return [await response.text(), isRefused] as const;
    },
    // The body goes on to the page as it came; a byte order mark is not part of a text.
    check: ([text, isRefused]: [string, boolean], given: string) =>
      typeof isRefused === 'boolean' && text === wellFormed(given),
  },
  {
    name: 'JSON of portals',
    valid: ['{"access_token":"a"}', '[1]', 'null'],
    parse: parseObject,
    check: (value: unknown) => value === undefined || isRecord(value),
  },
]);
