/** An API that takes the tokens of a server: it says who asked for what, and refuses as RFC 6750 and RFC 9449 say. */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import type { IncomingMessage } from 'node:http';
import { Front, type Answer, type NotedRequest } from './front.js';
import type { OAuthServer, TokenFacts } from './server.js';

export interface Api {
  /** `http://127.0.0.1:…/`, with the slash. */
  readonly url: string;
  readonly front: Front;
  close(): Promise<void>;
}

export interface ApiOptions {
  /** Server whose tokens are taken. */
  server: OAuthServer;
  /** Whether a token has to be for this very API (RFC 8707 §3). */
  isAudience?: boolean;
}

/** Starts an API. */
export async function startApi({ server, isAudience = false }: ApiOptions): Promise<Api> {
  const front = await Front.start();
  const url = `${front.origin}/`;
  await front.open((request, response) => {
    void respond(request).then(({ status, headers = {}, body }) => {
      response.writeHead(status, { ...cors(request), 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    });
  });

  async function respond(
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: Record<string, string>; body: unknown }> {
    if (request.method === 'OPTIONS') return { status: 204, body: '' };
    const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
    if (token === '') return refuse('Bearer');
    const facts = await server.check(token);
    const isGood =
      facts !== undefined &&
      (!isAudience || facts.audience.includes(url)) &&
      (facts.thumbprint === undefined
        ? /^bearer$/i.test(scheme)
        : /^dpop$/i.test(scheme) && (await isProven(request, token, facts)));
    if (!isGood) return refuse(facts?.thumbprint === undefined ? 'Bearer' : 'DPoP', 'invalid_token');
    const { user, scope, audience } = facts;
    return { status: 200, body: { user, scope, audience, path: request.url } };
  }

  /** A proof of the key that the token is bound to, for this request (RFC 9449 §7.1). */
  async function isProven(request: IncomingMessage, token: string, facts: TokenFacts): Promise<boolean> {
    try {
      const proof = await jwtVerify(String(request.headers['dpop']), EmbeddedJWK, { typ: 'dpop+jwt' });
      const { htm, htu, ath } = proof.payload;
      return (
        htm === request.method &&
        htu === front.origin + new URL(request.url ?? '/', front.origin).pathname &&
        ath === createHash('sha256').update(token).digest('base64url') &&
        (await calculateJwkThumbprint(proof.protectedHeader.jwk ?? {})) === facts.thumbprint
      );
    } catch {
      return false;
    }
  }

  return { url, front, close: () => front.close() };
}

const refuse = (scheme: string, error?: string) => ({
  status: 401,
  headers: { 'www-authenticate': error === undefined ? scheme : `${scheme} error="${error}"` },
  body: { error: error ?? 'unauthorized' },
});

const cors = ({ headers }: IncomingMessage): Record<string, string> => ({
  'access-control-allow-origin': headers.origin ?? '*',
  'access-control-allow-headers': 'authorization, dpop',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-expose-headers': 'www-authenticate, dpop-nonce',
});

/** An answer in a server's place that an app may read. @param challenge - `WWW-Authenticate`. */
export const refusal = (
  { headers: { origin = '*' } }: NotedRequest,
  status: number,
  challenge?: string,
  headers: Record<string, string> = {},
  body: unknown = { error: 'refused' },
): Answer => ({
  status,
  headers: {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'www-authenticate, dpop-nonce',
    'content-type': 'application/json',
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
    ...headers,
  },
  body: JSON.stringify(body),
});
