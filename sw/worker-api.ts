/** What a page may ask of the worker: validates every argument, returns results and errors as values, never a secret. */
import { IdentityError, type Result, toWireError } from '../protocol/identity-error.js';
import { isRecord } from '../protocol/record.js';
import type {
  AuthorizationCodeResponse,
  AuthorizationErrorResponse,
  ReturnTo,
  SignInParameters,
  WorkerApi,
} from '../protocol/worker-api.js';
import type { Services } from './compose.js';
import { signOutUrl } from './oauth/authorization-request.js';
import type { PortalIndex } from './portals/portal-index.js';
import type { Portal } from './portals/portal.js';
import { normalizePortalUrl } from './portals/portal-url.js';
import type { WaitUntil } from './rpc/wait-until.js';
import type { WorkerPart } from './worker-part.js';

/** Longest text a page may send, in characters: a code or a URL is far shorter. */
const MAX_TEXT = 8192;

/**
 * The API for one call of one page.
 *
 * @param clientId - The page, as the browser names it.
 * @param waitUntil - Keeps the worker alive for work that outlives the call.
 * @param refusal - What every call is answered with, where the worker cannot serve the page. Nothing is changed then.
 */
export function workerApiFor(
  clientId: string,
  waitUntil: WaitUntil,
  services: Services,
  refusal?: IdentityError,
): WorkerApi {
  const { portalIndex, tokens, challenges, waitingRequests, redemption, redirectReturn, start } = services;
  const result =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>, isOfEveryVersion = false) =>
    async (...args: A): Promise<Result<OnWire<T>>> => {
      try {
        if (refusal && !(isOfEveryVersion && refusal.code === 'protocol-mismatch')) throw refusal;
        await start.load();
        return { ok: true, value: ((await call(...args)) ?? null) as OnWire<T> };
      } catch (error) {
        return { ok: false, error: toWireError(error) };
      }
    };
  return {
    state: result(async () => {
      // Before any page is prompted: the user may have cancelled at the portal.
      const returned = await redirectReturn?.take(clientId, services).catch(() => undefined);
      await waitingRequests.connect(clientId);
      return {
        ...(returned && { returned }),
        portals: portalIndex.portals.map(({ url, name, persistence }) => ({
          url,
          name,
          isMemoryOnly: persistence === 'memory',
        })),
        credentials: tokens.infos(),
        ...start.storageError,
      };
    }),
    signIn: result(async (portal: string | undefined, parameters: SignInParameters | undefined) =>
      challenges.begin(findPortal(portalIndex, portal), parseSignInParameters(parameters)),
    ),
    // A callback page of the next version ends the sign-in of a page of this one.
    submitCode: result(
      async (response: AuthorizationCodeResponse, callId: string) =>
        redemption.submitCode(
          texts(response, 'response', ['code'], ['state', 'iss', 'redirectUri', 'authorizationUrl']),
          text(callId, 'callId'),
          'page',
        ),
      true,
    ),
    submitError: result(
      async (response: AuthorizationErrorResponse) =>
        redemption.submitError(texts(response, 'response', ['error', 'state'], ['iss', 'redirectUri'])),
      true,
    ),
    cancel: result(async (challengeId: string) => challenges.cancel(text(challengeId, 'challengeId'))),
    challengeState: result(async (challengeId: string) => challenges.state(text(challengeId, 'challengeId'))),
    saveReturnTo: result(async (challengeId: string, returnTo: ReturnTo) =>
      partOf(redirectReturn, 'redirect-return').save(
        text(challengeId, 'challengeId'),
        parseReturnTo(returnTo),
        services,
      ),
    ),
    returnUrl: result(
      async (state: string) => redirectReturn?.urlOf(text(state, 'state'), services) ?? null,
      true,
    ),
    signOutUrl: result(async (name: string | undefined) => {
      const portal = findPortal(portalIndex, name);
      const url = await signOutUrl(portal);
      return portal.authorizationServer.concealedSignOutUrl?.(portal) ?? url;
    }),
    signOut: result(async (portal: string | undefined) =>
      tokens.remove(findPortal(portalIndex, portal), waitUntil),
    ),
    trace: result(async (isOn: boolean) => partOf(services.tracing, 'tracing').turn(clientId, isOn)),
    clients: result(async () => partOf(services.listClients, 'client-list')(clientId)),
  };
}

/** Structured clone would keep `undefined`; calls without a result answer `null`. */
type OnWire<T> = T extends void ? null : T;

function partOf<T>(hook: T | undefined, field: WorkerPart['name']): T {
  if (hook) return hook;
  throw new IdentityError('part-missing', { field });
}

function findPortal(portalIndex: PortalIndex, given: unknown): Portal {
  const [only, ...others] = portalIndex.portals;
  if (given === undefined || given === null) {
    if (only && others.length === 0) return only;
    throw new IdentityError('portal-ambiguous');
  }
  const url = text(given, 'portal');
  const portal = portalIndex.byUrl(url) ?? portalIndex.byUrl(normalizePortalUrl(url) ?? '');
  if (portal && !portal.isAppOnly) return portal;
  throw new IdentityError('portal-not-registered', URL.canParse(url) ? { origin: new URL(url).origin } : {});
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw new IdentityError('option-invalid', { field });
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new IdentityError('option-invalid', { field });
}

/** The texts of these names in an object that a page sent, and nothing else of it. */
function texts<R extends string, O extends string>(
  value: unknown,
  field: string,
  required: readonly R[],
  optional: readonly O[],
): Record<R, string> & Partial<Record<O, string>> {
  const given = record(value, field);
  const names = [...required, ...optional.filter((name) => given[name] !== undefined)];
  return Object.fromEntries(names.map((name) => [name, text(given[name], name)])) as Record<R, string> &
    Partial<Record<O, string>>;
}

function parseSignInParameters(value: unknown): SignInParameters {
  const given = record(value ?? {}, 'parameters');
  return {
    forceLogin: given['forceLogin'] === true,
    silent: given['silent'] === true,
    ...texts(given, 'parameters', [], ['loginHint']),
  };
}

function parseReturnTo(value: unknown): ReturnTo {
  const given = record(value, 'returnTo');
  const length = (name: string): number => (Number.isFinite(given[name]) ? Number(given[name]) : 0);
  return { url: text(given['url'], 'returnTo.url'), x: length('x'), y: length('y') };
}
