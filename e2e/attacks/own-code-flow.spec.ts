/** Hostile script runs a code flow of its own, in the app's name: client ids and redirect URIs are public, and the portal knows the person. */
import { expect, query, signedIn, test, type TestApp } from '../support/attack.js';
import { authorize, ownRequest, redeem } from '../support/oauth-client.js';

/** Everything that the opener or parent of a window can read of it until it is at home or closed. */
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

/** Asks for a token instead of a code: the portal puts it into the fragment, which no server sees. */
const attackImplicitly = async (target: TestApp): Promise<string> => {
  const { url } = ownRequest(target.portal, `${target.url}/signed-in.html`, { response_type: 'token' });
  return target.run(watch, [url, 'frame']);
};

test('S7: a token is asked for in place of a code, and read in the fragment', async ({ variant, portal }) => {
  const lenient = await signedIn(await variant({ host }), 'signInByWindow');
  expect(portal.log.leaks(await attackImplicitly(lenient)), 'control').not.toEqual([]);
  const ours = await signedIn(await variant(strict), 'signInByWindow');
  expect(portal.log.leaks(await attackImplicitly(ours))).toEqual([]);
});

test('S7: the same without the worker: not where the server guards the callback', async ({
  variant,
  portal,
}) => {
  const unguarded = await signedIn(
    await variant({ options: { callback: 'worker' }, host }),
    'signInByWindow',
  );
  await unguarded.run(unregister);
  expect(portal.log.leaks(await attackImplicitly(unguarded)), 'control').not.toEqual([]);
  const ours = await signedIn(await variant(strict), 'signInByWindow');
  await ours.run(unregister);
  expect(portal.log.leaks(await attackImplicitly(ours))).toEqual([]);
});

for (const how of ['frame', 'window'] as const) {
  test(`S7: a code flow in a ${how === 'frame' ? 'hidden frame' : 'window'} is read at its end: not where the worker takes the code`, async ({
    variant,
    portal,
  }) => {
    const lenient = await signedIn(await variant({ host }), 'signInByWindow');
    expect(portal.log.leaks(await attack(lenient, how)), 'control').not.toEqual([]);
    const ours = await signedIn(await variant(strict), 'signInByWindow');
    expect(await attack(ours, how)).toBe('');
  });
}

test('S7: the worker is removed first: not where the server guards the callback', async ({
  variant,
  portal,
}) => {
  const unguarded = await signedIn(
    await variant({ options: { callback: 'worker' }, host }),
    'signInByWindow',
  );
  await unguarded.run(unregister);
  expect(portal.log.leaks(await attack(unguarded, 'frame')), 'control').not.toEqual([]);
  const ours = await signedIn(await variant(strict), 'signInByWindow');
  await ours.run(unregister);
  expect(await attack(ours, 'frame')).toBe('');
});

test('S7: a code that was issued to the attacker is slipped into the victim’s sign-in', async ({
  app,
  portal,
}) => {
  const redirectUri = `${app.url}/signed-in.html`;
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const challenge = (await app.challengeUrl()).href;
  const { url, codeVerifier } = ownRequest(portal, redirectUri);
  const code = (await authorize(url, 'ben')).searchParams.get('code') ?? '';
  const injected = await app.run(
    ([authorizationUrl, stolen]) =>
      window.identity.setOAuthCodeForUrl(authorizationUrl, stolen).then(
        () => 'taken',
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      ),
    [challenge, code] as [string, string],
  );
  expect(injected).toBe('code-refused');
  expect(await outcome()).not.toContain('ben');
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
  // Control: it was a good code, for whoever has its verifier.
  const { url: again, codeVerifier: verifier } = ownRequest(portal, redirectUri);
  const good = (await authorize(again, 'ben')).searchParams.get('code') ?? '';
  expect(codeVerifier).not.toBe(verifier);
  expect(portal.log.leaks(await redeem(portal, good, redirectUri, verifier))).not.toEqual([]);
});

test('S7: a code that was stolen on its way is redeemed elsewhere', async ({ app, portal }) => {
  const redirectUri = `${app.url}/signed-in.html`;
  await app.open();
  await app.takeOver();
  await app.beginSignIn();
  const callback = await authorize((await app.challengeUrl()).href, 'ana');
  const code = callback.searchParams.get('code') ?? '';
  for (const verifier of [undefined, '', 'x'.repeat(43)])
    expect(portal.log.leaks(await redeem(portal, code, redirectUri, verifier))).toEqual([]);
  // Control: without a code challenge, a code alone is enough.
  const bare = new URL(ownRequest(portal, redirectUri).url);
  bare.searchParams.delete('code_challenge');
  bare.searchParams.delete('code_challenge_method');
  const plain = (await authorize(bare.href, 'ana')).searchParams.get('code') ?? '';
  expect(portal.log.leaks(await redeem(portal, plain, redirectUri))).not.toEqual([]);
});

test('S9: the endpoints that issue tokens are asked through the worker', async ({ app, naive, portal }) => {
  const steal = async (target: TestApp): Promise<string> => {
    const loot: string[] = [];
    for (const spelling of [
      'generateToken',
      'GENERATETOKEN',
      'generateToken/',
      '%67enerateToken',
      'generateToken;x',
    ]) {
      const url = `${portal.url}/sharing/rest/${spelling}?f=json&serverUrl=${encodeURIComponent(portal.serverUrl)}`;
      for (const init of [
        {},
        {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: `f=json&serverUrl=${encodeURIComponent(portal.serverUrl)}`,
        },
      ])
        loot.push(JSON.stringify(await target.fetch(url, init)));
    }
    return loot.join('\n');
  };
  const credulous = await naive({ place: 'form' });
  expect(portal.log.leaks(await steal(credulous)), 'control').not.toEqual([]);
  await signedIn(app);
  expect(portal.log.leaks(await steal(app))).toEqual([]);
  expect(await app.fetchJson(app.hosted(query))).toEqual({ count: expect.any(Number) });
});
