/** Portals behind web-tier authentication: which servers get the browser's own credentials beside the token. */
import { isLoopback } from '../../protocol/registration.js';
import { isRecord } from '../../protocol/record.js';
import { readLimitedJson } from '../oauth/read-limited.js';
import type { Portal } from '../portals/portal.js';
import type { ReplayableRequest } from '../request/replayable-request.js';
import type { WorkerPart } from '../worker-part.js';

/** Longest wait for the portal's list, in ms: requests wait behind it. */
const LIST_TIMEOUT_MS = 10_000;

/** Longest description of a portal; organisations put texts of their own into it. In bytes. */
const LIST_BYTES = 1024 * 1024;

/** The part. Serves registrations with `webTier: true`; the lists of servers are read once per boot of the worker. */
export function webTier(): WorkerPart {
  const lists = new Map<string, Promise<ReadonlySet<string>>>();
  const listOf = (portal: Portal): Promise<ReadonlySet<string>> => {
    const known = lists.get(portal.url);
    if (known) return known;
    const reading = readList(portal).catch(() => {
      // A portal that could not be asked is asked again by the next request.
      lists.delete(portal.url);
      return new Set<string>();
    });
    lists.set(portal.url, reading);
    return reading;
  };
  /** Cookies go along where the portal lists the server; elsewhere the page's credentials mode stays. */
  const withCookies = async (replayable: ReplayableRequest, portal: Portal): Promise<ReplayableRequest> => {
    const { origin } = replayable.url;
    const isListed = origin === new URL(portal.url).origin || (await listOf(portal)).has(origin);
    return isListed ? { ...replayable, changes: { credentials: 'include' } } : replayable;
  };
  return {
    name: 'web-tier',
    prepare: (replayable, portal) =>
      // A no-cors request is sent as one that can be read, which brings no cookies unless told to.
      portal.webTier &&
      (replayable.request.credentials !== 'include' || replayable.request.mode === 'no-cors')
        ? withCookies(replayable, portal)
        : replayable,
  };
}

/**
 * Reads the servers that may be sent credentials. The list says nothing of tokens.
 *
 * @see ArcGIS REST API: Portal Self, `authorizedCrossOriginDomains`
 */
async function readList({ url }: Portal): Promise<ReadonlySet<string>> {
  const response = await fetch(`${url}/sharing/rest/portals/self?f=json`, {
    credentials: 'include',
    signal: AbortSignal.timeout(LIST_TIMEOUT_MS),
  });
  const self = await readLimitedJson(response, LIST_BYTES);
  if (!isRecord(self) || 'error' in self) throw new TypeError('no portal description');
  const domains = self['authorizedCrossOriginDomains'];
  return new Set(Array.isArray(domains) ? domains.flatMap(toOrigin) : []);
}

/** Entries are origins or bare hosts, without wildcards; cookies travel encrypted only, but for a loopback. */
export function toOrigin(domain: unknown): string[] {
  if (typeof domain !== 'string' || domain.includes('*')) return [];
  const text = domain.includes('://') ? domain : `https://${domain}`;
  if (!URL.canParse(text)) return [];
  const { origin, protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) ? [origin] : [];
}
