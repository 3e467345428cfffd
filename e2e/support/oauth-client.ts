/** A user or an attacker at the portal, with or without a browser: signing in there, and redeeming codes. */
import { createHash, randomBytes } from 'node:crypto';
import { request, type Page } from '@playwright/test';
import type { Portal } from '../../demo/portal/index.js';
import { fillInForm as fillIn } from '../../testing/sign-in-form.js';

/** The users of the demo portal and their passwords. */
export const passwords = { ana: 'ana-demo-1', ben: 'ben-demo-1' } as const;
export type User = keyof typeof passwords;

/** Fills in the portal's own sign-in page, in whatever window it is shown. */
export const fillInForm = (window: Page, user: User): Promise<void> =>
  fillIn(window, { username: user, password: passwords[user] });

/** Signs a user in at an authorization URL. @returns The callback URL that the portal redirects to. */
export async function authorize(authorizationUrl: string, user: User): Promise<URL> {
  // Unlike fetch, it accepts a certificate that nobody has signed.
  const client = await request.newContext({ ignoreHTTPSErrors: true });
  const html = await (await client.get(authorizationUrl)).text();
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? '';
  const oauthState = /name="oauth_state" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const form = { oauth_state: oauthState, username: user, password: passwords[user] };
  const answer = await client.post(action, { form, maxRedirects: 0 });
  const location = answer.headers()['location'] ?? '';
  await client.dispose();
  return new URL(location);
}

/** An authorization request of the attacker's own, in the app's name: client ids are public. */
export function ownRequest(
  portal: Portal,
  redirectUri: string,
  parameters: Record<string, string> = {},
): { url: string; codeVerifier: string } {
  const codeVerifier = randomBytes(32).toString('base64url');
  const url = new URL(`${portal.url}/sharing/rest/oauth2/authorize`);
  const all = {
    client_id: 'idw-demo',
    response_type: 'code',
    redirect_uri: redirectUri,
    state: 'of-the-attacker',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return { url: url.href, codeVerifier };
}

/** Redeems a code outside the browser. @returns The portal's answer as text. */
export async function redeem(
  portal: Portal,
  code: string,
  redirectUri: string,
  codeVerifier?: string,
): Promise<string> {
  const answer = await fetch(`${portal.url}/sharing/rest/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'idw-demo',
      redirect_uri: redirectUri,
      code,
      ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
      f: 'json',
    }),
  });
  return answer.text();
}

/** A token that the portal gives for ana's password. @param referer - Origin that the token is bound to. */
export async function generateToken(portal: Portal, referer: string): Promise<string> {
  const response = await fetch(`${portal.url}/sharing/rest/generateToken`, {
    method: 'POST',
    body: new URLSearchParams({
      username: 'ana',
      password: passwords.ana,
      client: 'referer',
      referer,
      f: 'json',
    }),
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}
