/** Presets: the documented issuer, the scopes that bring a refresh token, and errors for what other servers' habits suggest. */
import { expect, test } from 'vitest';
import { oauthServer } from './portals/oauth-server.js';
import {
  auth0,
  authentik,
  cognito,
  entraId,
  keycloak,
  logto,
  okta,
  type OAuthServerPreset,
} from './presets.js';

const tenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

const presets: readonly (readonly [name: string, preset: OAuthServerPreset, expected: OAuthServerPreset])[] =
  [
    [
      'Keycloak',
      keycloak({ url: 'https://sso.example.org/', realm: 'Field crew' }),
      { issuer: 'https://sso.example.org/realms/Field%20crew', scope: 'openid' },
    ],
    [
      'Keycloak before 17',
      keycloak({ url: 'https://sso.example.org/auth', realm: 'maps', scope: 'openid tiles' }),
      { issuer: 'https://sso.example.org/auth/realms/maps', scope: 'openid tiles' },
    ],
    [
      'Auth0',
      auth0({ domain: 'maps.eu.auth0.com', audience: 'https://api.example.org/', scope: 'read:tiles' }),
      {
        issuer: 'https://maps.eu.auth0.com/',
        scope: 'openid profile offline_access read:tiles',
        authorizationParameters: { audience: 'https://api.example.org/' },
      },
    ],
    [
      'Auth0 without an API',
      auth0({ domain: 'login.example.org' }),
      { issuer: 'https://login.example.org/', scope: 'openid profile offline_access' },
    ],
    [
      'Entra ID',
      entraId({ tenant: tenant.toUpperCase(), scope: 'api://maps/read' }),
      {
        issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
        scope: 'openid profile offline_access api://maps/read',
      },
    ],
    [
      'Okta',
      okta({ domain: 'maps.okta.com' }),
      { issuer: 'https://maps.okta.com/oauth2/default', scope: 'openid profile offline_access' },
    ],
    [
      'another authorization server of Okta',
      okta({ domain: 'login.example.org', authorizationServer: 'aus1a2b3c' }),
      { issuer: 'https://login.example.org/oauth2/aus1a2b3c', scope: 'openid profile offline_access' },
    ],
    [
      'Cognito',
      cognito({ userPoolId: 'eu-west-1_AbC123', scope: 'maps/read' }),
      { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123', scope: 'openid maps/read' },
    ],
    [
      'Logto',
      logto({ endpoint: 'https://maps.logto.app', resource: 'https://api.example.org' }),
      {
        issuer: 'https://maps.logto.app/oidc',
        scope: 'openid profile offline_access',
        authorizationParameters: { prompt: 'consent' },
        resource: 'https://api.example.org',
      },
    ],
    [
      'authentik',
      authentik({ url: 'https://auth.example.org', slug: 'maps' }),
      {
        issuer: 'https://auth.example.org/application/o/maps/',
        scope: 'openid profile offline_access',
      },
    ],
  ];

test.each(presets)('%s has its documented settings', (_, preset, expected) => {
  expect(preset).toEqual(expected);
});

test.each(presets)('oauthServer takes the preset of %s', (_, preset) => {
  const register = oauthServer({
    ...preset,
    clientId: 'app',
    redirectUri: '/signed-in.html',
    resources: ['https://api.example.org/'],
  });
  const { issuer, authorizationParameters, tokenParameters } = register('https://app.example/');
  expect(issuer).toBe(preset.issuer);
  expect(authorizationParameters).toEqual({
    ...preset.authorizationParameters,
    ...(preset.resource !== undefined && { resource: preset.resource }),
    scope: preset.scope,
  });
  expect(tokenParameters).toEqual(preset.resource === undefined ? {} : { resource: preset.resource });
});

test.each<[field: string, make: () => OAuthServerPreset]>([
  ...['common', 'organizations', 'consumers', 'contoso.onmicrosoft.com', `${tenant}/v2.0`, ''].map(
    (name): [string, () => OAuthServerPreset] => ['tenant', () => entraId({ tenant: name })],
  ),
  ['domain', () => auth0({ domain: 'https://maps.eu.auth0.com' })],
  ['domain', () => auth0({ domain: 'maps.eu.auth0.com/' })],
  ['domain', () => okta({ domain: 'maps.okta.com/oauth2/default' })],
  ['authorizationServer', () => okta({ domain: 'maps.okta.com', authorizationServer: 'oauth2/default' })],
  ['userPoolId', () => cognito({ userPoolId: 'AbC123' })],
  [
    'userPoolId',
    () => cognito({ userPoolId: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123' }),
  ],
  ['realm', () => keycloak({ url: 'https://sso.example.org', realm: 'realms/maps' })],
  ['realm', () => keycloak({ url: 'https://sso.example.org', realm: '' })],
  ['url', () => keycloak({ url: 'sso.example.org', realm: 'maps' })],
  ['slug', () => authentik({ url: 'https://auth.example.org', slug: '/maps/' })],
  ['endpoint', () => logto({ endpoint: undefined as unknown as string })],
])('refuses a wrong %s: %s', (field, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'option-invalid', facts: { field } }));
});
