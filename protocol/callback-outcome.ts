/** What the worker tells the callback page when it has taken the portal's answer itself: how it went, and nothing else. */

const PREFIX = '#identity-worker=';

/** @param outcome - `signed-in`, or the code of an error. */
export const outcomeFragment = (outcome: string): string => PREFIX + outcome;

/** The outcome in a page's fragment, or `undefined`. */
export const readOutcome = (hash: string): string | undefined =>
  hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : undefined;
