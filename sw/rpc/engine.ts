/** What engines do differently. */

/** WebKit has no limit on an event, does not follow a worker's redirect to the same URL, and takes an empty fragment for none. */
export const isWebKit = (): boolean =>
  /AppleWebKit/.test(navigator.userAgent) && !/Chrom(e|ium)/.test(navigator.userAgent);

/** Firefox asks a policy about a request when it opens a connection for it. */
export const isFirefox = (): boolean => /\bFirefox\//.test(navigator.userAgent);
