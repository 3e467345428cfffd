// Matches requests, for the log, faults and holds.

import type { ServerName } from './switches.js';

/** A string matches paths that contain it; a pattern is tested against the path. */
export type PathPattern = string | RegExp;

export interface RequestMatcher {
  readonly path?: PathPattern;
  readonly server?: ServerName;
  readonly method?: string;
}

export function matches(
  matcher: RequestMatcher,
  request: { readonly path: string; readonly server: ServerName; readonly method: string },
): boolean {
  if (matcher.server !== undefined && matcher.server !== request.server) return false;
  if (matcher.method !== undefined && matcher.method.toUpperCase() !== request.method) return false;
  if (matcher.path === undefined) return true;
  return typeof matcher.path === 'string'
    ? request.path.includes(matcher.path)
    : new RegExp(matcher.path.source, matcher.path.flags.replace(/[gy]/g, '')).test(request.path);
}
