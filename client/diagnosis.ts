/** Finds out why a browser did not register the worker; and, in a chunk with it, what heals a worker of another version or a network out of its reach. */
import { identityError, type IdentityError } from '../protocol/errors.js';
import { REFUSAL_HEADER, SCOPE_HEADER } from '../protocol/sealed-script.js';

export { askForLocalNetwork } from './local-network.js';
export { letNewWorkerIn } from './worker-update.js';

/** Browsers give the reason as free text only: the script is fetched to find it. */
export async function diagnose(url: URL, scope: string | undefined, error: unknown): Promise<IdentityError> {
  const path = url.pathname;
  const response = await fetch(url, { cache: 'no-store', credentials: 'same-origin' }).catch(() => undefined);
  void response?.body?.cancel().catch(() => undefined);
  // A page cannot fetch a sealed script, so it does not learn whether the script throws.
  const { pathname, search } = new URL(scope ?? './', scope === undefined ? url : document.baseURI);
  const scopePath = pathname + search;
  if (response?.headers.get(REFUSAL_HEADER) === 'not-a-worker-fetch') {
    const onlyScope = response.headers.get(SCOPE_HEADER) ?? scopePath;
    const code = onlyScope === scopePath ? 'worker-script-refused' : 'worker-scope-mismatch';
    return identityError(code, { path, scope: scopePath, onlyScope });
  }
  if (response && !response.ok)
    return identityError('worker-script-missing', { path, status: response.status });
  const mimeType = (response?.headers.get('content-type') ?? '').split(';', 1)[0]?.trim() ?? '';
  if (response && !/^(text|application)\/(x-)?(java|ecma)script$/i.test(mimeType)) {
    return identityError('worker-script-wrong-type', { path, mimeType });
  }
  const widest = new URL(response?.headers.get('service-worker-allowed') ?? './', url).pathname;
  if (!scopePath.startsWith(widest)) return identityError('worker-scope-refused', { path, scope: scopePath });
  // A script that throws fails with a TypeError, a policy with a SecurityError or AbortError (Service Workers, Update).
  const isPolicy = !response || (error instanceof DOMException && error.name !== 'TypeError');
  return identityError(isPolicy ? 'worker-blocked' : 'worker-script-failed', { path });
}
