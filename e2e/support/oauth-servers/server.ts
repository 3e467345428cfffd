/** What a server of others is to a test. */
import type { Front } from './front.js';

/** A token as its server sees it. */
export interface TokenFacts {
  readonly user: string;
  readonly scope: string;
  /** Resources that it is for (RFC 8707); none where it is for any. */
  readonly audience: readonly string[];
  /** Thumbprint of the key that it is bound to (RFC 9449 §6). */
  readonly thumbprint?: string;
}

export interface OAuthServer {
  readonly front: Front;
  readonly issuer: string;
  /** Whether a token is good, and whose. */
  check(token: string): Promise<TokenFacts | undefined>;
  /** Ends the life of every access token. */
  expireAccessTokens(): void;
  /** Lets an app of this origin sign its users in. */
  admit(appUrl: string): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT_ID = 'map-app';

/** The addresses that an app of this origin registers. */
export const redirectUrisOf = (appUrl: string): string[] => [`${appUrl}/signed-in.html`];

/** The addresses to which users come back after a sign-out. */
export const signedOutUrisOf = (appUrl: string): string[] => [
  ...redirectUrisOf(appUrl),
  `${appUrl}/`,
  `${appUrl}/signed-out.html`,
];
