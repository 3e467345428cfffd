/** What an API says that it wants of the user's sign-in, beyond what the token shows. */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import type { StepUpNote } from '../storage/records.js';
import type { OAuthClient, StepUp } from './authorization-server.js';

/** Longest text that an API may have put into an authorization request, and longest scope in all, in characters. */
const MAX_ASKED = 256;
const MAX_SCOPE = 1024;

/** Longest header with challenges that is read, in characters: for longer ones the library takes seconds. */
const MAX_CHALLENGES = 8192;

/** So often, and within so many ms, APIs can have the user of a portal sign in once more; for the same thing once. */
const MAX_STEP_UPS = 3;
const PAUSE_MS = 10 * 60_000;

/** The same may be asked for earlier where the API wants a sign-in that is no older (`max_age`); but not before so many ms. */
const MIN_PAUSE_MS = 60_000;

/** Words with a blank between them (RFC 6749 §3.3): nothing that could be more than a name. */
const areWords = (text: string | undefined): text is string =>
  text !== undefined &&
  text.length <= MAX_ASKED &&
  /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(text);

/**
 * What a refusal asks the user's next sign-in for. Nothing of it but these parameters goes anywhere, and they are checked.
 *
 * @param scope - That the token was asked for.
 * @returns `undefined` for every other response, and for what names nothing that could be asked for.
 * @see RFC 6750 §3.1 (insufficient_scope), RFC 9470 §3 (insufficient_user_authentication)
 */
export async function stepUpOf(
  { authorizationParameters }: Pick<OAuthClient, 'authorizationParameters'>,
  response: Response,
  scope = '',
): Promise<StepUp | undefined> {
  if (response.status !== 401 && response.status !== 403) return undefined;
  if ((response.headers.get('www-authenticate') ?? '').length > MAX_CHALLENGES) return undefined;
  const challenge = (await challengesOf(response)).find(
    ({ scheme, parameters: { error } }) =>
      (scheme === 'bearer' || scheme === 'dpop') &&
      (error === 'insufficient_scope' || error === 'insufficient_user_authentication'),
  );
  if (!challenge) return undefined;
  const { error, scope: wanted, acr_values, max_age } = challenge.parameters;
  const isScope = error === 'insufficient_scope';
  const asked = {
    ...(areWords(wanted) && { scope: wanted }),
    ...(!isScope && areWords(acr_values) && { acr_values }),
    ...(!isScope && max_age !== undefined && /^\d{1,9}$/.test(max_age) && { max_age }),
  };
  if (Object.keys(asked).length === 0) return undefined;
  const words = [authorizationParameters['scope'] ?? '', scope, asked.scope ?? ''].join(' ').split(' ');
  const all = [...new Set(words)].filter(Boolean).join(' ');
  if (all.length > MAX_SCOPE) return undefined;
  const pauseMs = Math.max(MIN_PAUSE_MS, Math.min(PAUSE_MS, Number(asked.max_age ?? Infinity) * 1000));
  const key = JSON.stringify(asked);
  return {
    parameters: { ...asked, ...(all !== '' && { scope: all }) },
    note(earlier = []) {
      const now = Date.now();
      // A clock that was set back counts as no time passed.
      const ageOf = ({ atMs }: StepUpNote): number => Math.max(0, now - atMs);
      const recent = earlier.filter((each) => ageOf(each) < PAUSE_MS);
      if (recent.length >= MAX_STEP_UPS || recent.some((each) => each.key === key && ageOf(each) < pauseMs))
        throw new IdentityError('login-required');
      return [...recent, { key, atMs: now }];
    },
  };
}

/** The library parses challenges only of responses that it has asked for itself. */
async function challengesOf(response: Response): Promise<oauth.WWWAuthenticateChallenge[]> {
  try {
    await oauth.protectedResourceRequest('-', 'GET', new URL('https://api.invalid'), undefined, undefined, {
      [oauth.customFetch]: () => Promise.resolve(response),
    });
    return [];
  } catch (error) {
    return error instanceof oauth.WWWAuthenticateChallengeError ? error.cause : [];
  }
}
