/**
 * Hostile script runs a code flow of its own, and has the redirect home blocked by a policy that it adds to the page: the worker and
 * the server see nothing of it, and the browser tells the page which address it has blocked.
 */
import { contentSecurityPolicy } from 'identity-worker/server';
import { registeredWith, expect, signedIn, test, type TestApp } from '../support/attack.js';
import { blockedCallbackCode, blockedCallbacks } from '../support/blocked-callback.js';
import { ownRequest, redeem } from '../support/oauth-client.js';
import { startSignInOrigin } from '../support/sign-in-origin.js';

// Of one site with the portal, as in an intranet: the portal's cookie comes along even in frames.
const host = '127.0.0.1';
const strict = { callback: 'worker', persistence: 'sealed' } as const;
const strictApp = { options: strict, isSealed: true, host } as const;

/** @returns Answers of the token endpoint for the codes that were seen, and the addresses that hold one. */
async function attack(
  target: TestApp,
  name: string,
  { redirectUri = `${target.url}/signed-in.html`, elsewhere = 'https://signin.example.org' } = {},
): Promise<string> {
  const { url, codeVerifier } = ownRequest(target.portal, redirectUri);
  const seen = await target.runText<string>(blockedCallbackCode(name, url, elsewhere));
  const codes = [...seen.matchAll(/[?&]code=([^&\s#"]+)/g)].map(([, code = '']) => decodeURIComponent(code));
  const answers = codes.map((code) => redeem(target.portal, code, redirectUri, codeVerifier));
  return (await Promise.all(answers)).join('\n');
}

/** What each way obtains, in a page of its own. */
async function attackInEveryWay(
  target: TestApp,
  options?: { redirectUri: string; elsewhere: string },
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const name of Object.keys(blockedCallbacks)) {
    await target.open();
    answers[name] = await attack(target, name, options);
  }
  return answers;
}

const nothing = Object.fromEntries(Object.keys(blockedCallbacks).map((name) => [name, '']));

// Many sign-ins, one after the other.
test.slow();

// Each way has to obtain a token, or the tests below prove nothing.
test(
  'a blocked redirect home tells the code without these defences (control)',
  { tag: ['@S7', '@S12'] },
  async ({ variant, portal }) => {
    const app = await signedIn(await variant(strictApp), 'signInByWindow');
    for (const [name, answer] of Object.entries(await attackInEveryWay(app)))
      expect(portal.log.leaks(answer), name).not.toEqual([]);
  },
);

test(
  'a blocked redirect home tells no code where the redirect URI is at an origin of its own',
  { tag: ['@S7'] },
  async ({ variant, portal }) => {
    const signInOrigin = await startSignInOrigin();
    const { redirectUri } = signInOrigin;
    portal.addRedirectUri(redirectUri);
    const config = registeredWith({ ...strict, redirectUri, callbackPage: '/signed-in.html' });
    const ours = await variant({ config, isSealed: true, host });
    signInOrigin.leadTo(`${ours.url}/signed-in.html`);
    await signedIn(ours, 'signInByWindow');
    const { origin: elsewhere } = new URL(redirectUri);
    expect(await attackInEveryWay(ours, { redirectUri, elsewhere })).toEqual(nothing);
    await signInOrigin.close();
  },
);

test(
  'a blocked redirect home tells no code where the server’s policy allows no frames',
  { tag: ['@S7', '@S12'] },
  async ({ variant, portal }) => {
    const policy = contentSecurityPolicy({ portals: [portal.url, portal.hostedUrl, portal.serverUrl] });
    const headers = { 'content-security-policy': policy.page };
    const ours = await signedIn(await variant({ ...strictApp, headers }), 'signInByWindow');
    expect(await attackInEveryWay(ours)).toEqual(nothing);
  },
);
