/** Tokens that are bound to a key: with a certified provider that demands proofs, and an API that checks them. */
import { expect, type TestApp } from '../support/fixtures.js';
import { refusal } from '../support/oauth-servers/api.js';
import { changed, changeTokens, signIn, test, tokenRequests } from '../support/oauth-servers/fixtures.js';
import type { NotedRequest } from '../support/oauth-servers/front.js';
import { startTracing, stepsOf, traceOf } from '../support/tracing.js';

/** What a proof says; nothing where there is none. */
const proofOf = ({ headers }: NotedRequest): Record<string, string | undefined> => {
  const [, payload = 'e30'] = String(headers['dpop']).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<string, string>;
};

/** The key of a proof. */
const keyOf = ({ headers }: NotedRequest): unknown => {
  const [header = ''] = String(headers['dpop']).split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: unknown }).jwk;
};

/** Signs in, which fails. @returns The code of the error. */
async function failedSignIn(app: TestApp): Promise<string | undefined> {
  await signIn(app).catch(() => undefined);
  return app.run(() =>
    window.outcome?.catch((error: unknown) => (window.isIdentityError(error) ? error.code : String(error))),
  );
}

test.use({ changes: changed({ dpop: true }) });

test.describe('a server that demands pushed requests and proofs with its nonce', () => {
  test.use({ choice: { kind: 'oidc-provider', dpop: 'nonce', par: 'required' } });

  test('signs in, renews, and after a stop of the worker goes on with the same key', async ({
    app,
    server,
    api,
  }) => {
    await app.open();
    await signIn(app);
    await startTracing(app);
    expect(await app.fetchJson(`${api.url}maps?f=json#top`)).toMatchObject({ user: 'ana' });
    expect(stepsOf(await traceOf(app, '/maps'))).toContain('sent proof');
    await app.stopWorker();
    server.expireAccessTokens();
    expect(await app.fetchJson(`${api.url}maps`, { method: 'POST', body: 'a' })).toMatchObject({
      user: 'ana',
    });
    expect(tokenRequests(server, 'refresh_token')).toBeLessThanOrEqual(2);
    // The API says that it has seen this user's name, which needs a proof of its own.
    expect(await app.run(() => window.identity.credentials[0]?.username)).toBe('ana');
    const proven = [
      ...server.front.requests(/^\/(request|token|me)$/),
      ...api.front.requests(/^\/maps/, ({ headers }) => 'dpop' in headers),
    ];
    expect(new Set(proven.map((request) => JSON.stringify(keyOf(request)))).size).toBe(1);
    expect(JSON.stringify(keyOf(proven[0]!))).not.toContain('"d"');
    expect(new Set(proven.map((request) => proofOf(request)['jti'])).size).toBe(proven.length);
    const [pushed] = server.front.requests(/^\/request$/, ({ status }) => status === 201);
    expect(pushed?.form.get('dpop_jkt')).toMatch(/^[\w-]{43}$/);
    const [first] = api.front.requests(/^\/maps$/);
    expect(proofOf(first!)).toMatchObject({ htm: 'GET', htu: `${api.url}maps`, ath: expect.any(String) });
    app.expectNothingLeaked();
  });

  test('a nonce that changes with each answer of the token endpoint ends a sign-in, and no session', async ({
    app,
    server,
    api,
  }) => {
    const beFickle = (): void => {
      server.front.reply(/^\/token$/, (request) =>
        refusal(
          request,
          400,
          undefined,
          { 'dpop-nonce': String(Math.random()) },
          { error: 'use_dpop_nonce' },
        ),
      );
    };
    beFickle();
    await app.open();
    expect(await failedSignIn(app)).toBe('dpop-refused');
    expect(tokenRequests(server)).toBe(2);
    server.front.restore();
    await signIn(app);
    server.expireAccessTokens();
    beFickle();
    server.front.clear();
    expect(await app.fetch(`${api.url}maps`)).toMatchObject({ status: 401 });
    expect(tokenRequests(server)).toBe(2);
    server.front.restore();
    await app.advanceWorkerClock(120_000);
    expect(await app.fetchJson(`${api.url}maps`)).toMatchObject({ user: 'ana' });
  });
});

