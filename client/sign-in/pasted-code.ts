/** Finds the authorization code in what the user has pasted: the code alone, a title or an address that holds it. */
import type { Connection } from '../connection.js';

/** What surrounds text copied from mails, chats and pages: blanks of all kinds, invisible marks, quotes. */
const wrapping = /^[\s\u200B-\u200F\u2060\uFEFF"'“”„«»‘’<>]+|[\s\u200B-\u200F\u2060\uFEFF"'“”„«»‘’<>]+$/g;

/** `code=…` in an address or in the title of the page that shows it (`SUCCESS code=…`); `Code: …` beside it. */
const named = /(?:^|[\s?&#])code\s*[=:]\s*([^\s&#]+)/i;

/**
 * The code, or `undefined` where there is none.
 *
 * @see RFC 6749 appendix A.11: printable ASCII
 */
export function pastedCode(pasted: string): string | undefined {
  const text = pasted.replace(wrapping, '');
  const [, found] = named.exec(text) ?? [];
  const code = found === undefined ? text : decoded(found, text);
  // An address without a code, or words: codes of portals look different.
  return /^[\x21-\x7E]+$/.test(code) && !/^https?:\/\/|(^|[?&#])error=/i.test(code) ? code : undefined;
}

/** Only what stands in an address is percent-encoded. */
function decoded(found: string, text: string): string {
  if (!/[?&#]code=/.test(text)) return found;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

/** Submits an authorization code to the worker. @throws As `IdentityManager.setOAuthCodeForUrl` does. */
export async function submitCode(
  connection: Pick<Connection, 'call'>,
  authorizationUrl: string,
  pasted: string,
): Promise<void> {
  const response = { authorizationUrl, code: pastedCode(pasted) ?? pasted };
  await connection.call('submitCode', response, crypto.randomUUID());
}
