/** Notices scripts that take turns under one scope: two apps of a site, or pages of one that register different URLs. */
import { identityError, type IdentityError } from '../protocol/errors.js';

/** Of this tab: the script that its pages have installed under a scope. */
const INSTALLED = 'identity-worker:installed ';

/**
 * Whether a script takes the place of this page's.
 *
 * @param own - URL of the script that this page registers.
 * @param found - That of the script in control.
 * @returns The error to report; `undefined` for the same script.
 */
export function sharedScope(
  scope: string,
  own: string,
  found: string | undefined,
): IdentityError | undefined {
  if (found === undefined || found === own) return undefined;
  const [path, other] = [own, found].map((url) => new URL(url).pathname);
  return identityError('worker-scope-shared', { scope: new URL(scope).pathname, path: path!, found: other! });
}

/**
 * Whether this page's script had to be installed again, beside another one: a page of this tab has installed it before. The script of the
 * app's former version is none of this: ours is installed once, and waits beside it.
 */
export function sharedInstallation(scope: string, own: string, found: string): IdentityError | undefined {
  try {
    const isAgain = sessionStorage.getItem(INSTALLED + scope) === own;
    sessionStorage.setItem(INSTALLED + scope, own);
    return isAgain ? sharedScope(scope, own, found) : undefined;
  } catch {
    // No storage: a change of the controller tells.
    return undefined;
  }
}