test.describe('a server that demands proofs', () => {
  test.use({ choice: { kind: 'oidc-provider', dpop: 'required' } });

  test(
    'the nonce of an API costs one request more, and no renewal; one that never fits ends',
    { tag: ['@user-interface'] },
    async ({ app, server, api }) => {
      let answers = 0;
      let isFickle = false;
      api.front.reply(/^\/nonce/, (request) => {
        if (!isFickle && proofOf(request)['nonce'] === 'the-nonce') return undefined;
        answers += 1;
        return refusal(request, 401, 'DPoP error="use_dpop_nonce"', {
          'dpop-nonce': isFickle ? `nonce-${answers}` : 'the-nonce',
        });
      });
      await app.open();
      await signIn(app);
      expect(await app.fetchJson(`${api.url}nonce/1`)).toMatchObject({ user: 'ana' });
      expect(await app.fetchJson(`${api.url}nonce/2`, { method: 'POST', body: 'a' })).toMatchObject({
        user: 'ana',
      });
      expect(answers).toBe(1);
      isFickle = true;
      expect(await app.fetch(`${api.url}nonce/3`)).toMatchObject({ status: 401 });
      expect(answers).toBe(3);
      expect(tokenRequests(server)).toBe(1);
      expect(await app.isDialogOpen()).toBe(false);
    },
  );

  test.describe('and is registered without', () => {
    test.use({ changes: changed({}) });

    test('ends the sign-in with what to change', async ({ app, server }) => {
      await app.open();
      expect(await failedSignIn(app)).toBe('dpop-required');
      expect(tokenRequests(server)).toBe(1);
    });
  });
});

test('a server that knows no proofs of ours says so', async ({ app, server }) => {
  await app.open();
  changeTokens(server, { token_type: 'Bearer' });
  expect(await failedSignIn(app)).toBe('dpop-unsupported');
});

/** Sends what was stolen, from elsewhere. @returns The statuses. */
async function replay(url: string, { headers }: NotedRequest): Promise<number[]> {
  const token = String(headers.authorization).split(' ')[1] ?? '';
  const proof = String(headers['dpop']);
  const tries: [path: string, method: string, headers: Record<string, string>][] = [
    ['maps', 'GET', { authorization: `Bearer ${token}` }],
    ['maps', 'GET', { authorization: `DPoP ${token}` }],
    ['others', 'GET', { authorization: `DPoP ${token}`, dpop: proof }],
    ['maps', 'DELETE', { authorization: `DPoP ${token}`, dpop: proof }],
    ['maps', 'GET', { authorization: `DPoP ${token}`, dpop: await proofOfAnother(url, token) }],
  ];
  return Promise.all(
    tries.map(([path, method, stolen]) =>
      fetch(url + path, { method, headers: stolen }).then(({ status }) => status),
    ),
  );
}

async function proofOfAnother(url: string, token: string): Promise<string> {
  const { SignJWT, exportJWK, generateKeyPair } = await import('jose');
  const { createHash } = await import('node:crypto');
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return new SignJWT({
    htm: 'GET',
    htu: `${url}maps`,
    jti: 'one',
    ath: createHash('sha256').update(token).digest('base64url'),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
}

/** The request of the app that an attacker got hold of. */
async function stolenRequest(app: TestApp, url: string, noted: () => NotedRequest[]): Promise<NotedRequest> {
  await app.open();
  await signIn(app);
  await app.fetchJson(`${url}maps`);
  return noted().at(-1)!;
}

test.describe('a stolen token', () => {
  test.describe('that is bound', () => {
    test.use({ choice: { kind: 'oidc-provider', dpop: 'required' } });

    test('is worth nothing without the key', { tag: '@S1' }, async ({ app, api }) => {
      const stolen = await stolenRequest(app, api.url, () => api.front.requests(/^\/maps$/));
      expect(await replay(api.url, stolen)).toEqual([401, 401, 401, 401, 401]);
    });

    test('no proof is made for another address than that of the request', async ({ app, api, server }) => {
      await app.open();
      await signIn(app);
      const elsewhere = server.front.origin;
      api.front.reply(/^\/away/, ({ headers }) => ({
        status: 302,
        headers: {
          location: `${elsewhere}/taken`,
          'access-control-allow-origin': headers.origin ?? '*',
        },
        body: '',
      }));
      server.front.reply(/^\/taken/, (request) => ({ ...refusal(request, 200), body: '{}' }));
      for (const [url, init] of [
        [`${api.url}away`, {}],
        [`${elsewhere}/taken?api=${api.url}`, {}],
        [`${elsewhere}/taken`, { headers: { dpop: 'mine' } }],
        [`${elsewhere}/taken#${api.url}`, {}],
        [`${api.url.replace('//', '//user:word@')}taken`, {}],
      ] as const)
        await app.fetch(url, init).catch(() => undefined);
      for (const request of server.front.requests(/^\/taken/)) {
        expect(request.headers.authorization).toBeUndefined();
        const { htu = `${api.url}away` } = request.headers['dpop'] === 'mine' ? {} : proofOf(request);
        expect(htu).toBe(`${api.url}away`);
      }
      // A page's own proof in a request to the API gives way to that of the worker.
      expect(await app.fetchJson(`${api.url}maps`, { headers: { dpop: 'mine' } })).toMatchObject({
        user: 'ana',
      });
    });
  });

  test.describe('that is not bound', () => {
    test.use({ changes: changed({}) });

    test('is as good as the user’s: the control', { tag: '@S1' }, async ({ app, api }) => {
      const stolen = await stolenRequest(app, api.url, () => api.front.requests(/^\/maps$/));
      expect((await replay(api.url, stolen))[0]).toBe(200);
    });
  });
});
