/** What registrations add to requests: parameters of their own, and requests that are sent ahead (RFC 9126). */
import { refusal } from '../support/oauth-servers/api.js';
import { expect } from '../support/fixtures.js';
import { changed, signIn, test } from '../support/oauth-servers/fixtures.js';

test.describe('parameters of the registration', () => {
  test.use({
    changes: changed({
      authorizationParameters: {
        audience: 'https://api.example/maps',
        acr_values: 'urn:a',
        ui_locales: 'de',
      },
      tokenParameters: { audience: 'https://api.example/maps' },
    }),
  });

  test('go to the authorization and token endpoints, beside ours', async ({ app, server, api }) => {
    await app.open();
    await signIn(app);
    server.expireAccessTokens();
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    const [authorization] = server.front.requests(/^\/auth$/);
    expect(Object.fromEntries(authorization?.query ?? [])).toMatchObject({
      client_id: 'map-app',
      scope: 'openid profile maps',
      code_challenge_method: 'S256',
      audience: 'https://api.example/maps',
      acr_values: 'urn:a',
      ui_locales: 'de',
    });
    for (const { form } of server.front.requests(/^\/token$/))
      expect(form.getAll('audience')).toEqual(['https://api.example/maps']);
  });
});

for (const name of [
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'code_challenge',
  'nonce',
  'scope',
])
  test.describe(`a parameter that is ours: ${name}`, () => {
    test.use({ changes: changed({ authorizationParameters: { [name]: 'mine' } }) });

    test('is refused when the worker starts', async ({ app, server }) => {
      await app.page.goto(app.url);
      await expect.poll(() => app.consoleLines.join('\n')).toContain(`authorizationParameters.${name}`);
      expect(server.front.requests(/./)).toEqual([]);
    });
  });

test.describe('a server that takes pushed requests only', () => {
  test.use({ choice: { kind: 'oidc-provider', par: 'required' } });

  test('gets them, and the authorization URL has nothing of them', async ({ app, server, api }) => {
    await app.open();
    await signIn(app);
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    const [pushed] = server.front.requests(/^\/request$/);
    expect(pushed?.form.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    const [authorization] = server.front.requests(/^\/auth$/);
    expect([...(authorization?.query.keys() ?? [])].toSorted()).toEqual([
      'client_id',
      'request_uri',
      'state',
    ]);
  });

  test('a push that is refused, or cannot be read, is named; the next sign-in pushes again', async ({
    app,
    server,
  }) => {
    const failWith = async (code: string): Promise<void> => {
      server.front.clear();
      await app.page.getByRole('button', { name: 'Sign in' }).click();
      await expect(app.page.getByRole('status')).toHaveText(code);
      expect(server.front.requests(/^\/request$/)).toHaveLength(1);
    };
    server.front.reply(/^\/request$/, (request) =>
      refusal(request, 400, undefined, {}, { error: 'invalid_request', error_description: 'a secret' }),
    );
    await app.open();
    await failWith('par-refused');
    server.front.restore();
    server.front.change(/^\/request$/, ({ headers }) => delete headers['access-control-allow-origin']);
    await failWith('par-unreadable');
    server.front.restore();
    await signIn(app);
    expect(app.consoleLines.join('\n')).not.toContain('a secret');
  });

  test('a demand without an endpoint is named', async ({ app, server }) => {
    server.front.change(/\.well-known/, (answer) => {
      const { pushed_authorization_request_endpoint: _, ...metadata } = JSON.parse(answer.body) as Record<
        string,
        unknown
      >;
      answer.body = JSON.stringify(metadata);
    });
    await app.open();
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText('par-endpoint-missing');
    expect(server.front.requests(/^\/(request|auth|token)$/)).toEqual([]);
  });
});
