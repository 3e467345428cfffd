/** Hostile portals among honest ones, and codes, states and code challenges that are exchanged, repeated or stripped on their way. */
import { readFileSync } from 'node:fs';
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/attack.js';
import { anyOrigin, type MaliciousServer, type MaliciousAnswers } from '../support/malicious-server.js';
import { authorize, ownRequest, redeem } from '../support/oauth-client.js';

/** Opens a callback in a tab, as the portal would have. @returns What the page says, once it has said something. */
async function comeHome(target: TestApp, callback: URL): Promise<string> {
  const tab = await target.page.context().newPage();
  await tab.goto(callback.href);
  await expect(tab.locator('body')).not.toHaveText('');
  return tab.locator('body').innerText();
}

const begin = async (target: TestApp, portal?: string): Promise<URL> => {
  await target.handleChallengesInApp();
  await target.run((url) => {
    window.outcome = window.identity.signIn({ portal: url }).then(
      ({ username }) => `signed in as ${username}`,
      (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
    );
  }, portal);
  return target.challengeUrl();
};
const ended = (target: TestApp): Promise<string> => target.run(() => window.outcome ?? '');

/** The form that a token endpoint was sent with a code. */
const redeemed = ({ received }: MaliciousServer): URLSearchParams[] =>
  received
    .map(({ body }) => new URLSearchParams(body))
    .filter((form) => form.get('grant_type') === 'authorization_code');

for (const callback of ['page', 'worker'] as const) {
  test(
    `a malicious portal that redirects to an honest one cannot redeem its code where each has a redirect URI of its own (callback: ${callback})`,
    { tag: ['@S7'] },
    async ({ variant, maliciousServer, portal }) => {
      const hostile = await maliciousServer({
        answer: ({ url }, response) => {
          // The code is kept for another use than the app's.
          if (url.pathname.endsWith('/oauth2/token')) {
            response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' });
            response.end(JSON.stringify({ access_token: 'of-no-use', expires_in: 1800, username: 'ana' }));
            return true;
          }
          if (!url.pathname.endsWith('/oauth2/authorize')) return false;
          // The client id and redirect URI of the app at the honest portal are public; state and code challenge stay.
          const onward = new URL(`${portal.url}/sharing/rest/oauth2/authorize${url.search}`);
          onward.searchParams.set(
            'redirect_uri',
            url.searchParams.get('redirect_uri')!.replace('hostile-', ''),
          );
          response.writeHead(302, { location: onward.href }).end();
          return true;
        },
      });
      const among = (redirectUri: string): IdentityConfig => ({
        make: () => ({
          arcgis: [
            { ...registration(portal), callback },
            {
              ...registration(portal),
              callback,
              redirectUri,
              url: `${hostile.origin}/portal`,
              resources: [],
            },
          ],
        }),
      });
      const attack = async (target: TestApp): Promise<string> => {
        await target.open();
        const answer = await authorize((await begin(target, `${hostile.origin}/portal`)).href, 'ana');
        const before = redeemed(hostile).length;
        await (await target.page.context().newPage()).goto(answer.href);
        await expect.poll(() => ended(target)).not.toBe('');
        const [grant] = redeemed(hostile).slice(before);
        const [code, verifier] = ['code', 'code_verifier'].map((name) => grant?.get(name) ?? '');
        return redeem(portal, code ?? '', answer.href.replace(/\?.*/, ''), verifier);
      };
      const shared = await attack(await variant({ config: among('/signed-in.html') }));
      expect(portal.log.leaks(shared), 'control: both share one redirect URI').not.toEqual([]);
      const page = readFileSync('e2e/pages/signed-in.html', 'utf8');
      const ours = await variant({
        config: among('/hostile-signed-in.html'),
        intercept: (path) =>
          path === '/hostile-signed-in.html'
            ? { headers: { 'content-type': 'text/html' }, body: page }
            : undefined,
      });
      expect(portal.log.leaks(await attack(ours))).toEqual([]);
      expect(await ended(ours)).toBe('issuer-mismatch');
    },
  );
}

/** The generic server as it is, or through a maliciousServer. */
const generic =
  (issuer: string): IdentityConfig['make'] =>
  ({ oauth }) => ({
    oauth: [{ issuer, resources: [oauth.apiUrl], clientId: oauth.clientId, redirectUri: '/signed-in.html' }],
  });

/** Passes everything on to the generic server, with changes of its metadata. */
const withMetadata = (
  issuer: string,
  change: (metadata: Record<string, unknown>) => void,
): MaliciousAnswers => ({
  to: issuer,
  change: (answer, { url, headers }) => {
    if (!url.pathname.startsWith('/.well-known/')) return;
    const metadata = JSON.parse(answer.body) as Record<string, unknown>;
    metadata['issuer'] = `http://${headers.host}`;
    metadata['token_endpoint'] = `http://${headers.host}/token`;
    change(metadata);
    answer.body = JSON.stringify(metadata);
  },
});

for (const [name, iss] of [
  ['with the issuer of another portal', 'https://other.example'],
  ['without an issuer', undefined],
] as const) {
  test(
    `an authorization response ${name} is refused`,
    { tag: ['@S7'] },
    async ({ variant, maliciousServer, portal }) => {
      const attack = async (promisesIssuer: boolean): Promise<string> => {
        const server = await maliciousServer(
          withMetadata(portal.oauth.issuer, (metadata) => {
            metadata['authorization_response_iss_parameter_supported'] = promisesIssuer;
          }),
        );
        const target = await variant({ config: { make: generic(server.origin) } });
        await target.open();
        const callback = await authorize((await begin(target)).href, 'ana');
        callback.searchParams.delete('iss');
        if (iss !== undefined && promisesIssuer) callback.searchParams.set('iss', iss);
        await (await target.page.context().newPage()).goto(callback.href);
        await expect.poll(() => ended(target)).not.toBe('');
        expect(redeemed(server)).toHaveLength(promisesIssuer ? 0 : 1);
        return ended(target);
      };
      expect(await attack(false), 'control: a server that never names itself').toContain('signed in');
      expect(await attack(true)).toBe('issuer-mismatch');
    },
  );
}

test(
  'a code of one portal with the state of another is refused',
  { tag: ['@S7'] },
  async ({ variant, portal }) => {
    const target = await variant({
      config: {
        make: (all) => ({ arcgis: [registration(all)], ...generic(portal.oauth.issuer)(all) }),
      },
    });
    await target.open();
    const asked = await begin(target, portal.oauth.issuer);
    const redirectUri = `${target.url}/signed-in.html`;
    const { url, codeVerifier } = ownRequest(portal, redirectUri, {
      state: asked.searchParams.get('state') ?? '',
    });
    const callback = await authorize(url, 'ben');
    expect(await comeHome(target, callback)).toBe('issuer-mismatch');
    expect(portal.log.count({ server: 'oauth', path: /^\/token$/ })).toBe(0);
    // Control: the code is good at the portal that it is of.
    const code = callback.searchParams.get('code') ?? '';
    expect(portal.log.leaks(await redeem(portal, code, redirectUri, codeVerifier))).not.toEqual([]);
  },
);

for (const [name, methods] of [
  ['the plain method only', ['plain']],
  ['no method', []],
] as const) {
  test(
    `a server that announces ${name} cannot turn PKCE off`,
    { tag: ['@S7'] },
    async ({ variant, maliciousServer, portal }) => {
      const attack = async (supported: readonly string[]): Promise<string> => {
        const server = await maliciousServer(
          withMetadata(portal.oauth.issuer, (metadata) => {
            metadata['code_challenge_methods_supported'] = supported;
          }),
        );
        const target = await variant({ config: { make: generic(server.origin) } });
        await target.open();
        await target.handleChallengesInApp();
        await target.startSignIn();
        return target.run(() =>
          Promise.race([
            window.outcome!,
            new Promise<string>((resolve) => {
              window.identity.addEventListener('oauth-code-required', ({ authorizationUrl }) => {
                resolve(authorizationUrl);
              });
            }),
          ]),
        );
      };
      expect(await attack(['S256']), 'control').toContain('code_challenge_method=S256');
      expect(await attack(methods)).toBe('pkce-unsupported');
    },
  );
}

test(
  'a sign-in whose code challenge was stripped from its address is refused',
  { tag: ['@S7'] },
  async ({ app, portal }) => {
    /** A code that needs no verifier comes to the callback page with the app's own state. */
    const attack = async (): Promise<string> => {
      await app.open();
      const stripped = await begin(app);
      stripped.searchParams.delete('code_challenge');
      stripped.searchParams.delete('code_challenge_method');
      await (await app.page.context().newPage()).goto((await authorize(stripped.href, 'ben')).href);
      await expect.poll(() => ended(app)).not.toBe('');
      return ended(app);
    };
    // Control: a portal that is too old for PKCE takes whatever comes.
    portal.control.setPortalVersion('8.3');
    expect(await attack()).toBe('signed in as ben');
    await app.run(() => window.identity.signOut());
    portal.control.setPortalVersion('2025.1');
    expect(await attack()).toBe('code-refused');
  },
);

test(
  'a code with a used or invented state is refused',
  { tag: ['@S7'] },
  async ({ app, vulnerableApp, portal }) => {
    await app.open();
    const used = (await begin(app)).searchParams.get('state') ?? '';
    const sent = (): number => app.tokenRequests('authorization_code');
    await (
      await app.page.context().newPage()
    ).goto((await authorize((await app.challengeUrl()).href, 'ana')).href);
    await expect.poll(() => ended(app)).toBe('signed in as ana');
    expect(sent()).toBe(1);
    const redirectUri = `${app.url}/signed-in.html`;
    const stolen = async (state: string): Promise<URL> =>
      authorize(ownRequest(portal, redirectUri, { state }).url, 'ben');
    expect(await comeHome(app, await stolen(used))).toBe('code-reused');
    expect(await comeHome(app, await stolen('made-up'))).toBe('authorization-url-unknown');
    expect(sent()).toBe(1);
    expect(await app.run(() => window.identity.credentials.map(({ username }) => username))).toEqual(['ana']);
    // Control: a worker that does not look at the state sends the code.
    const code = (await stolen('x')).searchParams.get('code') ?? '';
    const vulnerable = await vulnerableApp({ does: 'comlink' });
    await vulnerable.run(async (given) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => port1.addEventListener('message', resolve));
      port1.start();
      navigator.serviceWorker.controller?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
      const argumentList = [{ type: 'RAW', value: { code: given } }];
      port1.postMessage({ id: 'x', type: 'APPLY', path: ['submitCode'], argumentList });
      await answered;
    }, code);
    expect(sent()).toBe(2);
  },
);
