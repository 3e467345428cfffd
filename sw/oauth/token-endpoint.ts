/** Asks a token endpoint, and keeps what is no answer apart from verdicts on the grant. */
import { readLimited } from './read-limited.js';
import { NoVerdict, noVerdictOf } from './token-response.js';

/** Longest wait for a token endpoint, in ms. */
export const TOKEN_TIMEOUT_MS = 30_000;

/** What a token endpoint said. */
export interface Said {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Sends a request whose answer is nobody else's business: no cache, no redirect.
 *
 * @throws {@link NoVerdict} for network failures, 5xx, 408, 429 and answers that are too long or break off.
 */
export async function askTokenEndpoint(url: string, init: RequestInit): Promise<Said> {
  let response: Response;
  let text: string;
  try {
    // A redirect could carry the grant to another server (RFC 9700 §4.12).
    response = await fetch(url, { ...init, cache: 'no-store', redirect: 'error' });
    text = await readLimited(response);
  } catch {
    throw new NoVerdict();
  }
  const { status, headers } = response;
  if (status >= 500 || status === 429 || status === 408) throw noVerdictOf(response);
  return { status, contentType: headers.get('content-type') ?? 'text/plain', text };
}
