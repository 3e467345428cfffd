// The authorization endpoint and its pages.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { oobRedirectUri } from '../../accounts.js';
import type { Portal } from '../../index.js';
import { errorCode, oauthStateIn, redirectUri, startWithClient, type TestClient } from '../../test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

function visit(url: string, cookie = ''): Promise<Response> {
  return fetch(url, { redirect: 'manual', headers: { cookie } });
}

test('authorize without a session shows an escaped form with oauth_state', async () => {
  const response = await visit(
    client.authorizeUrl({ prepopulatedusername: '"><script>x</script>', style: 'dark', expiration: '60' }),
  );
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(oauthStateIn(html)).not.toBe('');
  expect(html).toContain('<label for="username">Username</label>');
  expect(html).toContain('<label for="password">Password</label>');
  expect(html).toContain('value="&quot;&gt;&lt;script&gt;x&lt;/script&gt;"');
  expect(html).not.toContain('<script');
  expect(html).toContain('data-style="dark"');
});

test('authorize works below /sharing too, and with trailing slashes', async () => {
  const url = client.authorizeUrl();
  for (const variant of [
    url.replace('/sharing/rest/', '/sharing/'),
    url.replace('/authorize?', '/authorize/?'),
    url.replace('/authorize?', '/social/authorize?'),
  ]) {
    expect((await visit(variant)).status).toBe(200);
  }
});

test('a good password redirects with code and state and sets the session cookie', async () => {
  const form = await (await visit(client.authorizeUrl())).text();
  const response = await client.submit(form, { username: 'Ana', password: 'ana-demo-1' });
  const location = new URL(response.headers.get('location') ?? '');
  expect(response.status).toBe(302);
  expect(location.origin + location.pathname).toBe(redirectUri);
  expect([...location.searchParams.keys()]).toEqual(['code', 'state']);
  expect(location.searchParams.get('state')).toBe('state-1');
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^esri_auth=.*HttpOnly/)]);
});

test('the application learns of "Keep me signed in"', async () => {
  const form = await (await visit(client.authorizeUrl())).text();
  const response = await client.submit(form, { username: 'ana', password: 'ana-demo-1', persist: 'true' });
  expect(new URL(response.headers.get('location') ?? '').searchParams.get('persist')).toBe('true');
  expect(response.headers.getSetCookie()[0]).toContain('Max-Age=1209600');
});

test('a bad password shows the form again with an alert and no redirect', async () => {
  const form = await (await visit(client.authorizeUrl())).text();
  const response = await client.submit(form, { username: 'ana', password: 'wrong' });
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('location')).toBeNull();
  expect(html).toContain('role="alert"');
  expect(html).toContain('value="ana"');
  const second = await client.submit(html, { username: 'ana', password: 'ana-demo-1' });
  expect(second.status).toBe(302);
});

test('a form works once and for ten minutes', async () => {
  const good = { username: 'ana', password: 'ana-demo-1' };
  const used = await (await visit(client.authorizeUrl())).text();
  expect((await client.submit(used, good)).status).toBe(302);
  expect((await client.submit(used, good)).status).toBe(400);
  const stale = await (await visit(client.authorizeUrl())).text();
  portal.control.setClockOffset(10 * 60 * 1000);
  expect((await client.submit(stale, good)).status).toBe(400);
});

test('cancel redirects with access_denied, description and state', async () => {
  const form = await (await visit(client.authorizeUrl())).text();
  const response = await client.submit(form, { cancel: 'true' });
  const { searchParams } = new URL(response.headers.get('location') ?? '');
  expect(response.status).toBe(302);
  expect(searchParams.get('error')).toBe('access_denied');
  expect(searchParams.get('error_description')).not.toBe('');
  expect(searchParams.get('state')).toBe('state-1');
  expect(portal.control.tokens()).toEqual([]);
});

test.each([
  ['other port', 'http://127.0.0.1:6000/oauth-callback.html'],
  ['extra path', `${redirectUri}/more`],
  ['trailing slash', `${redirectUri}/`],
  ['added query', `${redirectUri}?a=b`],
  ['upper case', redirectUri.toUpperCase()],
  ['script', 'javascript:alert(1)'],
  ['nothing', ''],
])('an unregistered redirect_uri (%s) gets a page, no redirect', async (_name, uri) => {
  const response = await visit(client.authorizeUrl({ redirect_uri: uri }));
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
  expect(await response.text()).toContain('Error 400: Invalid redirect_uri');
});

test('an unknown client_id gets a page, no redirect', async () => {
  const response = await visit(client.authorizeUrl({ client_id: 'nobody' }));
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('Error 400: Invalid client_id');
});

test('with a session the code comes at once', async () => {
  const { cookie } = await client.signIn();
  const response = await visit(client.authorizeUrl(), cookie);
  expect(response.status).toBe(302);
  expect(new URL(response.headers.get('location') ?? '').searchParams.get('code')).toBeTruthy();
});

