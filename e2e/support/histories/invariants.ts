/** What must hold after every history, whatever went wrong in it. Pure: it judges what was observed. */
import type { Fault, LogEntry } from '../../../demo/portal/index.js';
import type { Place, RequestKind } from './history.js';

/** How a request may end: the true answer, the refusal of its server (498 or 499), something else, or a network error. */
export type Result = 'right' | 'refused' | 'other' | 'failed';

export interface SeenRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly startedAtMs: number;
  /** Absent while the page waits. */
  readonly endedAtMs?: number;
  readonly result?: Result;
}

export interface Span {
  readonly fromMs: number;
  /** Absent: it lasts. */
  readonly toMs?: number;
}

export interface Trouble extends Span {
  /** `port` is a closed one, `network` is being offline, `worker` a stop of the worker. */
  readonly at: Place | 'port' | 'network' | 'worker';
}

export interface Observation {
  readonly requests: readonly SeenRequest[];
  /** The portal's log. The addresses of requests have their id. */
  readonly log: readonly Pick<
    LogEntry,
    'atMs' | 'server' | 'method' | 'path' | 'query' | 'grantType' | 'tokenId' | 'secrets' | 'fault'
  >[];
  /** Label of a token → the server that it is for. */
  readonly audiences: Readonly<Record<string, string>>;
  readonly troubles: readonly Trouble[];
  /** From the moment of a prompt to its end, each in its tab. */
  readonly prompts: readonly Span[];
  /** From the call of `signOut` on; `doneAtMs` is its end, `toMs` the next sign-in. */
  readonly signOuts: readonly (Span & { readonly doneAtMs?: number })[];
  /** How many times access tokens ended. */
  readonly expiries: number;
  /** Edits that the portal has carried out, by the id of their request. */
  readonly edits: readonly string[];
  /** Labels of secrets found in what the pages can read. */
  readonly leaks: readonly string[];
  /** When the last trouble ended, and when everything was right again; absent: never. */
  readonly repairedAtMs: number;
  readonly recoveredAtMs?: number;
  /** Users that the pages show at the end, a list for each tab. */
  readonly users: readonly (readonly string[])[];
  readonly endedAtMs: number;
}

/** Longest time that a request takes, in ms: the worker's limits, which tests make five times shorter, and a slow machine. */
export const SETTLE_MS = 6_000;

/** So soon after the last trouble everything is right, in ms: the longest pause of a renewal is 10 s. */
export const RECOVERY_MS = 12_000;

/** Attempts to get one token in a minute (decision 18, `sw/tokens/renewal.ts`): a worker that starts has forgotten its pauses. */
const ATTEMPTS_A_MINUTE = 16;
const ATTEMPTS_OF_A_START = 4;

/** Two tabs learn of a change one after the other. */
const HAND_OVER_MS = 150;

const isPublic = (kind: RequestKind): boolean => kind.includes('public');
const isForeign = (kind: RequestKind): boolean => kind.startsWith('foreign');
const isFederated = (kind: RequestKind): boolean => kind.startsWith('federated');
const isImage = (kind: RequestKind): boolean => kind.includes('image');

const end = ({ toMs }: Span): number => toMs ?? Number.POSITIVE_INFINITY;

/** Whether the span has a moment of the request, or of some time before it. */
const touches = (
  span: Span,
  { startedAtMs, endedAtMs = Number.POSITIVE_INFINITY }: SeenRequest,
  beforeMs = 0,
): boolean => span.fromMs <= endedAtMs && end(span) >= startedAtMs - beforeMs;

/** What is wrong; empty where nothing is. */
export function violations(seen: Observation): string[] {
  return [
    ...seen.requests.flatMap((request) => wrongEnd(request, seen)),
    ...wrongPrompts(seen),
    ...storms(seen),
    ...wrongSignOuts(seen),
    ...wrongPlaces(seen),
    ...doubledEdits(seen),
    ...wrongRecovery(seen),
  ];
}

