/** The app's own account at a portal: its tokens by client_credentials, and those of the portal's federated servers. */
import { normalizePortalUrl } from '../protocol/portal-root.js';
import { isLoopback } from '../protocol/registration.js';
import { CachedToken, TokenTrouble, type IssuedToken } from './cached-token.js';
import { ServerConfigurationError } from './errors.js';
import { parseObject, readText } from './read-text.js';
import { parseUrl } from '../protocol/parse-url.js';

/** The app's account at a portal or authorization server, with its secret. */
export interface AppAccount {
  /** The portal's root, such as `https://gis.example.org/portal`; with `tokenEndpoint`, the issuer. As the worker registers it. */
  url: string;
  /** Id that the portal issued when the app was registered. */
  clientId: string;
  /** The app's secret; `undefined` (an unset variable) is an error. */
  clientSecret: string | undefined;
  /** Wished life of the tokens, in minutes. Default: the portal's, two hours. */
  expirationMinutes?: number;
  /** Token endpoint of an OAuth 2.0 server that is no ArcGIS portal (RFC 6749 §3.2). It gets id and secret by HTTP Basic. */
  tokenEndpoint?: string;
  /** More parameters of the token request, such as `scope`, `audience` or `resource` (RFC 8707). */
  parameters?: Readonly<Record<string, string>>;
}

/** What an operator is told: which account has no token, and why. */
export interface AccountReport {
  /** As in {@link AppAccount}. */
  readonly url: string;
  /** Code of the refusal that is answered meanwhile. */
  readonly code: 'account-refused' | 'portal-unavailable';
}

/** Longest wait for a portal, in ms. */
const TIMEOUT_MS = 30_000;

/** Longest answer of a token endpoint, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Life of a token where the portal does not say it, in s. */
const DEFAULT_LIFETIME_S = 1_800;

/** Asked life of a federated server's token, in minutes (ArcGIS REST: Generate Token). */
const SERVER_TOKEN_MINUTES = 60;

/** Errors that say nothing of the account (RFC 6749 §5.2, §4.1.2.1). */
const passing = new Set(['server_error', 'temporarily_unavailable', 'slow_down']);

/** The tokens of one account. */
export class AppCredentials {
  /** The portal's URL in the one spelling that the worker has too. */
  readonly portal: string;
  readonly isArcGIS: boolean;
  readonly token: CachedToken;
  readonly #account: AppAccount;
  readonly #report: (report: AccountReport) => void;

  /** @throws {@link ServerConfigurationError} `account-invalid`. */
  constructor(account: AppAccount, report: (report: AccountReport) => void = logReport) {
    const { url, clientId, clientSecret, tokenEndpoint } = account;
    this.isArcGIS = tokenEndpoint === undefined;
    const portal = this.isArcGIS ? normalizePortalUrl(url) : url;
    if (
      !clientId ||
      !clientSecret ||
      portal === undefined ||
      ![portal, tokenEndpoint ?? portal].every(isSecure)
    )
      throw new ServerConfigurationError('account-invalid');
    this.portal = portal;
    this.#account = account;
    this.#report = report;
    this.token = this.#cached(() => this.#clientCredentials(clientSecret));
  }

  /**
   * The tokens of a federated server, which the portal issues for its own.
   *
   * @param serverRoot - Such as `https://gis.example.org/server`.
   * @see ArcGIS REST API: Generate Token (token, serverUrl)
   */
  ofServer(serverRoot: string): CachedToken {
    const exchange = async (rejected?: string): Promise<IssuedToken> => {
      const { token, digest } = await this.token.get(rejected);
      const answer = await ask(`${this.portal}/sharing/rest/generateToken`, {
        token,
        serverUrl: serverRoot,
        expiration: String(SERVER_TOKEN_MINUTES),
        f: 'json',
      });
      const code = errorOf(answer)?.code;
      if (rejected === undefined && (code === 498 || code === 499)) return exchange(digest);
      // `expires` is an instant of the portal's clock: the life that was asked for is believed.
      return toToken({
        access_token: answer['token'],
        expires_in: SERVER_TOKEN_MINUTES * 60,
        error: answer['error'],
      });
    };
    return this.#cached(exchange);
  }

  #cached(issue: () => Promise<IssuedToken>): CachedToken {
    return new CachedToken(issue, ({ code }) => this.#report({ url: this.portal, code }));
  }

  /** RFC 6749 §4.4.2; ArcGIS REST API: Token. */
  async #clientCredentials(secret: string): Promise<IssuedToken> {
    const { clientId, expirationMinutes, tokenEndpoint, parameters } = this.#account;
    const grant = { ...parameters, grant_type: 'client_credentials' };
    if (tokenEndpoint !== undefined) {
      // RFC 6749 §2.3.1: both are encoded as in a form first.
      const basic = [clientId, secret]
        .map((text) => new URLSearchParams({ '': text }).toString().slice(1))
        .join(':');
      return toToken(await ask(tokenEndpoint, grant, { authorization: `Basic ${btoa(basic)}` }));
    }
    return toToken(
      await ask(`${this.portal}/sharing/rest/oauth2/token`, {
        ...grant,
        client_id: clientId,
        client_secret: secret,
        ...(expirationMinutes === undefined ? {} : { expiration: String(expirationMinutes) }),
        f: 'json',
      }),
    );
  }
}

/** Whether a URL is https, or of this machine: neither secrets nor tokens cross a network in the clear. */
export function isSecure(url: string): boolean {
  const parsed = parseUrl(url);
  return parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
}

/** At most once a pause, and without anything that the portal has sent. */
const logReport = ({ url, code }: AccountReport): void => {
  console.error(`identity-worker: no token for the app at ${url} (${code})`);
};

async function ask(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { accept: 'application/json', ...headers },
      // A redirect would carry the secret to another server (RFC 9700 §4.12). Edge runtimes know no "error".
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status } = response;
    if (status >= 500 || status === 429 || status === 408)
      throw new TokenTrouble('portal-unavailable', retryAfterMs(response));
    const answer = parseObject(await readText(response.body, MAX_ANSWER_BYTES));
    if (!answer || status === 0 || (status >= 300 && status < 400))
      throw new TokenTrouble('portal-unavailable');
    return answer;
  } catch (error) {
    // The reason of a failed fetch may hold what was sent.
    throw error instanceof TokenTrouble ? error : new TokenTrouble('portal-unavailable');
  }
}

/** RFC 9110 §10.2.3. */
function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after') ?? '';
  return Math.max(0, Number(text) * 1000 || Date.parse(text) - Date.now() || 0);
}

/** The error of an answer: in an object as ArcGIS nests it, or beside its description (RFC 6749 §5.2). */
function errorOf(answer: Record<string, unknown>): { code: number; word: string } | undefined {
  const { error } = answer;
  if (error === undefined || error === null) return undefined;
  const { code, error: word } = (typeof error === 'object' ? error : answer) as Record<string, unknown>;
  return { code: Number(code), word: typeof word === 'string' ? word : '' };
}

function toToken(answer: Record<string, unknown>): IssuedToken {
  const error = errorOf(answer);
  if (error)
    throw new TokenTrouble(
      error.code >= 500 || passing.has(error.word) ? 'portal-unavailable' : 'account-refused',
    );
  const token = answer['access_token'];
  // What no header can carry is no token.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new TokenTrouble('portal-unavailable');
  const lifetimeS = Math.floor(Number(answer['expires_in']));
  return { token, lifetimeS: lifetimeS > 0 ? lifetimeS : DEFAULT_LIFETIME_S };
}
