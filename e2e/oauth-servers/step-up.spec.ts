/** An API that wants more of the user's sign-in than the token shows: one prompt, one request more, and no loop. */
import { expect, type TestApp } from '../support/fixtures.js';
import { refusal, type Api } from '../support/oauth-servers/api.js';
import { passPages, signInByWindow, test, tokenRequests } from '../support/oauth-servers/fixtures.js';
import type { OAuthServer } from '../support/oauth-servers/server.js';

const authorizations = ({ front }: OAuthServer): URLSearchParams[] =>
  front.requests(/^\/auth$/).map(({ query }) => query);

/** From now on the API wants a scope at a path. */
const wantScope = (api: Api, server: OAuthServer, path: RegExp, scope: string): void => {
  const isGranted = (): boolean =>
    authorizations(server).some((query) => query.get('scope')?.split(' ').includes(scope));
  api.front.reply(path, (request) =>
    isGranted() ? undefined : refusal(request, 403, `Bearer error="insufficient_scope", scope="${scope}"`),
  );
};

/** Passes the prompt that a request waits for; the server knows the user, and asks for what it has not been asked for before. */
async function consent(app: TestApp, isAsked = true): Promise<void> {
  const popup = await app.openWindowFromDialog();
  const closed = popup.isClosed() ? undefined : popup.waitForEvent('close');
  if (isAsked) await popup.getByRole('button', { name: 'Allow' }).click();
  await closed;
  // The next prompt is a dialog again.
  await app.consumeUserActivation();
}

test(
  'a missing scope is asked for beside the registered ones, once for all requests, and stays',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    wantScope(api, server, /^\/edits/, 'edits');
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    const answers = [1, 2].map((index) =>
      app.fetchJson(`${api.url}edits/${index}`, { method: 'POST', body: 'an edit' }),
    );
    await consent(app);
    for (const answer of answers)
      expect(await answer).toMatchObject({ user: 'ana', scope: 'openid profile maps edits' });
    expect(authorizations(server).map((query) => query.get('scope'))).toEqual([
      'openid profile maps',
      'openid profile maps edits',
    ]);
    await app.stopWorker();
    server.expireAccessTokens();
    expect(await app.fetchJson(`${api.url}edits/3`)).toMatchObject({ scope: 'openid profile maps edits' });
    expect(tokenRequests(server, 'refresh_token')).toBe(1);
    expect(authorizations(server)).toHaveLength(2);
  },
);

test(
  'a stronger sign-in is asked for by its names alone, whatever else the API says',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    const isDone = (): boolean => authorizations(server).some((query) => query.has('acr_values'));
    api.front.reply(/^\/strong/, (request) =>
      isDone()
        ? undefined
        : refusal(
            request,
            401,
            'Basic realm="a, b", DPoP algs="ES256", Bearer error="insufficient_user_authentication", ' +
              'error_description="please", acr_values="urn:a urn:b", max_age="3000", prompt="none", ' +
              'redirect_uri="https://evil.example/", client_id="other", state="s", request_uri="urn:x"',
          ),
    );
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    const [first] = authorizations(server);
    const answer = app.fetchJson(`${api.url}strong`);
    await consent(app, false);
    expect(await answer).toMatchObject({ user: 'ana' });
    const second = authorizations(server)[1]!;
    expect(second.get('acr_values')).toBe('urn:a urn:b');
    expect(second.get('max_age')).toBe('3000');
    expect([...second.keys()].filter((name) => !first!.has(name)).toSorted()).toEqual([
      'acr_values',
      'max_age',
    ]);
    for (const name of ['client_id', 'redirect_uri', 'scope'])
      expect(second.get(name)).toBe(first!.get(name));
    // The token was good: nothing was renewed for it.
    expect(tokenRequests(server, 'refresh_token')).toBe(0);
  },
);

test(
  'an API that still refuses is answered with its refusal, and prompts no more',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    api.front.reply(/^\/never/, (request) =>
      refusal(request, 403, 'Bearer error="insufficient_scope", scope="edits"'),
    );
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    const answer = app.fetch(`${api.url}never`);
    await consent(app);
    expect(await answer).toMatchObject({ status: 403 });
    expect(api.front.requests(/^\/never/)).toHaveLength(2);
    await app.stopWorker();
    for (const path of ['never', 'never/1', 'never?2'])
      expect(await app.fetch(api.url + path)).toMatchObject({ status: 403 });
    expect(await app.loadImage(`${api.url}never/image.png`)).toBe(0);
    expect(await app.isPrompting()).toBe(false);
    expect(authorizations(server)).toHaveLength(2);
  },
);

test(
  'a user who cancels gets the API’s own answer, and is not asked again',
  { tag: ['@user-interface'] },
  async ({ app, api }) => {
    api.front.reply(/^\/never/, (request) =>
      refusal(request, 403, `Bearer error="insufficient_scope", scope="${request.query.get('s') ?? ''}"`),
    );
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    const answer = app.fetch(`${api.url}never?s=a`);
    await app.waitForDialog();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toMatchObject({ status: 403 });
    for (const name of ['a', 'b', 'c'])
      expect(await app.fetch(`${api.url}never?s=${name}`)).toMatchObject({ status: 403 });
    expect(await app.isPrompting()).toBe(false);
  },
);

test(
  'a hostile API that asks for something else each time prompts a few times, and for names alone',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    let challenge = '';
    api.front.reply(/^\/more/, (request) => refusal(request, 401, challenge));
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    for (const text of [
      'Bearer error="insufficient_scope"',
      'Bearer error="insufficient_scope", scope="a\\"b"',
      'Bearer error="insufficient_scope", scope="a  b"',
      `Bearer error="insufficient_scope", scope="${'a'.repeat(300)}"`,
      'Bearer error="insufficient_scope", acr_values="urn:a"',
      'Bearer error="insufficient_user_authentication", max_age="soon"',
      'Bearer error="insufficient_user_authentication", redirect_uri="https://evil.example"',
      'Basic error="insufficient_scope", scope="a"',
    ])
      await test.step(text.slice(0, 80), async () => {
        challenge = text;
        expect(await app.fetch(`${api.url}more`)).toMatchObject({ status: 401 });
      });
    expect(await app.isPrompting()).toBe(false);
    expect(authorizations(server)).toHaveLength(1);
    for (const index of [1, 2, 3]) {
      challenge = `Bearer error="insufficient_user_authentication", acr_values="urn:${index}"`;
      const answer = app.fetch(`${api.url}more/${index}`);
      await consent(app, false);
      expect(await answer).toMatchObject({ status: 401 });
    }
    for (const index of [4, 5]) {
      challenge = `Bearer error="insufficient_user_authentication", acr_values="urn:${index}", max_age="0"`;
      expect(await app.fetch(`${api.url}more/${index}`)).toMatchObject({ status: 401 });
    }
    expect(authorizations(server)).toHaveLength(4);
  },
);

test(
  'what one user asked for is not sent in the name of another',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    wantScope(api, server, /^\/edits/, 'edits');
    await app.open();
    await signInByWindow(app);
    await app.consumeUserActivation();
    await app.page.context().clearCookies();
    const answer = app.fetch(`${api.url}edits`, { method: 'POST', body: 'of ana' });
    await passPages(await app.openWindowFromDialog(), 'ben');
    expect(await answer).toMatchObject({ status: 403 });
    expect(api.front.requests(/^\/edits/)).toHaveLength(1);
  },
);
