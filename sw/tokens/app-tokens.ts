/** Tokens of the app's own account: asked of the app's server, opened where the worker is sealed, renewed in time. Nobody is prompted. */
import { appTokenBinding, SEALED_IV_BYTES, type AppTokenRequest } from '../../protocol/app-tokens.js';
import { ConfigurationError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';
import { codeChallengeOf as sha256Of, randomText } from '../oauth/pkce.js';
import {
  fetchTokenEndpoint,
  MAX_BACKOFF_MS,
  TOKEN_TIMEOUT_MS,
  TokenEndpointUnavailable,
  type TokenResponse,
} from '../oauth/token-endpoint.js';
import { saneLifetimeS } from '../oauth/token-response.js';
import type { AppTokens, Portal } from '../portals/portal.js';
import type { Encrypter } from '../storage/encrypter.js';
import { ServerTokens } from './server-tokens.js';

declare const self: ServiceWorkerGlobalScope;

/** A token with less than a minute, or a tenth of its life, is renewed before it is used; the app's server renews its own earlier. In ms. */
const STALE_BELOW_MS = 60_000;
const STALE_SHARE = 0.1;

/** With less than four minutes, or 15 % of its life, it is renewed in the background. In ms. */
const AHEAD_BELOW_MS = 4 * 60_000;
const AHEAD_SHARE = 0.15;

/** After another token was asked for because one was refused, and in trouble: how long the server is left alone, in ms. */
const RENEWAL_PAUSE_MS = 60_000;
const MIN_PAUSE_MS = 1_000;

/** Life of a token where its server does not say it, in s. */
const DEFAULT_LIFETIME_S = 1_800;

interface HeldToken {
  readonly token: string;
  readonly staleAtMs: number;
  readonly aheadAtMs: number;
  readonly expiresAtMs: number;
}

/** In memory, by server root; '' is the portal's. A worker that starts asks again. */
export class AppTokenCache implements AppTokens {
  /** Whether users of the portal sign in too, by a registration of their own. */
  hasUsers = false;
  #isUnavailable = false;
  readonly #portal: Portal;
  readonly #address: string;
  readonly #servers = new ServerTokens();
  readonly #held = new Map<string, HeldToken>();
  readonly #pending = new Map<string, Promise<string | undefined>>();
  readonly #renewedAtMs = new Map<string, number>();
  #pausedUntilMs = 0;
  /** Why there was no token last. */
  #trouble: unknown;
  #isReported = false;
  #encrypter: (() => Promise<Encrypter>) | undefined;

  /** @param address - Of the app's server, absolute. */
  constructor(portal: Portal, address: string) {
    this.#portal = portal;
    this.#address = address;
  }

  async isLast(): Promise<boolean> {
    if (this.#isUnavailable) throw new TokenEndpointUnavailable();
    return !this.hasUsers;
  }

  /** From here on answers have to be encrypted for this worker. */
  sealedBy(encrypter: () => Promise<Encrypter>): void {
    this.#encrypter = encrypter;
  }

  cachedToken(
    { serverRoot = '' }: { serverRoot: string | undefined },
    waitUntil: (work: Promise<unknown>) => void,
  ): string | undefined {
    const held = this.#held.get(serverRoot);
    if (!held || Date.now() > held.staleAtMs) return undefined;
    if (Date.now() > held.aheadAtMs) waitUntil(this.#once(serverRoot));
    return held.token;
  }

  async token({ serverRoot = '' }: { serverRoot: string | undefined }): Promise<string | undefined> {
    const held = this.#held.get(serverRoot);
    return held && Date.now() <= held.staleAtMs ? held.token : this.#once(serverRoot);
  }

  async renew(
    { serverRoot = '' }: { serverRoot: string | undefined },
    rejected: string,
  ): Promise<string | undefined> {
    const held = this.#held.get(serverRoot)?.token;
    // Another request has renewed it since this one was sent.
    if (held !== undefined && held !== rejected) return held;
    if (Date.now() < (this.#renewedAtMs.get(serverRoot) ?? -Infinity) + RENEWAL_PAUSE_MS) return undefined;
    this.#renewedAtMs.set(serverRoot, Date.now());
    const token = await this.#once(serverRoot, rejected);
    return token === rejected ? undefined : token;
  }

  #once(root: string, rejected?: string): Promise<string | undefined> {
    const work =
      this.#pending.get(root) ?? this.#obtain(root, rejected).finally(() => this.#pending.delete(root));
    this.#pending.set(root, work);
    return work;
  }

  async #obtain(root: string, rejected: string | undefined): Promise<string | undefined> {
    try {
      if (Date.now() < this.#pausedUntilMs) throw this.#trouble;
      const response = await (root === '' ? this.#ask(rejected) : this.#exchange(root));
      this.#isUnavailable = false;
      if (!response) return undefined;
      const lifeMs = (response.expiresInS ?? DEFAULT_LIFETIME_S) * 1000;
      const expiresAtMs = Date.now() + lifeMs;
      this.#held.set(root, {
        token: response.accessToken,
        expiresAtMs,
        staleAtMs: expiresAtMs - Math.min(STALE_BELOW_MS, lifeMs * STALE_SHARE),
        aheadAtMs: expiresAtMs - Math.min(AHEAD_BELOW_MS, lifeMs * AHEAD_SHARE),
      });
      return response.accessToken;
    } catch (error) {
      this.#note(error);
      // Better a token with seconds to live than none.
      const held = this.#held.get(root);
      if (held && Date.now() < held.expiresAtMs) return held.token;
      this.#isUnavailable = !(error instanceof ConfigurationError);
      return undefined;
    }
  }

  #note(error: unknown): void {
    const isRefused = error instanceof ConfigurationError;
    if (isRefused && !this.#isReported) self.reportError(error);
    this.#isReported ||= isRefused;
    if (Date.now() < this.#pausedUntilMs) return;
    this.#trouble = error;
    const askedMs = error instanceof TokenEndpointUnavailable ? (error.retryAfterMs ?? 0) : MAX_BACKOFF_MS;
    this.#pausedUntilMs = Date.now() + Math.min(Math.max(askedMs, MIN_PAUSE_MS), MAX_BACKOFF_MS);
  }

  /** The portal's own token is exchanged for that of a server, as a user's. */
  #exchange(root: string): Promise<TokenResponse | undefined> {
    const portals = { serverRoot: undefined };
    return this.#servers.exchange(this.#portal, root, {
      current: () => this.token(portals),
      renew: (rejected) => this.renew(portals, rejected),
    });
  }

  /**
   * Asks the app's server.
   *
   * @throws ConfigurationError `option-invalid` where it refuses, or does not encrypt for a sealed worker, `injected-keys-missing` where its answer is for a sealed worker.
   */
  async #ask(rejected: string | undefined): Promise<TokenResponse> {
    const asked: AppTokenRequest = {
      portal: this.#portal.url,
      nonce: randomText(),
      ...(rejected !== undefined && { rejected: await sha256Of(rejected) }),
    };
    const { status, text } = await fetchTokenEndpoint(this.#address, {
      method: 'POST',
      body: JSON.stringify(asked),
      headers: { 'content-type': 'application/json' },
      mode: 'same-origin',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
    });
    const answer = status === 200 ? await this.#open(text, asked) : undefined;
    const { access_token: accessToken, expires_in: lifetime } = isRecord(answer) ? answer : {};
    if (typeof accessToken !== 'string' || accessToken === '')
      throw new ConfigurationError('option-invalid', { field: 'tokens' });
    const expiresInS = saneLifetimeS(lifetime);
    return { accessToken, ...(expiresInS === undefined ? {} : { expiresInS }) };
  }

  /** What is in an answer; `undefined` where a sealed worker gets one that is not encrypted for it, and for this very request. */
  async #open(text: string, asked: AppTokenRequest): Promise<unknown> {
    const answer = parse(text);
    const sealed = isRecord(answer) ? answer['sealed'] : undefined;
    if (!this.#encrypter) {
      if (sealed === undefined) return answer;
      throw new ConfigurationError('injected-keys-missing');
    }
    const encrypter = await this.#encrypter();
    for (const each of Array.isArray(sealed) ? (sealed as unknown[]) : []) {
      const bytes = bytesOf(each);
      const box = { iv: bytes.slice(0, SEALED_IV_BYTES), data: bytes.slice(SEALED_IV_BYTES) };
      const opened = await encrypter.decrypt(box, appTokenBinding(asked));
      if (opened) return opened.value;
    }
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Base64url; nothing for what is not. */
function bytesOf(text: unknown): Uint8Array<ArrayBuffer> {
  try {
    const base64 = String(text).replaceAll('-', '+').replaceAll('_', '/');
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
