/** Which services a Content-Security-Policy of the worker's own script would report, address and all: no token may stand there. */
import { isFirefox } from '../rpc/engine.js';
import type { ServiceMemory } from './service-memory.js';

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
  readonly #memory: ServiceMemory;
  readonly #isFirefox = isFirefox();
  /** In Firefox a check costs a request, and is made for a whole origin. */
  readonly #origins = new Map<string, Promise<boolean>>();

  /** @param memory - Takes what is found. */
  constructor(memory: ServiceMemory) {
    this.#memory = memory;
    self.addEventListener('securitypolicyviolation', (event) => {
      const { blockedURI } = event as SecurityPolicyViolationEvent;
      if (URL.canParse(blockedURI)) this.#note(new URL(blockedURI));
    });
  }

  /** Finds out whether a report would hold the address of a request to a service. */
  check(url: URL): Promise<boolean> {
    const checking = this.#isFirefox ? this.#checkOrigin(url) : this.#check(url);
    this.#memory.noteReported(url, checking);
    void checking.then((isReported) => {
      // A report may have come first.
      if (this.#memory.isReported(url) === checking) this.#memory.noteReported(url, isReported);
    });
    return checking;
  }

  #checkOrigin(url: URL): Promise<boolean> {
    const checking = this.#origins.get(url.origin) ?? this.#check(url);
    this.#origins.set(url.origin, checking);
    return checking;
  }

  async #check(url: URL): Promise<boolean> {
    const address = url.origin + url.pathname;
    // The policy is asked first; then the request fails, because it may go to the cache of the worker's own origin only.
    await fetch(address, { mode: 'same-origin', cache: 'only-if-cached' }).catch(() => undefined);
    // Firefox asks its policy when it opens a connection.
    if (this.#isFirefox) await openConnection(address);
    // The event is a task, and comes before this one.
    await new Promise((resolve) => setTimeout(resolve, this.#isFirefox ? FIREFOX_EVENT_MS : 0));
    return this.#memory.isReported(url) === true;
  }

  #note(url: URL): void {
    if (this.#memory.isReported(url) === true) return;
    this.#memory.noteReported(url, true);
    // oxlint-disable-next-line no-console -- for developers; the requests go on, without what would be reported
    console.warn(
      `Identity Worker: the Content-Security-Policy of the worker's script reports requests to ${url.origin}. A report holds their address, so tokens are sent in forms and headers there, which not every server accepts. Name ${url.origin} in connect-src, or send no policy with the script.`,
    );
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
