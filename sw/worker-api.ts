/** What a page may ask of the worker: validates every argument, answers results as values, returns no secret. */
import { identityError, toWireError, type Result } from '../protocol/errors.js';
import { isRecord } from '../protocol/record.js';
import type {
  AuthorizationCodeResponse,
  AuthorizationErrorResponse,
  ReturnTo,
  SignInParameters,
  WorkerApi,
} from '../protocol/worker-api.js';
import type { Challenges } from './sign-in/challenges.js';
import type { Departures } from './parts/redirect-return.js';
import type { CredentialManager } from './tokens/token-manager.js';
import { signOutUrl } from './oauth/authorization-request.js';
import type { Portal } from './portals/portal.js';
import { normalizePortalUrl } from './portals/portal-url.js';
import type { Registry } from './portals/portal-index.js';
import { listClients } from './rpc/clients.js';

/** Longest text a page may hand over, in characters: a code or a URL is far shorter. */
const MAX_TEXT = 8192;

/** The parts of the worker that a page's calls reach. */
export interface Reach {
  readonly registry: Registry;
  readonly credentials: CredentialManager;
  readonly challenges: Challenges;
  readonly departures: Departures;
  /** Reads the store at cold start. */
  readonly load: () => Promise<void>;
}

/**
 * The API for one call of one page.
 *
 * @param clientId - The page, by the browser's own word.
 * @param extend - Keeps the worker alive for work that outlives the answer.
 */
export function pageApi(
  clientId: string,
  extend: (work: Promise<unknown>) => void,
  { registry, credentials, challenges, departures, load }: Reach,
): WorkerApi {
  const answer =
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
    state: answer(async () => {
      // Before anybody is asked: the person may have given up at the portal.
      const returned = await departures.takeReturn(clientId).catch(() => undefined);
      await challenges.connect(clientId);
      return {
        ...(returned ? { returned } : {}),
        portals: registry.portals.map(({ url, name, persistence }) => ({
          url,
          name,
          isMemoryOnly: persistence === 'memory',
        })),
        credentials: credentials.infos(),
      };
    }),
    signIn: answer((portal: string | undefined, parameters: SignInParameters | undefined) =>
      challenges.begin(findPortal(registry, portal), parseSignInParameters(parameters)),
    ),
    submitCode: answer((given: AuthorizationCodeResponse, callId: string) =>
      challenges.submitCode(parseCodeResponse(given), text(callId, 'callId')),
    ),
    submitError: answer(async (given: AuthorizationErrorResponse) => {
      await challenges.submitError(parseErrorResponse(given));
      return null;
    }),
    cancel: answer(async (challengeId: string) => {
      await challenges.cancel(text(challengeId, 'challengeId'));
      return null;
    }),
    challengeState: answer((challengeId: string) => challenges.state(text(challengeId, 'challengeId'))),
    depart: answer(async (challengeId: string, from: ReturnTo) => {
      await departures.depart(text(challengeId, 'challengeId'), parseReturnTo(from));
      return null;
    }),
    returnAddress: answer((state: string) => departures.address(text(state, 'state'))),
    signOutUrl: answer((portal: string | undefined) => signOutUrl(findPortal(registry, portal))),
    signOut: answer(async (portal: string | undefined) => {
      await credentials.remove(findPortal(registry, portal), extend);
      return null;
    }),
    clients: answer(() => listClients(clientId)),
  });
}

function findPortal(registry: Registry, given: unknown): Portal {
  const [only, ...others] = registry.portals;
  if (given === undefined || given === null) {
    if (only && others.length === 0) return only;
    throw identityError('portal-ambiguous');
  }
  const url = text(given, 'portal');
  const portal = registry.portal(url) ?? registry.portal(normalizePortalUrl(url) ?? '');
  if (portal) return portal;
  throw identityError('portal-not-registered', URL.canParse(url) ? { origin: new URL(url).origin } : {});
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw identityError('option-invalid', { field });
}

const optionalText = <K extends string>(
  given: Record<string, unknown>,
  field: K,
): Partial<Record<K, string>> =>
  given[field] === undefined ? {} : ({ [field]: text(given[field], field) } as Record<K, string>);

function record(value: unknown, field: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw identityError('option-invalid', { field });
}

function parseCodeResponse(value: unknown): AuthorizationCodeResponse {
  const given = record(value, 'answer');
  return {
    code: text(given['code'], 'code'),
    ...optionalText(given, 'state'),
    ...optionalText(given, 'iss'),
    ...optionalText(given, 'redirectUri'),
    ...optionalText(given, 'authorizationUrl'),
  };
}

function parseSignInParameters(value: unknown): SignInParameters {
  const given = value === undefined || value === null ? {} : record(value, 'wish');
  return {
    forceLogin: given['forceLogin'] === true,
    silent: given['silent'] === true,
    ...optionalText(given, 'loginHint'),
  };
}

function parseReturnTo(value: unknown): ReturnTo {
  const given = record(value, 'from');
  const [x, y] = [given['x'], given['y']].map((length) => (Number.isFinite(length) ? Number(length) : 0));
  return { url: text(given['url'], 'from.url'), x: x ?? 0, y: y ?? 0 };
}

function parseErrorResponse(value: unknown): AuthorizationErrorResponse {
  const given = record(value, 'answer');
  return {
    error: text(given['error'], 'error'),
    state: text(given['state'], 'state'),
    ...optionalText(given, 'iss'),
    ...optionalText(given, 'redirectUri'),
  };
}
