/** Wishes of a sign-in, by the dialect of the portal. */
import { expect, test } from 'vitest';
import type { SignInParameters } from '../../protocol/worker-api.js';
import { withSignInParameters } from './wish.js';

const url = 'https://gis.example.org/authorize?state=s&code_challenge=c';

test.each<[kind: 'arcgis' | 'oauth', parameters: SignInParameters, added: string]>([
  ['arcgis', {}, ''],
  ['arcgis', { forceLogin: true }, '&force_login=true'],
  ['arcgis', { silent: true, loginHint: 'ana' }, ''],
  ['oauth', { forceLogin: true }, '&prompt=login'],
  ['oauth', { silent: true, forceLogin: true }, '&prompt=none'],
  ['oauth', { loginHint: 'ana@example.org' }, '&login_hint=ana%40example.org'],
])('%s %j', (kind, parameters, added) => {
  expect(withSignInParameters(url, kind, parameters)).toBe(url + added);
});
