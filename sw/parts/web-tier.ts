/** Portals behind web-tier authentication: which servers get the browser's own credentials beside the token. */
import { isLoopback } from '../../protocol/registration.js';
import { isRecord } from '../../protocol/record.js';
import { readLimitedJson } from '../oauth/read-limited.js';
import type { Portal } from '../portals/portal.js';
import type { Outgoing } from '../request/replayable-request.js';

/** Longest wait for the portal's list, in ms: requests wait behind it. */
const LIST_TIMEOUT_MS = 10_000;

/** Longest description of a portal; organisations put texts of their own into it. In bytes. */
const LIST_BYTES = 1024 * 1024;

/** The lists of all web-tier portals, read once per boot of the worker. */
export class WebTier {
  readonly #lists = new Map<string, Promise<ReadonlySet<string>>>();

  /** A request that takes cookies along where its portal lists the server, and stays what the page asked for elsewhere. */
  async admit(outgoing: Outgoing, portal: Portal): Promise<Outgoing> {
    if (outgoing.request.credentials === 'include') return outgoing;
    const { origin } = outgoing.url;
    const isListed = origin === new URL(portal.url).origin || (await this.#list(portal)).has(origin);
    return isListed ? { ...outgoing, changes: { credentials: 'include' } } : outgoing;
  }

  #list(portal: Portal): Promise<ReadonlySet<string>> {
    const known = this.#lists.get(portal.url);
    if (known) return known;
    const reading = readList(portal).catch(() => {
      // A portal that could not be asked is asked again by the next request.
      this.#lists.delete(portal.url);
      return new Set<string>();
    });
    this.#lists.set(portal.url, reading);
    return reading;
  }
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
