/** Metadata of authorization servers: where they stand, and what is told of those that cannot be used. */
import { afterEach, expect, test, vi } from 'vitest';
import { discover, DiscoveryFailed } from './discovery.js';

const issuer = 'https://id.example.org/tenant';
const metadata = {
  issuer,
  authorization_endpoint: 'https://id.example.org/authorize',
  token_endpoint: 'https://id.example.org/token',
  code_challenge_methods_supported: ['plain', 'S256'],
};

type Answer = () => Response | Promise<Response>;

const openId = `${issuer}/.well-known/openid-configuration`;
const oauth = 'https://id.example.org/.well-known/oauth-authorization-server/tenant';

/** Answers requests by address; others with 404. @returns The addresses that were asked, with their modes. */
function serve(
  answers: Record<string, Answer>,
  missing: Answer = () => new Response('', { status: 404 }),
): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string, { mode = 'cors', redirect }: RequestInit) => {
    asked.push(`${mode} ${redirect ?? 'follow'} ${url}`);
    return (answers[url] ?? missing)();
  });
  return asked;
}

const failure = async (given = issuer): Promise<object> => {
  const error: unknown = await discover(given).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DiscoveryFailed);
  const { code, facts } = (error as DiscoveryFailed).reason;
  return { code, ...facts };
};

afterEach(() => vi.unstubAllGlobals());

test.each([openId, oauth])('are found at %s', async (url) => {
  serve({ [url]: () => Response.json(metadata) });
  expect(await discover(issuer)).toMatchObject({ issuer, token_endpoint: 'https://id.example.org/token' });
});

test('of a type that is no JSON are taken all the same', async () => {
  serve({ [openId]: () => new Response(JSON.stringify(metadata)) });
  expect(await discover(issuer)).toMatchObject({ issuer });
});

test.each<[name: string, answer: Answer, told: object]>([
  ['404', () => new Response('', { status: 404 }), { code: 'metadata-missing', status: 404 }],
  ['HTML', () => new Response('<html>'), { code: 'metadata-missing', status: 200 }],
  ['a list', () => Response.json([]), { code: 'metadata-missing' }],
  ['no end', () => new Response('['.repeat(300_000)), { code: 'metadata-missing' }],
  ['503', () => new Response('', { status: 503 }), { code: 'portal-unreachable' }],
  ...[
    'https://other.example/tenant',
    'https://id.example.org/{tenantid}/v2.0',
    'http://id.example.org/tenant',
    'https://id.example.org/Tenant',
    'id.example.org/tenant',
  ].map((found): [string, Answer, object] => [
    `the issuer ${found}`,
    () => Response.json({ ...metadata, issuer: found }),
    { code: 'metadata-issuer-differs', issuer, found },
  ]),
  [
    'an issuer that is no line of text',
    () => Response.json({ ...metadata, issuer: `a\nb ${'c'.repeat(300)}` }),
    { code: 'metadata-issuer-differs', found: `a?b?${'c'.repeat(196)}` },
  ],
  ['no issuer', () => Response.json({}), { code: 'metadata-issuer-differs', issuer }],
  ['a number as issuer', () => Response.json({ issuer: 7 }), { code: 'metadata-issuer-differs', issuer }],
  [
    'PKCE methods without S256',
    () => Response.json({ ...metadata, code_challenge_methods_supported: ['plain'] }),
    { code: 'pkce-unsupported' },
  ],
  [
    'no token endpoint',
    () => Response.json({ ...metadata, token_endpoint: undefined }),
    { code: 'metadata-invalid', field: 'token_endpoint' },
  ],
  [
    'an endpoint without https',
    () => Response.json({ ...metadata, token_endpoint: 'http://id.example.org/token' }),
    { code: 'metadata-invalid', field: 'token_endpoint' },
  ],
  [
    'a script as endpoint',
    () => Response.json({ ...metadata, end_session_endpoint: 'javascript:alert(1)' }),
    { code: 'metadata-invalid', field: 'end_session_endpoint' },
  ],
])('%s is told as it is', async (_, answer, told) => {
  serve({}, answer);
  expect(await failure()).toMatchObject({ origin: 'https://id.example.org', ...told });
});

test('no issuer at all is told as none', async () => {
  serve({}, () => Response.json({}));
  expect(await failure()).not.toHaveProperty('found');
});

test('a server that lets nobody read them is told apart from one that is out of reach', async () => {
  vi.stubGlobal('fetch', async (_: string, { mode }: RequestInit) => {
    if (mode === 'no-cors') return new Response('');
    throw new TypeError('Failed to fetch');
  });
  expect(await failure()).toMatchObject({ code: 'metadata-unreadable', issuer });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  expect(await failure()).toMatchObject({ code: 'portal-unreachable' });
});

test('are asked for without cookies, and no redirect is followed', async () => {
  const asked = serve({});
  await failure();
  expect(asked).toEqual([`cors error ${openId}`, `cors error ${oauth}`]);
});
