/** Warns of a second call of `IdentityManager.instance` with other options: they have no effect. */
import type { IdentityManagerOptions } from './options.js';

/** What an option is when it is left out. */
const defaults: IdentityManagerOptions = { type: 'classic', login: 'popup' };

/**
 * The names of the options that differ, in alphabetical order.
 *
 * @param base - URL that relative URLs of scripts and scopes are resolved against.
 */
export function differingOptions(
  first: IdentityManagerOptions,
  second: IdentityManagerOptions,
  base: string,
): string[] {
  const [one, other] = [first, second].map((given) => comparable({ ...defaults, ...given }, base));
  const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]);
  return [...names].filter((name) => one?.[name] !== other?.[name]).sort();
}

/** Every option as text. */
function comparable(
  { worker, scope, texts, ...rest }: IdentityManagerOptions,
  base: string,
): Record<string, string | undefined> {
  const absolute = (url: string | URL): string =>
    URL.canParse(url, base) ? new URL(url, base).href : `${url}`;
  const sorted = Object.entries(texts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...rest,
    worker: worker && absolute(worker),
    scope: scope && absolute(scope),
    texts: texts && JSON.stringify(sorted),
  };
}

/** Warns in the page's console where options differ. */
export function warnOfOptions(first: IdentityManagerOptions, second: IdentityManagerOptions): void {
  const names = differingOptions(first, second, document.baseURI);
  if (names.length === 0) return;
  // oxlint-disable-next-line no-console -- for developers; nothing fails
  console.warn(
    `Identity Worker: IdentityManager.instance() was called before with other options (${names.join(', ')}). Those of the first call count.`,
  );
}