test('an ended or invented session shows the form', async () => {
  const { cookie } = await client.signIn();
  portal.control.endSessions();
  expect((await visit(client.authorizeUrl(), cookie)).status).toBe(200);
  expect((await visit(client.authorizeUrl(), 'esri_auth=%7B%22token%22%3A%22x%22%7D')).status).toBe(200);
  expect((await visit(client.authorizeUrl(), 'esri_auth=%E0%A4%A')).status).toBe(200);
});

test('force_login shows the form despite a session', async () => {
  const { cookie } = await client.signIn();
  const response = await visit(client.authorizeUrl({ force_login: 'true' }), cookie);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<form');
});

test('the oob redirect URI ends on the approval page with title and field', async () => {
  const { location, code } = await client.signIn({ authorize: { redirect_uri: oobRedirectUri } });
  expect(location.pathname).toBe('/portal/sharing/rest/oauth2/approval');
  const html = await (await visit(location.href)).text();
  expect(html).toContain(`<title>SUCCESS code=${code}</title>`);
  expect(html).toContain('<label for="code">Authorization code</label>');
  expect(html).toContain(`value="${code}" readonly`);
});

test('cancelling with the oob redirect URI ends in a denial; invented codes are not shown', async () => {
  const form = await (await visit(client.authorizeUrl({ redirect_uri: oobRedirectUri }))).text();
  const response = await client.submit(form, { cancel: 'true' });
  const denial = await (await visit(response.headers.get('location') ?? '')).text();
  expect(denial).toContain('<title>Denied error=access_denied</title>');
  const invented = await (await visit(`${client.sharing}/oauth2/approval?code=invented`)).text();
  expect(invented).not.toContain('invented');
});

test('the oob redirect URI is redeemed with itself', async () => {
  const { code, codeVerifier } = await client.signIn({ authorize: { redirect_uri: oobRedirectUri } });
  const response = await client.token({
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    redirect_uri: oobRedirectUri,
  });
  expect(response['access_token']).toBeTruthy();
});

test.each([
  ['JSON', '{"id":"a","originalUrl":"https://app.example/?x=1&y=%20\'<b>"}'],
  ['percent signs', '100%25 %zz %'],
  ['separators', 'a&b=c;d#e+f g'],
  ['other alphabets', 'Zürich 東京 🗺️'],
  ['2 KB', 'x/+=%&"'.repeat(300)],
])('state holding %s comes back as it was', async (_name, state) => {
  const { location } = await client.signIn({ authorize: { state } });
  expect(location.searchParams.get('state')).toBe(state);
});

test('without state in the request there is none in the response', async () => {
  const { location } = await client.signIn({ authorize: { state: undefined } });
  expect(location.searchParams.has('state')).toBe(false);
});

test('other response types and challenge methods are refused by redirect', async () => {
  for (const parameters of [{ response_type: 'id_token' }, { code_challenge_method: 'S512' }]) {
    const response = await visit(client.authorizeUrl(parameters));
    expect(response.status).toBe(302);
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBeTruthy();
  }
});

test('the implicit flow answers in the fragment, never out of band', async () => {
  const { location } = await client.signIn({ authorize: { response_type: 'token' } });
  const fragment = new URLSearchParams(location.hash.slice(1));
  expect(location.search).toBe('');
  expect(fragment.get('username')).toBe('ana');
  expect(errorCode(await client.hosted('Echo', fragment.get('access_token') ?? ''))).toBeUndefined();
  const oob = await visit(client.authorizeUrl({ response_type: 'token', redirect_uri: oobRedirectUri }));
  expect(oob.status).toBe(400);
});

test('sign-in pages carry the opener policy when told to', async () => {
  expect((await visit(client.authorizeUrl())).headers.get('cross-origin-opener-policy')).toBeNull();
  portal.control.setCoop('same-origin');
  expect((await visit(client.authorizeUrl())).headers.get('cross-origin-opener-policy')).toBe('same-origin');
});

test('signout clears the cookie and redirects to a registered origin only', async () => {
  const { cookie } = await client.signIn();
  const signOut = (uri: string) =>
    visit(
      `${client.sharing}/oauth2/signout?client_id=idw-demo&redirect_uri=${encodeURIComponent(uri)}`,
      cookie,
    );
  for (const foreign of [
    'https://evil.example/',
    'http://127.0.0.1:5999@evil.example/',
    'javascript:alert(1)',
  ]) {
    const refused = await signOut(foreign);
    expect(refused.status).toBe(400);
    expect(refused.headers.getSetCookie()).toEqual([]);
  }
  expect((await visit(client.authorizeUrl(), cookie)).status).toBe(302);
  const response = await signOut('http://127.0.0.1:5999/');
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('http://127.0.0.1:5999/');
  expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0');
  expect((await visit(client.authorizeUrl(), cookie)).status).toBe(200);
});