const entriesOf = (id: string, { log }: Observation): Observation['log'] =>
  log.filter(({ method, query }) => method !== 'OPTIONS' && query.split('&').includes(`rid=${id}`));

const faultsOf = (id: string, seen: Observation): Fault[] =>
  entriesOf(id, seen).flatMap(({ fault }) => (fault ? [fault] : []));

const neverEnds = ({ hang }: Fault): boolean => hang !== undefined;

/** Every request ends, with its server's answer: signed, or as it would be without a worker. */
function wrongEnd(request: SeenRequest, seen: Observation): string[] {
  const { id, kind, result, startedAtMs, endedAtMs } = request;
  const wrong = (what: string): string[] => [`request ${id} (${kind}) ${what}`];
  const own = faultsOf(id, seen);
  const isSignedOut = seen.signOuts.some((signOut) => touches(signOut, request));
  if (result === undefined || endedAtMs === undefined) return own.some(neverEnds) ? [] : wrong('never ended');
  const tookMs = endedAtMs - startedAtMs;
  // A user may take any time for a prompt.
  if (tookMs > SETTLE_MS && !own.some(neverEnds) && !seen.prompts.some((prompt) => touches(prompt, request)))
    return wrong(`took ${tookMs} ms`);
  const entries = entriesOf(id, seen);
  if (result !== 'failed' && entries.length === 0) return wrong('got an answer that is none of its server’s');
  const met = (at: Trouble['at'], beforeMs = 0): boolean =>
    seen.troubles.some((trouble) => trouble.at === at && touches(trouble, request, beforeMs));
  const needsToken = !isPublic(kind) && !isForeign(kind);
  const lacksToken =
    needsToken &&
    (isSignedOut ||
      met('token endpoint', RECOVERY_MS) ||
      met('network', RECOVERY_MS) ||
      met('port', RECOVERY_MS) ||
      met('worker') ||
      (isFederated(kind) && (met('rest/info', RECOVERY_MS) || met('generateToken', RECOVERY_MS))));
  switch (result) {
    case 'right':
      return needsToken && !entries.some(({ tokenId }) => tokenId !== undefined && tokenId !== 'unknown')
        ? wrong('was answered without a token')
        : [];
    case 'refused':
      return isForeign(kind) || lacksToken ? [] : wrong('was refused, with no reason');
    case 'other':
      return own.length > 0 ? [] : wrong('got another answer, with no fault');
    case 'failed': {
      const isExcused =
        own.length > 0 ||
        met('network') ||
        met('port') ||
        met('worker') ||
        isSignedOut ||
        (isImage(kind) && (lacksToken || met('layer'))) ||
        (kind === 'edit' && lacksToken);
      return isExcused ? [] : wrong('failed, with no reason');
    }
  }
}

/** A session ends by a sign-out only, and one tab prompts at a time. */
function wrongPrompts({ prompts, signOuts }: Observation): string[] {
  const sorted = prompts.toSorted((a, b) => a.fromMs - b.fromMs);
  const two = sorted.some((prompt, index) => {
    const next = sorted[index + 1];
    return next !== undefined && end(prompt) > next.fromMs + HAND_OVER_MS;
  });
  const needless = sorted.some(
    ({ fromMs }) =>
      !signOuts.some((signOut) => signOut.fromMs <= fromMs && fromMs <= end(signOut) + HAND_OVER_MS),
  );
  return [
    ...(two ? ['two prompts at once'] : []),
    ...(needless ? ['a prompt for a user who had not signed out'] : []),
  ];
}

