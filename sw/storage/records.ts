/** What the worker keeps, and the check of what it reads back: page script can write every record of the database. */
import { isRecord } from '../../protocol/record.js';
import type { WireError } from '../../protocol/identity-error.js';
import type { ReturnTo } from '../../protocol/worker-api.js';

/** A credential: the tokens of one portal, and what is known of them. */
export interface CredentialRecord {
  readonly portal: string;
  /** Registration it was issued for; another registration does not get it. */
  readonly fingerprint: string;
  readonly username?: string;
  readonly obtainedAtMs: number;
  /** Life of the access token from `obtainedAtMs`; absent where the server does not say. */
  readonly lifetimeMs?: number;
  /** Instant at which the refresh token ends, by this machine's clock, and its whole life. */
  readonly refreshExpiresAtMs?: number;
  readonly refreshLifetimeMs?: number;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** The refresh token has been sent, and no answer came: the server may have replaced it (RFC 6749 §6). */
  readonly isSent?: true;
  /** That a step-up has asked for, with the registered one. */
  readonly scope?: string;
  /** Of the sign-in, for the sign-out at the server (OpenID Connect RP-Initiated Logout 1.0 §2). */
  readonly idToken?: string;
  /** Where the tokens were issued, by the server's metadata (RFC 8414 names). */
  readonly endpoints?: {
    readonly issuer: string;
    readonly token_endpoint: string;
    readonly revocation_endpoint?: string;
  };
}

/** That an API has had the user asked for more. */
export interface StepUpNote {
  /** The same for the same demand. */
  readonly key: string;
  readonly atMs: number;
}

/** A challenge, kept so that a stopped worker can still redeem its code. Its authorization URL is made anew each time. */
export interface ChallengeRecord {
  readonly id: string;
  readonly portal: string;
  readonly fingerprint: string;
  readonly state: string;
  /** Gone once the code is sent; never kept for a portal of the level `memory`, but for a sign-in in place of its page. */
  readonly codeVerifier?: string;
  readonly madeAtMs: number;
  /** `redeeming` is written before the code is sent: a code is never sent twice. */
  readonly phase: 'open' | 'redeeming' | 'signed-in' | 'cancelled' | 'failed';
  /** The call that brought the code; a repetition of that call is answered like the first. */
  readonly callId?: string;
  /** Pages that were open when the user cancelled: they are not asked again. */
  readonly dismissedBy?: readonly string[];
  /** Client id of the page that was prompted last: after a stop of the worker it is the one that shows the sign-in. */
  readonly promptedPage?: string;
  /** Parameters of its authorization request that an API has asked for. */
  readonly asked?: Readonly<Record<string, string>>;
  /** What APIs have had asked for lately: an API must not have the user prompted again and again. */
  readonly stepUps?: readonly StepUpNote[];
  /** Shown to no user: it stands beside the portal's challenge, which other requests may wait for. */
  readonly isSilent?: true;
  /** Where to return to after a sign-in in place of the page. */
  readonly returnTo?: ReturnTo;
  /** Client id of the page that has come back there, and was told how the sign-in ended. */
  readonly toldTo?: string;
  /** Why it failed, for the page that is returned to. */
  readonly reason?: WireError;
}

/** What is known of an ArcGIS Server: the portal that owns it, or none of ours. */
export interface ServerRecord {
  readonly root: string;
  /** URL of the registered portal, `null` for a server that none of them owns. */
  readonly portal: string | null;
  readonly checkedAtMs: number;
}

/** A token that the portal has yet to revoke. */
export interface RevocationRecord {
  readonly portal: string;
  readonly token: string;
  readonly hint: 'refresh_token' | 'access_token';
}

/** Whose answers are kept in Cache Storage under names that hold its id. */
export interface PartitionRecord {
  readonly portal: string;
  /** Registration whose users they are. */
  readonly fingerprint: string;
  /** Random, and never used again. */
  readonly id: string;
  /** Empty where the server names no user. */
  readonly username: string;
}

/** All that is kept at one level. */
export interface StoredState {
  readonly credentials: readonly CredentialRecord[];
  readonly challenges: readonly ChallengeRecord[];
  readonly servers: readonly ServerRecord[];
  readonly revocations: readonly RevocationRecord[];
  readonly partitions: readonly PartitionRecord[];
}

export const emptyState: StoredState = {
  credentials: [],
  challenges: [],
  servers: [],
  revocations: [],
  partitions: [],
};

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => Number.isFinite(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(checks).every(([name, check]) => check(value[name]));
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const webAddress = matching(/^https?:\/\/[^\s]+$/);

/** 43 characters of base64url, as pkce.ts makes them. */
const random = matching(/^[\w-]{43}$/);

const isCredential = shape({
  portal: text,
  fingerprint: text,
  username: optional(text),
  obtainedAtMs: number,
  lifetimeMs: optional(number),
  refreshExpiresAtMs: optional(number),
  refreshLifetimeMs: optional(number),
  // What an HTTP header can carry (RFC 9110 §5.5).
  accessToken: matching(/^[\x21-\x7e]+$/),
  refreshToken: optional(text),
  isSent: oneOf(undefined, true),
  scope: optional(text),
  idToken: optional(text),
  endpoints: optional(
    shape({ issuer: text, token_endpoint: webAddress, revocation_endpoint: optional(webAddress) }),
  ),
});

const isChallenge = shape({
  id: matching(/./),
  portal: text,
  fingerprint: text,
  state: random,
  codeVerifier: optional(random),
  madeAtMs: number,
  phase: oneOf('open', 'redeeming', 'signed-in', 'cancelled', 'failed'),
  callId: optional(text),
  dismissedBy: optional(list(text)),
  promptedPage: optional(text),
  asked: optional((value) => isRecord(value) && Object.values(value).every(text)),
  stepUps: optional(list(shape({ key: text, atMs: number }))),
  isSilent: oneOf(undefined, true),
  returnTo: optional(shape({ url: text, x: number, y: number })),
  toldTo: optional(text),
  reason: optional(shape({ code: text, facts: isRecord })),
});

const isServer = shape({
  root: (value) => typeof value === 'string' && URL.canParse(value),
  portal: (value) => value === null || text(value),
  checkedAtMs: number,
});

const isRevocation = shape({
  portal: text,
  token: matching(/./),
  hint: oneOf('refresh_token', 'access_token'),
});

const isPartition = shape({ portal: text, fingerprint: text, id: random, username: text });

const wellFormed = (values: unknown, check: Check): readonly never[] =>
  Array.isArray(values) ? (values.filter(check) as never[]) : [];

/** The state that a decrypted value holds. A malformed entry costs itself only. */
export function parseState(value: unknown): StoredState {
  const given = isRecord(value) ? value : {};
  return {
    credentials: wellFormed(given['credentials'], isCredential),
    challenges: wellFormed(given['challenges'], isChallenge),
    servers: wellFormed(given['servers'], isServer),
    revocations: wellFormed(given['revocations'], isRevocation),
    partitions: wellFormed(given['partitions'], isPartition),
  };
}
