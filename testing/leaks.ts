/** Looks for secrets of the portal wherever page script could find them. */
import type { Page } from '@playwright/test';
import type { Portal } from '../demo/portal/index.js';
import { dumpGlobals, dumpStorage } from './page-search.js';

/**
 * @param recorded - Of the browser: lines of consoles, and requests of pages.
 * @returns Labels of the secrets and where they are, such as `access-3 in storage of http://localhost:5173/`.
 */
export async function findLeaks(
  portal: Portal,
  page: Page,
  recorded: { readonly consoles: readonly string[]; readonly requests: readonly string[] },
): Promise<string[]> {
  const searched: [place: string, text: string][] = [['the address', page.url()]];
  for (const frame of page.frames()) {
    const url = frame.url();
    // The portal's own pages may know their secrets.
    if (!url.startsWith('http') || isOfPortal(portal, url)) continue;
    const { origin, pathname } = new URL(url);
    const of = `of ${origin}${pathname}`;
    searched.push([`globals or HTML ${of}`, await frame.evaluate(dumpGlobals)]);
    searched.push([`storage ${of}`, await frame.evaluate(dumpStorage)]);
  }
  searched.push(['a console', recorded.consoles.join('\n')]);
  searched.push(['a request of a page', recorded.requests.join('\n')]);
  return searched.flatMap(([place, text]) => portal.log.leaks(text).map((label) => `${label} in ${place}`));
}

/** Whether an address is at the portal or at its OAuth server. */
export const isOfPortal = (portal: Portal, url: string): boolean =>
  [portal.origin, new URL(portal.oauth.issuer).origin].includes(new URL(url).origin);
