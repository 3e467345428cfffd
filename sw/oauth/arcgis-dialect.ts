/** Turns ArcGIS's answers into RFC 6749 form, and RFC 7009 revocations into ArcGIS's. The rest of oauth/ knows the RFCs only. */
import { readLimited } from './read-limited.js';
import { NoVerdict, noVerdictOf } from './token-answer.js';

type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Life in s as a sane whole number, or `undefined`: servers send strings, zero, negative and absurd values. */
export function saneLifetimeS(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(Math.max(1, Math.floor(seconds)), 366 * 24 * 3600);
}

/** The RFC 6749 §5.2 error word of an ArcGIS error object. 498 at the token endpoint is about the refresh token. */
function errorWord({ code, error, error_description: description, message }: Json): string {
  const words = description ?? message;
  const text = typeof words === 'string' ? words.toLowerCase() : '';
  if (text.includes('not specified')) return 'invalid_request';
  if (error === 'invalid_client_id') return 'invalid_client';
  if (
    Number(code) === 498 ||
    /\b(invalid|expired)\b.*\b(refresh_token|code|code_verifier|redirect_uri)\b|\brefresh_token expired\b/.test(
      text,
    )
  )
    return 'invalid_grant';
  return typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : 'invalid_request';
}

/**
 * The token answer of an ArcGIS portal as RFC 6749 has it: `token_type` added, durations sane, nested errors flat with 400.
 *
 * @throws {@link NoVerdict} when the answer is no token answer at all.
 */
export function toStandardAnswer(status: number, text: string): { status: number; body: Json } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoVerdict();
  }
  if (!isRecord(json)) throw new NoVerdict();
  const error = isRecord(json['error'])
    ? json['error']
    : typeof json['error'] === 'string'
      ? json
      : undefined;
  if (error) {
    // A nested 5xx is the portal's own trouble, not a verdict on the grant.
    if (Number(error['code']) >= 500) throw new NoVerdict(0);
    return { status: 400, body: { error: errorWord(error) } };
  }
  if (status >= 400) throw new NoVerdict();
  const { expires_in: expiresIn, refresh_token_expires_in: refreshExpiresIn, ...rest } = json;
  const lifetime = saneLifetimeS(expiresIn);
  const refreshLifetime = saneLifetimeS(refreshExpiresIn);
  return {
    status: 200,
    body: {
      ...rest,
      token_type: 'bearer',
      ...(lifetime === undefined ? {} : { expires_in: lifetime }),
      ...(refreshLifetime === undefined ? {} : { refresh_token_expires_in: refreshLifetime }),
    },
  };
}

/**
 * A `fetch` for the OAuth library that speaks to a token endpoint of either dialect.
 *
 * @param dialect - `arcgis` translates both ways; `oauth` only keeps non-answers apart from verdicts.
 * @param credentials - `include` at a portal behind web-tier authentication; cookies have no place elsewhere.
 * @throws {@link NoVerdict} for network failures, 5xx, 429, and answers that are too long or no JSON object.
 */
export function dialectFetch(
  dialect: 'arcgis' | 'oauth',
  credentials: RequestCredentials = 'omit',
): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const request =
      dialect === 'arcgis' && init.body instanceof URLSearchParams
        ? { ...init, body: toArcGISForm(init.body) }
        : init;
    let response: Response;
    let text: string;
    try {
      // A redirect could carry the grant to another server (RFC 9700 §4.12).
      response = await fetch(url, { ...request, credentials, cache: 'no-store', redirect: 'error' });
      text = await readLimited(response);
    } catch {
      throw new NoVerdict();
    }
    if (response.status >= 500 || response.status === 429 || response.status === 408)
      throw noVerdictOf(response);
    if (dialect === 'oauth') {
      const headers = { 'content-type': response.headers.get('content-type') ?? 'text/plain' };
      return new Response(text === '' ? null : text, { status: response.status, headers });
    }
    const standard = toStandardAnswer(response.status, text);
    return Response.json(standard.body, { status: standard.status });
  };
}

function toArcGISForm(body: URLSearchParams): URLSearchParams {
  const form = new URLSearchParams(body);
  form.set('f', 'json');
  // ArcGIS REST: Revoke Token names the parameter `auth_token`, where RFC 7009 §2.1 has `token`.
  const revoked = form.get('token');
  if (revoked !== null && !form.has('grant_type')) {
    form.delete('token');
    form.set('auth_token', revoked);
  }
  return form;
}
