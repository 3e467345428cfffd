/**
 * Finds out why a browser did not register the worker; and, in a chunk with it, what else is wrong around it, and what heals a worker of another version
 * or a network out of its reach.
 */
import { identityError, type IdentityError } from '../protocol/errors.js';
import { REFUSAL_HEADER, SCOPE_HEADER } from '../protocol/sealed-script.js';

import { sharedScope } from './shared-scope.js';
import type { Report } from './worker-registration.js';

export { sharedInstallation } from './shared-scope.js';
export { askForLocalNetwork } from './local-network.js';
export { letNewWorkerIn } from './worker-update.js';

/** Whether the embedder policy was looked at: one time is enough for a page. */
let isPolicyKnown = false;

const EMBEDDER_POLICY = 'cross-origin-embedder-policy';

/** Browsers give the reason as free text only: the script is fetched to find it. */
export async function diagnose(url: URL, scope: string | undefined, error: unknown): Promise<IdentityError> {
  const path = url.pathname;
  const response = await fetch(url, { cache: 'no-store', redirect: 'manual' }).catch(() => undefined);
  void response?.body?.cancel().catch(() => undefined);
  // A page cannot fetch a sealed script, so it does not learn whether the script throws.
  const { pathname, search } = new URL(scope ?? './', scope === undefined ? url : document.baseURI);
  const scopePath = pathname + search;
  if (response?.headers.get(REFUSAL_HEADER) === 'not-a-worker-fetch') {
    const onlyScope = response.headers.get(SCOPE_HEADER) ?? scopePath;
    const code = onlyScope === scopePath ? 'worker-script-refused' : 'worker-scope-mismatch';
    return identityError(code, { path, scope: scopePath, onlyScope });
  }
  if (response?.type === 'opaqueredirect') return identityError('worker-script-redirected', { path });
  if (response && !response.ok)
    return identityError(codeOf(response.status), { path, status: response.status });
  const mimeType = (response?.headers.get('content-type') ?? '').split(';', 1)[0]?.trim() ?? '';
  if (response && !/^(text|application)\/(x-)?(java|ecma)script$/i.test(mimeType)) {
    return identityError('worker-script-wrong-type', { path, mimeType });
  }
  const widest = new URL(response?.headers.get('service-worker-allowed') ?? './', url).pathname;
  if (!scopePath.startsWith(widest)) return identityError('worker-scope-refused', { path, scope: scopePath });
  // A script that throws fails with a TypeError, a policy with a SecurityError or AbortError (Service Workers, Update).
  const isPolicy = error instanceof DOMException && error.name !== 'TypeError';
  const code = response ? 'worker-script-failed' : 'worker-script-unavailable';
  return identityError(isPolicy ? 'worker-blocked' : code, { path });
}

/** What a status in place of the script tells. */
function codeOf(
  status: number,
): 'worker-script-forbidden' | 'worker-script-unavailable' | 'worker-script-missing' {
  // 407 and 511 are of networks, 451 of the law.
  if ([401, 403, 407, 451, 511].includes(status)) return 'worker-script-forbidden';
  return status >= 500 || status === 408 || status === 429
    ? 'worker-script-unavailable'
    : 'worker-script-missing';
}

/** Looks for what is wrong around a worker that runs, and reports it once. */
export async function lookAround(scope: string, worker: string | URL, report: Report): Promise<void> {
  const { controller } = navigator.serviceWorker;
  await report(sharedScope(scope, new URL(worker, document.baseURI).href, controller?.scriptURL));
  if (isPolicyKnown || !controller) return;
  isPolicyKnown = true;
  await report(await checkEmbedderPolicy(controller.scriptURL).catch(() => undefined));
}

/**
 * Whether the page shows pictures of other sites without cookies (COEP `credentialless`), and its worker, which asks for them, does not:
 * the browser then withholds what the worker got.
 *
 * @param scriptURL - Of the worker.
 * @see HTML standard, Embedder policies
 */
async function checkEmbedderPolicy(scriptURL: string): Promise<IdentityError | undefined> {
  const policyOf = async (url: string): Promise<string | null> => {
    const { headers } = await fetch(url, { cache: 'force-cache' });
    // A sealed script is not for pages: nobody knows.
    return headers.has(REFUSAL_HEADER) ? '' : headers.get(EMBEDDER_POLICY);
  };
  const isLacking =
    (await policyOf(scriptURL)) === null && /^\s*credentialless/.test((await policyOf(location.href)) ?? '');
  return isLacking
    ? identityError('embedder-policy-missing', { path: new URL(scriptURL).pathname })
    : undefined;
}
