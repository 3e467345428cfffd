/** Hostile script runs a code flow of its own, in the app's name: client ids and redirect URIs are public, and the portal has a session of the user. */
import { expect, signedIn, test, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { authorize, ownRequest, redeem } from '../support/oauth-client.js';

/** Everything that the opener or parent of a window can read of it until it shows the callback page or is closed. */
const watch = async ([url, how]: [string, 'frame' | 'window']): Promise<string> => {
  const seen = new Set<string>();
  const look = (target: Window): boolean => {
    try {
      seen.add(target.location.href);
      for (const { name } of target.performance.getEntriesByType('navigation')) seen.add(name);
      seen.add(target.document.referrer);
      return target.location.href.includes('signed-in') && target.document.readyState === 'complete';
    } catch {
      return false;
    }
  };
  let target: Window | null;
  if (how === 'frame') {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = url;
    document.body.append(frame);
    target = frame.contentWindow;
  } else target = window.open(url);
  for (;;) {
    if (!target || target.closed || look(target)) break;
    await new Promise(requestAnimationFrame);
  }
  return [...seen].join('\n');
};

const unregister = async (): Promise<void> => {
  for (const registration of await navigator.serviceWorker.getRegistrations())
    await registration.unregister();
};

/** Runs the flow and redeems what was found. @returns Answers of the token endpoint. */
const attack = async (target: TestApp, how: 'frame' | 'window'): Promise<string> => {
  const redirectUri = `${target.url}/signed-in.html`;
  const { url, codeVerifier } = ownRequest(target.portal, redirectUri);
  const seen =
    how === 'frame'
      ? await target.run(watch, [url, how])
      : // Windows open in a click.
        await target.page.evaluate(watch, [url, how] as [string, 'window']);
  const codes = [...seen.matchAll(/[?&]code=([^&\s#]+)/g)].map(([, code = '']) => decodeURIComponent(code));
  const answers = codes.map((code) => redeem(target.portal, code, redirectUri, codeVerifier));
  return (await Promise.all(answers)).join('\n');
};

// Of one site with the portal, as in an intranet: the portal's cookie comes along even in frames.
const host = '127.0.0.1';
const strict = { options: { callback: 'worker', persistence: 'sealed' }, isSealed: true, host } as const;
/** Without a server that guards the callback: what the worker takes is taken by it alone. */
const byWorkerAlone = { options: { callback: 'worker' }, host } as const;

/** Requests a token instead of a code: the portal puts it into the fragment, which no server sees. */
const attackImplicitly = async (target: TestApp): Promise<string> => {
  const { url } = ownRequest(target.portal, `${target.url}/signed-in.html`, { response_type: 'token' });
  return target.run(watch, [url, 'frame']);
};

test(
  'a token requested in place of a code cannot be read in the fragment where the worker takes the answer',
  { tag: ['@S7'] },
  async ({ variant, portal }) => {
    const lenient = await signedIn(await variant({ host }), 'signInByWindow');
    expect(portal.log.leaks(await attackImplicitly(lenient)), 'control').not.toEqual([]);
    for (const variation of [byWorkerAlone, strict]) {
      const ours = await signedIn(await variant(variation), 'signInByWindow');
      expect(portal.log.leaks(await attackImplicitly(ours))).toEqual([]);
    }
  },
);

test(
  'a token in the fragment cannot be read without the worker where the server guards the callback',
  { tag: ['@S7'] },
  async ({ variant, portal }) => {
    const unguarded = await signedIn(
      await variant({ options: { callback: 'worker' }, host }),
      'signInByWindow',
    );
    await unguarded.run(unregister);
    expect(portal.log.leaks(await attackImplicitly(unguarded)), 'control').not.toEqual([]);
    const ours = await signedIn(await variant(strict), 'signInByWindow');
    await ours.run(unregister);
    expect(portal.log.leaks(await attackImplicitly(ours))).toEqual([]);
  },
);

for (const how of ['frame', 'window'] as const) {
  test(
    `a code flow of the attacker’s in a ${how === 'frame' ? 'hidden frame' : 'window'} yields no code where the worker takes it`,
    { tag: ['@S7'] },
    async ({ variant, portal }) => {
      const lenient = await signedIn(await variant({ host }), 'signInByWindow');
      expect(portal.log.leaks(await attack(lenient, how)), 'control').not.toEqual([]);
      for (const variation of [byWorkerAlone, strict]) {
        const ours = await signedIn(await variant(variation), 'signInByWindow');
        expect(await attack(ours, how)).toBe('');
      }
    },
  );
}

test(
  'a code flow after removing the worker yields no code where the server guards the callback',
  { tag: ['@I4', '@S7'] },
  async ({ variant, portal }) => {
    const unguarded = await signedIn(
      await variant({ options: { callback: 'worker' }, host }),
      'signInByWindow',
    );
    await unguarded.run(unregister);
    expect(portal.log.leaks(await attack(unguarded, 'frame')), 'control').not.toEqual([]);
    const ours = await signedIn(await variant(strict), 'signInByWindow');
    await ours.run(unregister);
    expect(await attack(ours, 'frame')).toBe('');
  },
);

for (const [name, isBound] of [
  ['with a code challenge of the attacker’s', true],
  ['without a code challenge', false],
] as const) {
  test(
    `a code issued to the attacker ${name} is refused in the victim’s sign-in`,
    { tag: ['@S7'] },
    async ({ app, portal }) => {
      const redirectUri = `${app.url}/signed-in.html`;
      const ownCode = async (): Promise<[code: string, codeVerifier: string | undefined]> => {
        const { url, codeVerifier } = ownRequest(portal, redirectUri);
        const request = new URL(url);
        if (!isBound)
          for (const parameter of ['code_challenge', 'code_challenge_method'])
            request.searchParams.delete(parameter);
        const { searchParams } = await authorize(request.href, 'ben');
        return [searchParams.get('code') ?? '', isBound ? codeVerifier : undefined];
      };
      await app.open();
      await app.handleChallengesInApp();
      const outcome = await app.startSignIn();
      const challenge = (await app.challengeUrl()).href;
      const [stolen] = await ownCode();
      const injected = await app.run(
        ([authorizationUrl, code]) =>
          window.identity.setOAuthCodeForUrl(authorizationUrl, code).then(
            () => 'taken',
            (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
          ),
        [challenge, stolen] as [string, string],
      );
      expect(injected).toBe('code-refused');
      expect(await outcome()).not.toContain('ben');
      expect(await app.run(() => window.identity.credentials)).toEqual([]);
      // Control: such a code is good with its own verifier, or with none.
      const [good, codeVerifier] = await ownCode();
      expect(portal.log.leaks(await redeem(portal, good, redirectUri, codeVerifier))).not.toEqual([]);
    },
  );
}

test('a stolen code cannot be redeemed elsewhere', { tag: ['@S7'] }, async ({ app, portal }) => {
  const redirectUri = `${app.url}/signed-in.html`;
  await app.open();
  await app.handleChallengesInApp();
  await app.startSignIn();
  const authorizationUrl = await app.challengeUrl();
  const callback = await authorize(authorizationUrl.href, 'ana');
  const code = callback.searchParams.get('code') ?? '';
  // The code challenge is in an address that the page knows: it must not be the verifier itself.
  const codeChallenge = authorizationUrl.searchParams.get('code_challenge') ?? '';
  for (const verifier of [undefined, '', 'x'.repeat(43), codeChallenge])
    expect(portal.log.leaks(await redeem(portal, code, redirectUri, verifier))).toEqual([]);
  // Control: without a code challenge, a code alone is enough.
  const bare = new URL(ownRequest(portal, redirectUri).url);
  bare.searchParams.delete('code_challenge');
  bare.searchParams.delete('code_challenge_method');
  const plain = (await authorize(bare.href, 'ana')).searchParams.get('code') ?? '';
  expect(portal.log.leaks(await redeem(portal, plain, redirectUri))).not.toEqual([]);
});

test(
  'endpoints that issue tokens give page script none through the worker',
  { tag: ['@S9'] },
  async ({ app, vulnerableApp, portal }) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const steal = async (target: TestApp): Promise<string> => {
      const leaked: string[] = [];
      for (const spelling of [
        'generateToken',
        'GENERATETOKEN',
        'generateToken/',
        '%67enerateToken',
        'generateToken;x',
      ]) {
        const url = `${portal.url}/sharing/rest/${spelling}`;
        // For a federated server, whose address is another one than the portal's own, and for one of the registration.
        for (const serverUrl of [portal.serverUrl, portal.hostedUrl]) {
          const form = new URLSearchParams({ f: 'json', serverUrl }).toString();
          for (const [address, init] of [
            [`${url}?${form}`, {}],
            [`${url}?${form}`, { method: 'POST', headers, body: form }],
            [url, { method: 'POST', headers, body: form }],
          ] as const)
            leaked.push(JSON.stringify(await target.fetch(address, init)));
        }
      }
      return leaked.join('\n');
    };
    const vulnerable = await vulnerableApp({ placement: 'form' });
    expect(portal.log.leaks(await steal(vulnerable)), 'control').not.toEqual([]);
    await signedIn(app);
    expect(portal.log.leaks(await steal(app))).toEqual([]);
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  },
);
