/** Metadata that cannot be used: each fault has its name, and nothing is sent to what they name. */
import { expect, type TestApp } from '../support/fixtures.js';
import { signIn, test } from '../support/oauth-servers/fixtures.js';
import type { Answer } from '../support/oauth-servers/front.js';
import type { OAuthServer } from '../support/oauth-servers/server.js';

const METADATA = /^\/\.well-known\//;

/** Changes the members of the metadata. */
const members =
  (change: Record<string, unknown>) =>
  (answer: Answer): void => {
    answer.body = JSON.stringify({ ...(JSON.parse(answer.body || '{}') as object), ...change });
  };

const answered =
  (status: number, body: string, type = 'text/html') =>
  (answer: Answer): void => {
    Object.assign(answer, { status, body });
    answer.headers['content-type'] = type;
  };

const faults: readonly (readonly [string, code: string, change: (answer: Answer) => void])[] = [
  ['none', 'metadata-missing', answered(404, '')],
  ['HTML', 'metadata-missing', answered(200, '<h1>Welcome</h1>')],
  ['HTML that says it is JSON', 'metadata-missing', answered(200, '<h1>Welcome</h1>', 'application/json')],
  ['a body without end', 'metadata-missing', answered(200, `{"issuer":"${'x'.repeat(3e6)}"}`)],
  ['another issuer', 'metadata-issuer-differs', members({ issuer: 'https://other.example' })],
  ['an issuer that is no URL', 'metadata-issuer-differs', members({ issuer: 'javascript:alert(1)' })],
  ['plain challenges only', 'pkce-unsupported', members({ code_challenge_methods_supported: ['plain'] })],
  ['a token endpoint of http', 'metadata-invalid', members({ token_endpoint: 'http://a.example/token' })],
  ['no token endpoint', 'metadata-invalid', members({ token_endpoint: undefined })],
  [
    'a sign-in page that is a script',
    'metadata-invalid',
    members({ authorization_endpoint: 'javascript:void(0)' }),
  ],
  [
    'no CORS',
    'metadata-unreadable',
    (answer) => {
      delete answer.headers['access-control-allow-origin'];
    },
  ],
  [
    'a redirect',
    'metadata-unreadable',
    (answer) => {
      answer.status = 302;
      answer.headers['location'] = '/welcome';
    },
  ],
  ['trouble', 'portal-unreachable', answered(503, 'maintenance')],
];

const codeOf = (app: TestApp): Promise<string> =>
  app.run(() =>
    window.identity.signIn().then(
      () => 'signed in',
      (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
    ),
  );

/** Requests to anything but metadata, and the page that they redirect to: a look whether the server answers goes there. */
const others = ({ front }: OAuthServer): string[] =>
  front.requests(/^(?!\/\.well-known\/|\/welcome)/).map(({ path }) => path);

test('each fault of metadata has its own code', async ({ app, server }) => {
  await app.open();
  for (const [name, code, change] of faults)
    await test.step(name, async () => {
      server.front.change(METADATA, change);
      expect(await codeOf(app)).toBe(code);
      server.front.restore();
    });
  expect(others(server)).toEqual([]);
  // Nothing sticks.
  await signIn(app);
});

test('an issuer that differs is shown, with the one that was registered', async ({ app, server }) => {
  server.front.change(METADATA, members({ issuer: 'https://other.example/realms/a' }));
  await app.open();
  const text = await app.run(() =>
    window.identity.signIn().then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    ),
  );
  expect(text).toContain('https://other.example/realms/a');
  expect(text).toContain(server.issuer);
});

test('metadata that hang end the sign-in in less than the wait of a request', async ({ app, server }) => {
  server.front.reply(METADATA, () => 'hang');
  await app.open();
  await app.shortenWorkerTimeLimits(20);
  const startMs = Date.now();
  expect(await codeOf(app)).toBe('portal-unreachable');
  // 10 s for both addresses, and as long for the look whether the server answers at all.
  expect(Date.now() - startMs).toBeLessThan(5_000);
});

test('metadata are remembered: their outage ends no session', async ({ app, server, api }) => {
  await app.open();
  await signIn(app);
  await app.stopWorker();
  server.front.change(METADATA, answered(503, ''));
  server.expireAccessTokens();
  await app.page.reload();
  await app.ready();
  expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
});
