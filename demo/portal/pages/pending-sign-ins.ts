// Authorization requests whose sign-in form is open, by the random handle that the form sends back.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { PageStyle } from './layout.js';

export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseType: 'code' | 'token';
  readonly state?: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: string;
  /** Requested minutes; `undefined`: the default. */
  readonly expiration?: number;
  readonly style?: PageStyle;
  readonly scope?: string;
  readonly nonce?: string;
}

/** Time limit of a form, in ms. */
const formLifetimeMs = 10 * 60 * 1000;

export class PendingSignIns {
  readonly #requests = new Map<string, { request: AuthorizationRequest; untilMs: number }>();

  constructor(private readonly clock: Clock) {}

  add(request: AuthorizationRequest): string {
    const oauthState = randomBytes(24).toString('base64url');
    this.#requests.set(oauthState, { request, untilMs: this.clock.now() + formLifetimeMs });
    return oauthState;
  }

  find(oauthState: string | null): AuthorizationRequest | undefined {
    const pending = this.#requests.get(oauthState ?? '');
    return pending && this.clock.now() < pending.untilMs ? pending.request : undefined;
  }

  delete(oauthState: string | null): void {
    this.#requests.delete(oauthState ?? '');
  }

  clear(): void {
    this.#requests.clear();
  }
}
