/** Presets: the documented issuer, the scopes that bring a refresh token, and errors for what other servers' habits suggest. */
import { expect, test } from 'vitest';
import type { Portal, PortalRegistration } from './portals/portal.js';
import { auth0, authentik, cognito, entraId, keycloak, logto, okta } from './presets.js';

const tenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

const app = { clientId: 'app', redirectUri: '/signed-in.html', resources: ['https://api.example.org/'] };

const registered = (register: PortalRegistration): Portal => register('https://app.example/');

interface Expected {
  readonly issuer: string;
  readonly scope: string;
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  readonly resource?: Readonly<Record<string, string>>;
}

const presets: readonly (readonly [name: string, register: PortalRegistration, expected: Expected])[] = [
  [
    'Keycloak',
    keycloak({ ...app, url: 'https://sso.example.org/', realm: 'Field crew' }),
    { issuer: 'https://sso.example.org/realms/Field%20crew', scope: 'openid' },
  ],
  [
    'Keycloak before 17',
    keycloak({ ...app, url: 'https://sso.example.org/auth', realm: 'maps', scope: 'openid tiles' }),
    { issuer: 'https://sso.example.org/auth/realms/maps', scope: 'openid tiles' },
  ],
  [
    'Auth0',
    auth0({ ...app, domain: 'maps.eu.auth0.com', audience: 'https://api.example.org/', scope: 'read:tiles' }),
    {
      issuer: 'https://maps.eu.auth0.com/',
      scope: 'openid profile offline_access read:tiles',
      authorizationParameters: { audience: 'https://api.example.org/' },
    },
  ],
  [
    'Auth0 without an API',
    auth0({ ...app, domain: 'login.example.org' }),
    { issuer: 'https://login.example.org/', scope: 'openid profile offline_access' },
  ],
  [
    'Entra ID',
    entraId({ ...app, tenant: tenant.toUpperCase(), scope: 'api://maps/read' }),
    {
      issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
      scope: 'openid profile offline_access api://maps/read',
    },
  ],
  [
    'Okta',
    okta({ ...app, domain: 'maps.okta.com' }),
    { issuer: 'https://maps.okta.com/oauth2/default', scope: 'openid profile offline_access' },
  ],
  [
    'another authorization server of Okta',
    okta({ ...app, domain: 'login.example.org', authorizationServer: 'aus1a2b3c' }),
    { issuer: 'https://login.example.org/oauth2/aus1a2b3c', scope: 'openid profile offline_access' },
  ],
  [
    'Cognito',
    cognito({ ...app, userPoolId: 'eu-west-1_AbC123', scope: 'maps/read' }),
    { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123', scope: 'openid maps/read' },
  ],
  [
    'Logto',
    logto({ ...app, endpoint: 'https://maps.logto.app', resource: 'https://api.example.org' }),
    {
      issuer: 'https://maps.logto.app/oidc',
      scope: 'openid profile offline_access',
      authorizationParameters: { prompt: 'consent' },
      resource: { resource: 'https://api.example.org' },
    },
  ],
  [
    'authentik',
    authentik({ ...app, url: 'https://auth.example.org', slug: 'maps' }),
    {
      issuer: 'https://auth.example.org/application/o/maps/',
      scope: 'openid profile offline_access',
    },
  ],
];

test.each(presets)(
  '%s has its documented settings',
  (_, register, { scope, resource, authorizationParameters, issuer }) => {
    const portal = registered(register);
    expect(portal.issuer).toBe(issuer);
    expect(portal.authorizationParameters).toEqual({ ...authorizationParameters, ...resource, scope });
    expect(portal.tokenParameters).toEqual({ ...resource });
    expect(portal.clientId).toBe('app');
  },
);

test('parameters of the app stand beside those of the preset', () => {
  const { authorizationParameters } = registered(
    auth0({
      ...app,
      domain: 'maps.eu.auth0.com',
      audience: 'https://api.example.org/',
      authorizationParameters: { organization: 'org_1' },
    }),
  );
  expect(authorizationParameters).toMatchObject({
    audience: 'https://api.example.org/',
    organization: 'org_1',
  });
});

test.each<[field: string, make: () => PortalRegistration]>([
  ...['common', 'organizations', 'consumers', 'contoso.onmicrosoft.com', `${tenant}/v2.0`, ''].map(
    (name): [string, () => PortalRegistration] => ['tenant', () => entraId({ ...app, tenant: name })],
  ),
  ['domain', () => auth0({ ...app, domain: 'https://maps.eu.auth0.com' })],
  ['domain', () => auth0({ ...app, domain: 'maps.eu.auth0.com/' })],
  ['domain', () => okta({ ...app, domain: 'maps.okta.com/oauth2/default' })],
  [
    'authorizationServer',
    () => okta({ ...app, domain: 'maps.okta.com', authorizationServer: 'oauth2/default' }),
  ],
  ['userPoolId', () => cognito({ ...app, userPoolId: 'AbC123' })],
  [
    'userPoolId',
    () => cognito({ ...app, userPoolId: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123' }),
  ],
  ['realm', () => keycloak({ ...app, url: 'https://sso.example.org', realm: 'realms/maps' })],
  ['realm', () => keycloak({ ...app, url: 'https://sso.example.org', realm: '' })],
  ['url', () => keycloak({ ...app, url: 'sso.example.org', realm: 'maps' })],
  ['slug', () => authentik({ ...app, url: 'https://auth.example.org', slug: '/maps/' })],
  ['endpoint', () => logto({ ...app, endpoint: undefined as unknown as string })],
])('refuses a wrong %s: %s', (field, make) => {
  // Not at once: the worker's script goes on, and reports it.
  const register = make();
  expect(() => registered(register)).toThrow(
    expect.objectContaining({ code: 'option-invalid', facts: { field } }),
  );
});
