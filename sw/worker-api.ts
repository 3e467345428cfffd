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
import { signOutUrl } from './oauth/authorization-request.js';
import type { PortalIndex } from './portals/portal-index.js';
import type { Portal } from './portals/portal.js';
import { normalizePortalUrl } from './portals/portal-url.js';
import { listClients } from './rpc/clients.js';
import type { WaitUntil } from './rpc/wait-until.js';
import type { Challenges } from './sign-in/challenges.js';
import type { WaitingRequests } from './sign-in/waiting-requests.js';
import type { TokenManager } from './tokens/token-manager.js';
import type { PartServices } from './worker-part.js';

/** Longest text a page may send, in characters: a code or a URL is far shorter. */
const MAX_TEXT = 8192;

/** What the calls of pages use of the worker. */
export interface ApiServices extends PartServices {
  readonly portalIndex: PortalIndex;
  readonly tokens: TokenManager;
  readonly challenges: Challenges;
  readonly waitingRequests: WaitingRequests;
  /** Reads the database at cold start. */
  readonly load: () => Promise<void>;
  /** Why the database could not be read last. */
  readonly storageError: () => IdentityError | undefined;
}

/**
 * The API for one call of one page.
 *
 * @param clientId - The page, as the browser names it.
 * @param waitUntil - Keeps the worker alive for work that outlives the call.
 */
export function workerApiFor(clientId: string, waitUntil: WaitUntil, services: ApiServices): WorkerApi {
  const { portalIndex, tokens, challenges, waitingRequests, redemption, redirectReturn, load, storageError } =
    services;
  const result =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<Result<T>> => {
      try {
        await load();
        return { ok: true, value: await call(...args) };
      } catch (error) {
        return { ok: false, error: toWireError(error) };
      }
    };
  return Object.freeze({
    state: result(async () => {
      // Before any page is prompted: the user may have cancelled at the portal.
      const returned = await redirectReturn?.take(clientId, services).catch(() => undefined);
      await waitingRequests.connect(clientId);
      return {
        ...(returned ? { returned } : {}),
        portals: portalIndex.portals.map(({ url, name, persistence }) => ({
          url,
          name,
          isMemoryOnly: persistence === 'memory',
        })),
        credentials: tokens.infos(),
        ...(storageError() ? { storageError: toWireError(storageError()) } : {}),
      };
    }),
    signIn: result((portal: string | undefined, parameters: SignInParameters | undefined) =>
      challenges.begin(findPortal(portalIndex, portal), parseSignInParameters(parameters)),
    ),
    submitCode: result((response: AuthorizationCodeResponse, callId: string) =>
      redemption.submitCode(parseCodeResponse(response), text(callId, 'callId'), 'page'),
    ),
    submitError: result(async (response: AuthorizationErrorResponse) => {
      await redemption.submitError(parseErrorResponse(response));
      return null;
    }),
    cancel: result(async (challengeId: string) => {
      await challenges.cancel(text(challengeId, 'challengeId'));
      return null;
    }),
    challengeState: result((challengeId: string) => challenges.state(text(challengeId, 'challengeId'))),
    saveReturnTo: result(async (challengeId: string, returnTo: ReturnTo) => {
      if (!redirectReturn) throw new IdentityError('part-missing', { field: 'redirect-return' });
      await redirectReturn.save(text(challengeId, 'challengeId'), parseReturnTo(returnTo), services);
      return null;
    }),
    returnUrl: result(
      async (state: string) => (await redirectReturn?.urlOf(text(state, 'state'), services)) ?? null,
    ),
    signOutUrl: result((portal: string | undefined) => signOutUrl(findPortal(portalIndex, portal))),
    signOut: result(async (portal: string | undefined) => {
      await tokens.remove(findPortal(portalIndex, portal), waitUntil);
      return null;
    }),
    clients: result(() => listClients(clientId)),
  });
}

function findPortal(portalIndex: PortalIndex, given: unknown): Portal {
  const [only, ...others] = portalIndex.portals;
  if (given === undefined || given === null) {
    if (only && others.length === 0) return only;
    throw new IdentityError('portal-ambiguous');
  }
  const url = text(given, 'portal');
  const portal = portalIndex.byUrl(url) ?? portalIndex.byUrl(normalizePortalUrl(url) ?? '');
  if (portal) return portal;
  throw new IdentityError('portal-not-registered', URL.canParse(url) ? { origin: new URL(url).origin } : {});
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw new IdentityError('option-invalid', { field });
}

const optionalText = <K extends string>(
  given: Record<string, unknown>,
  field: K,
): Partial<Record<K, string>> =>
  given[field] === undefined ? {} : ({ [field]: text(given[field], field) } as Record<K, string>);

function record(value: unknown, field: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new IdentityError('option-invalid', { field });
}

function parseCodeResponse(value: unknown): AuthorizationCodeResponse {
  const given = record(value, 'response');
  return {
    code: text(given['code'], 'code'),
    ...optionalText(given, 'state'),
    ...optionalText(given, 'iss'),
    ...optionalText(given, 'redirectUri'),
    ...optionalText(given, 'authorizationUrl'),
  };
}

function parseSignInParameters(value: unknown): SignInParameters {
  const given = value === undefined || value === null ? {} : record(value, 'parameters');
  return {
    forceLogin: given['forceLogin'] === true,
    silent: given['silent'] === true,
    ...optionalText(given, 'loginHint'),
  };
}

function parseReturnTo(value: unknown): ReturnTo {
  const given = record(value, 'returnTo');
  const [x, y] = [given['x'], given['y']].map((length) => (Number.isFinite(length) ? Number(length) : 0));
  return { url: text(given['url'], 'returnTo.url'), x: x ?? 0, y: y ?? 0 };
}

function parseErrorResponse(value: unknown): AuthorizationErrorResponse {
  const given = record(value, 'response');
  return {
    error: text(given['error'], 'error'),
    state: text(given['state'], 'state'),
    ...optionalText(given, 'iss'),
    ...optionalText(given, 'redirectUri'),
  };
}
