/** The authorization URL of a sign-in, as each kind of server wants it. */
import { expect, test } from 'vitest';
import type { SignInParameters } from '../../protocol/worker-api.js';
import { arcgisServer } from './arcgis-server.js';
import { withSignInParameters } from './authorization-request.js';
import { rfcServer } from './rfc-server.js';

const url = 'https://gis.example.org/authorize?state=s&code_challenge=c';
const servers = { arcgis: arcgisServer, oauth: rfcServer };

test.each<[kind: keyof typeof servers, parameters: SignInParameters, added: string]>([
  ['arcgis', {}, ''],
  ['arcgis', { forceLogin: true }, '&force_login=true'],
  ['arcgis', { silent: true, loginHint: 'ana' }, ''],
  ['oauth', { forceLogin: true }, '&prompt=login'],
  ['oauth', { silent: true, forceLogin: true }, '&prompt=none'],
  ['oauth', { loginHint: 'ana@example.org' }, '&login_hint=ana%40example.org'],
])('%s %j', (kind, parameters, added) => {
  expect(withSignInParameters(url, { authorizationServer: servers[kind] }, parameters)).toBe(url + added);
});
