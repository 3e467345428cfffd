/** Which services a Content-Security-Policy of the worker's own script would report, address and all: no token may stand there. */
import { serviceOf } from './service-memory.js';

/** Longest wait for the request by which Firefox shows its policy, in ms. */
const FIREFOX_MS = 3_000;

/** How long after a blocked request Firefox tells of it, in ms; measured are up to 20. */
const FIREFOX_EVENT_MS = 100;

/**
 * One per boot of the worker. Before the first request to a service its address is checked by a request that the policy is
 * asked about and that never reaches the network. WebKit sends no reports for workers.
 *
 * @see Content Security Policy Level 3: Report a violation; Fetch standard, main fetch
 */
export class ReportedServices {
  readonly #known = new Map<string, boolean | Promise<boolean>>();
  readonly #isFirefox = /\bFirefox\//.test(navigator.userAgent);

  constructor() {
    self.addEventListener('securitypolicyviolation', (event) => {
      const { blockedURI } = event as SecurityPolicyViolationEvent;
      if (URL.canParse(blockedURI)) this.#note(new URL(blockedURI));
    });
  }

  /** Whether a report would hold the address of a request; a promise before the first one to a service only. */
  has(url: URL): boolean | Promise<boolean> {
    const key = this.#keyOf(url);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const checking = this.#check(url, key);
    this.#known.set(key, checking);
    return checking;
  }

  async #check({ origin, pathname }: URL, key: string): Promise<boolean> {
    const address = origin + pathname;
    // The policy is asked first; then the request fails, because it may go to the cache of the worker's own origin only.
    await fetch(address, { mode: 'same-origin', cache: 'only-if-cached' }).catch(() => undefined);
    // Firefox asks its policy when it opens a connection: there the check costs a request for each origin.
    if (this.#isFirefox) await openConnection(address);
    // The event is a task, and comes before this one.
    await new Promise((resolve) => setTimeout(resolve, this.#isFirefox ? FIREFOX_EVENT_MS : 0));
    const isReported = this.#known.get(key) === true;
    this.#known.set(key, isReported);
    return isReported;
  }

  #note(url: URL): void {
    const key = this.#keyOf(url);
    if (this.#known.get(key) === true) return;
    this.#known.set(key, true);
    // oxlint-disable-next-line no-console -- for developers; the requests go on, without what would be reported
    console.warn(
      `Identity Worker: the Content-Security-Policy of the worker's script reports requests to ${url.origin}. A report holds their address, so tokens are sent in forms and headers there, which not every server accepts. Name ${url.origin} in connect-src, or send no policy with the script.`,
    );
  }

  #keyOf(url: URL): string {
    return this.#isFirefox ? url.origin : serviceOf(url);
  }
}

async function openConnection(address: string): Promise<void> {
  await fetch(address, {
    method: 'HEAD',
    mode: 'no-cors',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(FIREFOX_MS),
  }).catch(() => undefined);
}
