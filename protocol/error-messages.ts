/** What to do about every error: pages load it when something has failed. */
import { at, consoleErrorTexts } from './console-error-texts.js';
import type { ErrorCode, ErrorMessage, Facts } from './error-codes.js';
import { chunkMissingMessage } from './chunk-missing-message.js';

/** The worker's script of a message. */
const script = ({ path }: Facts, article = 'The'): string =>
  path === undefined ? `${article} worker script` : `${article} worker script ${path}`;

/** Code → what to do. */
export const errorMessages = {
  ...consoleErrorTexts,
  ...chunkMissingMessage,
  'portal-not-registered': (f) =>
    `No portal is registered for ${at(f)}. Add it to the portals of the worker.`,
  'portal-ambiguous': () => 'Several portals are registered. Name the one that is meant by its URL.',
  'storage-partitioned': () =>
    'The browser keeps what this frame of another site stores apart from the sign-in window. Open the app in a window of its own, or let the page take the code (callback: "page").',
  'sign-out-unsupported': (f) =>
    `${at(f)} names no page that ends its own session. The person is signed out of this app only.`,
  'service-worker-unsupported': () =>
    'This browser offers no service worker here (old browser, private window or policy). Sign-in needs one.',
  'context-insecure': () => 'Service workers need https or a loopback address. Serve this page over https.',
  'worker-missing': () =>
    "No service worker is registered for this page. Register the app's worker, or pass its URL to IdentityManager.instance({ worker }).",
  'worker-script-missing': (f) =>
    `${script(f)} was answered with status ${f.status ?? 'unknown'}. Put the file there, or correct its URL.`,
  'worker-script-refused': (f) =>
    `The browser did not start ${script(f, 'the')}, which the server seals. If the console of the worker shows an error, correct it. If not, the server refused the script: allow cookies of this site, and register a classic worker, because browsers fetch module workers without cookies.`,
  'worker-script-wrong-type': (f) =>
    `${script(f)} was answered as "${f.mimeType ?? ''}". Serve it as text/javascript.`,
  'worker-scope-refused': (f) =>
    `${script(f)} may not control ${f.scope ?? 'the wished scope'}. Move it up, or send the header Service-Worker-Allowed with it.`,
  'worker-blocked': (f) =>
    `The browser refused to load ${script(f, 'the')} by policy. Allow it in worker-src of the page's Content-Security-Policy and in the site settings.`,
  'worker-script-failed': (f) =>
    `${script(f)} threw while it started. Its message is in the console of the worker.`,
  'worker-unreachable': () =>
    'The worker did not answer. Reload the page; if it stays so, the worker of this site is not an Identity Worker.',
  'worker-restarted': () =>
    'The worker was stopped while it answered, and again when asked anew. Try once more.',
  'page-uncontrolled': (f) =>
    `The worker is active but does not control this page: it lies outside the scope ${f.scope ?? 'of the worker'}, or the worker may not claim it.`,
  'protocol-mismatch': (f) =>
    `The page speaks protocol ${f.pageVersion ?? '?'}, the worker ${f.workerVersion ?? '?'}. Reload all tabs of this site.`,
  'page-refused': () => "Only pages of the worker's own origin may talk to it.",
  'authorization-url-unknown': () =>
    'No open sign-in has this authorization URL or state. Start a new sign-in; an answer is taken once.',
  'code-missing': () => 'The authorization code is empty. Paste the whole code that the portal shows.',
  'code-reused': () => 'This sign-in was answered before. Start a new sign-in; a code is good once.',
  'code-refused': (f) =>
    `${at(f)} refused the authorization code (${f.oauthError ?? 'no reason given'}). Start a new sign-in.`,
  'access-denied': (f) => `The sign-in to ${at(f)} was declined. Offer to try again.`,
  'challenge-cancelled': (f) => `The sign-in to ${at(f)} was closed before it finished. Offer to try again.`,
  'login-required': (f) =>
    `${at(f)} signs nobody in without asking, or the browser keeps it from knowing who is there. Offer a button that calls signIn.`,
  'sign-in-interrupted': (f) =>
    `The worker stopped while it redeemed the code of ${at(f)}. Start a new sign-in; a code is never sent twice.`,
  'issuer-mismatch': (f) =>
    `The answer to the sign-in does not come from ${at(f)} (RFC 9207). It was refused; start a new sign-in.`,
  'authorization-failed': (f) =>
    `${at(f)} ended the sign-in with an error (${f.oauthError ?? 'unnamed'}). Check the app's registration at the portal.`,
  'portal-unreachable': (f) =>
    `${at(f)} could not be reached, or answered something else than a token. Nothing was lost; try again later. If it never works, check that the portal allows this site's origin.`,
} satisfies Record<ErrorCode, ErrorMessage>;