/** Nothing is asked again and again. */
function storms({ log, troubles, expiries }: Observation): string[] {
  const starts = troubles.filter(({ at }) => at === 'worker').length;
  const limit = ATTEMPTS_A_MINUTE + ATTEMPTS_OF_A_START * starts + expiries;
  const groups = new Map<string, number[]>();
  for (const { path, server, grantType, method, atMs } of log) {
    const isTokenRequest = grantType === 'refresh_token' || grantType === 'exchange_refresh_token';
    // Three federated servers and the foreign one are asked for at the same address, and each may be asked about.
    const of = isTokenRequest
      ? 'refresh'
      : path.endsWith('/generateToken')
        ? 'exchange'
        : path.endsWith('/rest/info')
          ? `info of ${server}`
          : undefined;
    if (of === undefined || method === 'OPTIONS') continue;
    groups.set(of, [...(groups.get(of) ?? []), atMs]);
  }
  return [...groups].flatMap(([of, times]) => {
    const most = Math.max(
      ...times.map((fromMs) => times.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length),
    );
    const allowed = of === 'exchange' ? 4 * limit : limit;
    return most > allowed ? [`a storm: ${most} requests in a minute (${of}), ${allowed} are allowed`] : [];
  });
}

/** After a sign-out nothing has a token, and nothing gets one. */
function wrongSignOuts(seen: Observation): string[] {
  return seen.signOuts.flatMap(({ fromMs, doneAtMs, toMs }) => {
    if (doneAtMs === undefined) return [`a sign-out never ended`];
    const isLater = (atMs: number): boolean => atMs >= doneAtMs && (toMs === undefined || atMs < toMs);
    const signed = seen.requests.filter(
      ({ id, startedAtMs }) =>
        isLater(startedAtMs) &&
        entriesOf(id, seen).some(({ tokenId, atMs }) => tokenId !== undefined && isLater(atMs)),
    );
    const renewals = seen.log.filter(
      ({ atMs, grantType, path }) =>
        isLater(atMs) &&
        atMs > doneAtMs + HAND_OVER_MS &&
        (grantType === 'refresh_token' || path.endsWith('/generateToken')),
    );
    const shown = toMs === undefined && seen.users.some((users) => users.length > 0);
    return [
      ...(doneAtMs - fromMs > SETTLE_MS ? [`a sign-out took ${doneAtMs - fromMs} ms`] : []),
      ...signed.map(({ id }) => `request ${id} was signed after the sign-out`),
      ...(renewals.length > 0 ? ['a token was asked for after the sign-out'] : []),
      ...(shown ? ['a user is shown after the sign-out'] : []),
    ];
  });
}

/** A token goes to the server that it is for, and the page sees none. */
function wrongPlaces({ log, audiences, leaks }: Observation): string[] {
  const wrong = log.flatMap(({ server, secrets }) =>
    secrets
      .filter((label) => {
        const audience = audiences[label];
        if (server === 'portal') return false;
        if (server === 'hosted') return audience !== 'portal' && audience !== 'hosted';
        return audience !== server;
      })
      .map((label) => `${label} was sent to the server "${server}"`),
  );
  return [...new Set([...wrong, ...leaks.map((label) => `the page can read ${label}`)])];
}

/** An edit is carried out once; the browser repeats what a stopped worker had, and some connections that broke. */
function doubledEdits(seen: Observation): string[] {
  return seen.requests
    .filter(({ kind }) => kind === 'edit')
    .filter((request) => {
      const isRepeated =
        faultsOf(request.id, seen).length > 0 ||
        seen.troubles.some((trouble) => trouble.at === 'worker' && touches(trouble, request));
      return !isRepeated && seen.edits.filter((id) => id === request.id).length > 1;
    })
    .map(({ id }) => `edit ${id} was carried out twice`);
}

function wrongRecovery({ repairedAtMs, recoveredAtMs, endedAtMs }: Observation): string[] {
  if (recoveredAtMs === undefined)
    return [`not recovered ${endedAtMs - repairedAtMs} ms after the last trouble`];
  const tookMs = recoveredAtMs - repairedAtMs;
  return tookMs > RECOVERY_MS ? [`recovered only ${tookMs} ms after the last trouble`] : [];
}
