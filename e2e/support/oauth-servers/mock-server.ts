/**
 * oauth2-mock-server: no page (it redirects at once, to everybody who asks), no `iss`, an ID token that nobody asked for, and `dummy` as
 * the scope of every token, whatever was asked for.
 */
import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { Front } from './front.js';
import type { OAuthServer } from './server.js';

export async function startMockServer(): Promise<OAuthServer> {
  const front = await Front.start();
  const issuer = new OAuth2Issuer();
  issuer.url = front.origin;
  await issuer.keys.generate('RS256');
  const service = new OAuth2Service(issuer);
  // Otherwise two tokens of one second are the same.
  service.on('beforeTokenSigning', (token: { payload: Record<string, unknown> }) => {
    token.payload['jti'] = randomUUID();
  });
  await front.open(service.requestHandler);
  const keys = createLocalJWKSet({ keys: issuer.keys.toJSON() });
  const expired = new Set<string>();
  const issued = new Set<string>();
  return {
    front,
    issuer: front.origin,
    async check(token) {
      try {
        if (expired.has(token)) return undefined;
        issued.add(token);
        const { payload } = await jwtVerify(token, keys, { issuer: front.origin });
        return { user: String(payload.sub), scope: String(payload['scope']), audience: [] };
      } catch {
        return undefined;
      }
    },
    expireAccessTokens: () => {
      for (const token of issued) expired.add(token);
    },
    admit: () => Promise.resolve(),
    close: () => front.close(),
  };
}
