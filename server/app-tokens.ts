/** Gives the app's worker the tokens of the app's own account; the secret stays here. */
import {
  appTokenBinding,
  SEALED_IV_BYTES,
  type AppTokenRequest,
  type AppTokenResponse,
  type SealedAppTokenResponse,
} from '../protocol/app-tokens.js';
import { AppCredentials, type AccountReport, type AppAccount } from './app-account.js';
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import { TokenTrouble } from './cached-token.js';
import { readCookie } from './cookie.js';
import { readSecrets, type SecretKeys, type Secrets } from './keys.js';
import { isOwnFetch } from './own-fetch.js';
import { checkPath } from './path.js';
import { RateLimit } from './rate-limit.js';
import { parseObject, readText } from './read-text.js';
import { neverStored, refusal } from './refusal.js';

/** How often a browser is answered. */
export interface RateOptions {
  /** Requests of one browser in a minute. */
  perMinute?: number;
  /**
   * Names the browser of a request, such as by the address that a proxy of yours has put into a header. Where neither it nor the
   * cookie of the sealing names one, all browsers share one limit, a hundred times as high.
   */
  clientOf?: (request: Request) => string | undefined;
}

/** Options of {@link appTokens}. */
export interface AppTokensOptions extends RateOptions {
  /** Path that the worker asks, such as `/app-tokens`: its option `tokens`. */
  path: string;
  /** The app's accounts. A request can name these portals only. */
  portals: readonly AppAccount[];
  /**
   * Encrypts every answer for the sealed worker of the browser that asks: `secrets` are those of `sealWorkerScript`, `worker` is its
   * `path`. Without it script in the app's pages can ask for the token too.
   */
  seal?: { secrets: Secrets; worker: string };
  /** Told when a portal gives the app no token, at most once a second. Default: a line on the console. */
  report?: (report: AccountReport) => void;
}

/** Requests of one browser in a minute: a worker asks once per start and token. */
const PER_MINUTE = 30;

/** How much more often all browsers together may ask. */
const SHARED_FACTOR = 100;

/** Longest request, in bytes. */
const MAX_REQUEST_BYTES = 4096;

/** Base64url of 16 bytes or more. */
const nonceShape = /^[\w-]{22,86}$/;

/**
 * Makes the handler that gives tokens of the app's account to the app's worker (`appLogin`). It asks the portal with the account's
 * secret (`client_credentials`), once for all browsers, and renews the token before it ends.
 *
 * It answers POST requests of script of the same origin. A server cannot tell the fetch of a service worker from one of page
 * script: with the option `seal` both get an answer that only the worker can open.
 *
 * @returns A handler that answers requests for that path; `undefined` for all others.
 * @throws {@link ServerConfigurationError} `path-invalid`, `account-invalid`, `limit-invalid`, `secret-…`, immediately.
 * @see RFC 6749 §4.4; ArcGIS REST API: Token; Fetch Metadata
 */
export function appTokens({
  path,
  portals,
  seal,
  perMinute = PER_MINUTE,
  clientOf,
  report,
}: AppTokensOptions): (request: Request) => Promise<Response | undefined> {
  checkPath(path);
  const accounts = portals.map((account) => new AppCredentials(account, report));
  const limit = new RateLimit(perMinute);
  const sharedLimit = new RateLimit(perMinute * SHARED_FACTOR);
  const sealing = seal && { keys: readSecrets(seal.secrets), worker: seal.worker };
  if (seal) checkPath(seal.worker);

  return async (request) => {
    const { headers, method, url } = request;
    if (new URL(url).pathname !== path) return undefined;
    if (method !== 'POST') return refusal('method-not-allowed', { allow: 'POST' });
    if (!isOwnFetch(headers, ['empty'])) return refusal('not-a-fetch-of-the-app');
    const cookie = sealing && (await readCookie(headers.get('cookie'), sealing.keys));
    if (cookie && cookie.state !== 'known') return refusal('worker-not-sealed');
    const browser = cookie ? encodeBase64Url(cookie.browserId) : clientOf?.(request);
    const waitS = browser === undefined ? sharedLimit.waitS('') : limit.waitS(browser);
    if (waitS > 0) return refusal('too-many-requests', { headers: { 'retry-after': String(waitS) } });
    const asked = await readRequest(request);
    if (!asked) return refusal('request-invalid');
    const account = accounts.find(({ portal }) => portal === asked.portal);
    if (!account) return refusal('portal-unknown');
    try {
      const { token, expiresAtMs } = await account.token.get(asked.rejected);
      const answer: AppTokenResponse = {
        access_token: token,
        expires_in: Math.floor((expiresAtMs - Date.now()) / 1000),
      };
      const body: AppTokenResponse | SealedAppTokenResponse =
        sealing && cookie
          ? { sealed: await sealFor(sealing.keys, cookie.browserId, sealing.worker, asked, answer) }
          : answer;
      return Response.json(body, { headers: { ...neverStored, 'x-content-type-options': 'nosniff' } });
    } catch (error) {
      return troubleResponse(error);
    }
  };
}

/**
 * What is answered where the portal gives no token.
 *
 * @throws what is no {@link TokenTrouble}.
 */
export function troubleResponse(error: unknown): Response {
  if (!(error instanceof TokenTrouble)) throw error;
  const seconds = Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return refusal(error.code, { headers: { 'retry-after': String(seconds) } });
}

async function readRequest(request: Request): Promise<AppTokenRequest | undefined> {
  // A form of another site cannot have this type without a preflight (Fetch standard, CORS-safelisted request-header).
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return undefined;
  const text = await readText(request.body, MAX_REQUEST_BYTES).catch(() => undefined);
  const { portal, nonce, rejected } = parseObject(text) ?? {};
  if (typeof portal !== 'string' || typeof nonce !== 'string' || !nonceShape.test(nonce)) return undefined;
  if (rejected !== undefined && typeof rejected !== 'string') return undefined;
  return { portal, nonce, ...(rejected === undefined ? {} : { rejected }) };
}

/** Once for each secret: a worker that has not been updated since they were changed has the key of an older one. */
function sealFor(
  secrets: readonly SecretKeys[],
  browserId: Uint8Array<ArrayBuffer>,
  worker: string,
  asked: AppTokenRequest,
  answer: AppTokenResponse,
): Promise<string[]> {
  const plain = new TextEncoder().encode(JSON.stringify(answer));
  const additionalData = new TextEncoder().encode(appTokenBinding(asked));
  return Promise.all(
    secrets.map(async (each) => {
      const bytes = decodeBase64Url(await each.deriveWorkerKey(browserId, worker)) ?? new Uint8Array();
      const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt']);
      const iv = crypto.getRandomValues(new Uint8Array(SEALED_IV_BYTES));
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain);
      return encodeBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    }),
  );
}
