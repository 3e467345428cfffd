// All requests in order, with every secret replaced by its label.

import { createHash } from 'node:crypto';
import type { Fault } from './fault.js';
import type { PortalRequest, TokenPlacement } from './http/request.js';
import { matches, type RequestMatcher } from './request-matcher.js';
import type { SecretRegister } from './secrets.js';
import type { ServerName } from './switches.js';
import type { TokenTable } from './tokens.js';

export interface LogEntry {
  readonly id: number;
  /** Time of arrival, body included, by the machine's clock. */
  readonly atMs: number;
  readonly server: ServerName;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly grantType?: string;
  readonly tokenPlacement: TokenPlacement;
  /** Label of the access token; `unknown` for one that the portal never issued. */
  readonly tokenId?: string;
  readonly user?: string;
  /** Labels of all secrets found anywhere in the request: address, headers, body. */
  readonly secrets: readonly string[];
  readonly origin?: string;
  readonly referer?: string;
  /** 0 until the response begins. */
  status: number;
  readonly bodyLength: number;
  readonly bodySha256?: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  closedByClientAtMs?: number;
  /** The fault that the request met. */
  fault?: Fault;
}

export interface LogFilter extends RequestMatcher {
  readonly status?: number;
  readonly grantType?: string;
  readonly tokenId?: string;
  readonly where?: (entry: LogEntry) => boolean;
}

/** Parameters whose values are secret, also where the portal does not know them. */
const secretParameters = new Set([
  'token',
  'access_token',
  'refresh_token',
  'auth_token',
  'id_token_hint',
  'code',
  'code_verifier',
  'client_secret',
  'password',
  'oauth_state',
]);
const secretHeaders = new Set(['authorization', 'x-esri-authorization', 'cookie', 'proxy-authorization']);
/** Longer bodies are not searched for secrets: only forms carry them. */
const longestSearchedBody = 64 * 1024;

interface Waiter {
  readonly check: () => void;
}

export class RequestLog {
  #entries: LogEntry[] = [];
  #nextId = 1;
  readonly #waiters = new Set<Waiter>();

  constructor(
    private readonly secrets: SecretRegister,
    private readonly tokens: TokenTable,
  ) {}

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  requests(filter: LogFilter = {}): LogEntry[] {
    return this.#entries.filter(
      (entry) =>
        matches(filter, entry) &&
        (filter.status === undefined || filter.status === entry.status) &&
        (filter.grantType === undefined || filter.grantType === entry.grantType) &&
        (filter.tokenId === undefined || filter.tokenId === entry.tokenId) &&
        (filter.where === undefined || filter.where(entry)),
    );
  }

  count(filter: LogFilter = {}): number {
    return this.requests(filter).length;
  }

  /** Resolves with the matching entries once there are `n`. Checks after each request, response and disconnection. */
  waitFor(filter: LogFilter, n = 1, timeoutMs = 10_000): Promise<LogEntry[]> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        check: () => {
          const found = this.requests(filter);
          if (found.length < n) return;
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(found);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new Error(`${this.count(filter)} of ${n} awaited requests reached the portal in ${timeoutMs} ms.`),
        );
      }, timeoutMs);
      this.#waiters.add(waiter);
      waiter.check();
    });
  }

  /** Labels of all secrets, issued or received, that occur in the text in any usual encoding. */
  leaks(text: string): string[] {
    return this.secrets.leaks(text);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Adds a request. Call it before the request is handled, while a single-use code is still known. */
  add(request: PortalRequest): LogEntry {
    const { headers, form } = request;
    const codeVerifier = form.get('code_verifier');
    if (codeVerifier !== null) this.secrets.register('code-verifier', codeVerifier);
    const tokenId =
      request.token === undefined ? undefined : (this.secrets.labelOf(request.token.value) ?? 'unknown');
    const user = this.tokens.find(request.token?.value)?.user;
    const grantType = form.get('grant_type') ?? undefined;
    const searched = request.body.length <= longestSearchedBody ? request.body.toString('utf8') : '';
    const everything = `${request.target}\n${Object.values(headers).join('\n')}\n${searched}`;
    const entry: LogEntry = {
      id: this.#nextId++,
      atMs: Date.now(),
      server: request.server,
      method: request.method,
      path: this.secrets.redact(request.path),
      query: this.redactParameters(request.query),
      tokenPlacement: request.token?.placement ?? 'none',
      secrets: this.secrets.leaks(everything),
      status: 0,
      bodyLength: request.body.length,
      requestHeaders: this.redactHeaders(headers),
      ...(grantType === undefined ? {} : { grantType }),
      ...(tokenId === undefined ? {} : { tokenId }),
      ...(user === undefined ? {} : { user }),
      ...(headers['origin'] === undefined ? {} : { origin: headers['origin'] }),
      ...(headers['referer'] === undefined ? {} : { referer: this.#redactUrl(headers['referer']) }),
      ...(request.body.length === 0
        ? {}
        : { bodySha256: createHash('sha256').update(request.body).digest('hex') }),
    };
    this.#entries.push(entry);
    this.#changed();
    return entry;
  }

  answered(entry: LogEntry, status: number): void {
    entry.status = status;
    this.#changed();
  }

  closedByClient(entry: LogEntry): void {
    entry.closedByClientAtMs = Date.now();
    this.#changed();
  }

  /** A query with the values of secret parameters, and known secrets anywhere, replaced. */
  redactParameters(parameters: URLSearchParams): string {
    const redacted = [...parameters].map(([name, value]) => {
      const shown = secretParameters.has(name.toLowerCase())
        ? `[${this.secrets.labelOf(value) ?? 'unknown'}]`
        : encodeURIComponent(value);
      return `${encodeURIComponent(name)}=${shown}`;
    });
    return this.secrets.redact(redacted.join('&'));
  }

  redactHeaders(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
    const redacted: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) continue;
      if (secretHeaders.has(name)) {
        const [scheme = '', secret = ''] = value.split(' ', 2);
        redacted[name] =
          name === 'cookie' ? '[cookie]' : `${scheme} [${this.secrets.labelOf(secret) ?? 'unknown'}]`;
      } else {
        redacted[name] = name === 'referer' ? this.#redactUrl(value) : this.secrets.redact(value);
      }
    }
    return redacted;
  }

  #redactUrl(url: string): string {
    const cut = url.indexOf('?');
    if (cut === -1) return this.secrets.redact(url);
    return `${this.secrets.redact(url.slice(0, cut))}?${this.redactParameters(new URLSearchParams(url.slice(cut + 1)))}`;
  }

  #changed(): void {
    for (const waiter of this.#waiters) waiter.check();
  }
}
