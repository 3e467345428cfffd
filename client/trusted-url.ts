/** Trusted Types: under `require-trusted-types-for 'script'` a worker is registered by a URL that a policy has made. */

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** Name of the policy, for `trusted-types` in the page's Content-Security-Policy. */
const POLICY = 'identity-worker';

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * The URL of the worker's script as the browser requires it. A page whose policy does not name ours needs a default policy.
 *
 * @see W3C Trusted Types, "TrustedScriptURL"
 */
export function trustedUrl(url: string | URL): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy(POLICY, { createScriptURL: (text) => text });
  } catch {
    // The page does not allow this name, or another copy of this script has taken it.
  }
  return policy ? policy.createScriptURL(String(url)) : url;
}
