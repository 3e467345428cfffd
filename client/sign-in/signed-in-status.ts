/** A line that tells in whose account the page works: the response to a sign-in may have been brought home by somebody else. */
import type { Wording } from './languages.js';

/** How long the line is shown, in ms, once the page is visible. */
const SHOWN_MS = 8_000;

const css = `:host { all: initial; }
p { position: fixed; inset: auto 0 1em; z-index: 2147483647; width: fit-content; max-width: calc(100vw - 4em); margin: auto; padding: .5em 1em;
  border: 1px solid #8886; border-radius: .5em; color: #fff; background: #1e2329; font: 1em/1.5 system-ui, sans-serif; overflow-wrap: anywhere; pointer-events: none; }
p:empty { visibility: hidden; }`;

/** Shows the line; screen readers announce it, and the focus stays where it is. */
export function showSignedIn(portal: string, username: string, { texts, lang, dir }: Wording): void {
  const host = document.createElement('identity-worker-status');
  const line = document.createElement('p');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  Object.assign(line, { lang, dir, ariaLive: 'polite' });
  root.append(line);
  document.body.append(host);
  // What is there from the beginning is not announced. Timers of a page in the background wait with it: nobody sees it there.
  requestAnimationFrame(() => {
    // Names are text whatever is in them, and may run in the other direction.
    const isolated = (name: string): string => `\u2068${name}\u2069`;
    line.textContent = `${texts.signedIn.replace('{portal}', () => isolated(portal))}: ${isolated(username)}`;
    setTimeout(() => host.remove(), SHOWN_MS);
  });
}
