/** What to do about every error: pages load it when something has failed. */
import type { ErrorCode, ErrorMessage, Facts } from './error-codes.js';
import { chunkMissingMessage } from './chunk-missing-message.js';

/** The portal or server of a message. */
const at = ({ origin }: Facts): string => origin ?? 'the portal';

/** The authorization server of a message. */
const issuer = ({ issuer: name, origin }: Facts): string => name ?? origin ?? 'The authorization server';

/** The worker's script of a message. */
const script = ({ path }: Facts, article = 'The'): string =>
  path === undefined ? `${article} worker script` : `${article} worker script ${path}`;

/** Code → what to do. */
export const errorMessages = {
  'portal-url-invalid': (f) =>
    `The option "${f.field ?? 'url'}" is not an absolute URL. Give the whole address, such as https://gis.example.org/portal.`,
  'portal-insecure': (f) => `${at(f)} is not https. Use https, or a loopback address while developing.`,
  'client-id-missing': (f) =>
    `The registration of ${at(f)} has no client id. Give the id the portal issued when the app was registered there.`,
  'redirect-uri-invalid': () =>
    'The redirect URI is not a URL. Give a path of this site, such as /signed-in.html, or urn:ietf:wg:oauth:2.0:oob.',
  'redirect-uri-outside-scope': (f) =>
    `The redirect URI ${f.path ?? ''} is outside the worker's scope ${f.scope ?? ''}. Choose a page inside the scope, or widen the scope.`,
  'option-invalid': (f) =>
    `The option "${f.field ?? ''}" has a value that is not allowed. See the documentation of this option.`,
  'injected-keys-missing': () =>
    'Sealed credentials need the keys that the server injects into the script of the worker, and it has none. Serve the script through sealWorkerScript (identity-worker/server), or choose another persistence.',
  'part-missing': (f) =>
    `The worker lacks the part "${f.field ?? ''}", which an option or a page needs. Add it to the option "parts", or import IdentityWorker from "identity-worker/sw", which has all parts.`,
  'registrations-overlap': (f) =>
    `Two registrations match the same URLs at ${at(f)}. Remove one, or narrow its url or resources.`,
  ...chunkMissingMessage,
  'portal-not-registered': (f) =>
    `No portal is registered for ${at(f)}. Add it to the portals of the worker.`,
  'portal-ambiguous': () => 'Several portals are registered. Pass the URL of one as portal.',
  'storage-partitioned': () =>
    'The browser keeps what this frame of another site stores apart from the sign-in window. Open the app in a window of its own, or let the page take the code (callback: "page").',
  'callback-page-missing': (f) =>
    `The sign-in window came back from ${at(f)}, and the page at the redirect URI did not take the response. Serve a page at this address that calls completeSignIn. If there is one, another page is shown in its place: have the server and the app's own worker (NavigationRoute, navigateFallback) leave this address alone, and let it ask for no other sign-in.`,
  'sign-out-unsupported': (f) =>
    `${at(f)} names no page that ends its own session. The user is signed out of this app only.`,
  'service-worker-unsupported': () =>
    'This browser offers no service worker here (old browser, private window or policy). Sign-in needs one.',
  'context-insecure': () => 'Service workers need https or a loopback address. Serve this page over https.',
  'worker-missing': () =>
    "No service worker is registered for this page. Register the app's worker, or pass its URL to IdentityManager.instance({ worker }).",
  'worker-script-missing': (f) =>
    `${script(f)} was answered with status ${f.status ?? 'unknown'}. Put the file there, or correct its URL.`,
  'worker-script-redirected': (f) =>
    `${script(f)} is redirected, which browsers do not accept for a worker. If it is sent to a sign-in page of the site, or of another one, have the server answer it without a sign-in. If it has moved, register its new URL.`,
  'worker-script-forbidden': (f) =>
    `${script(f)} was answered with status ${f.status ?? 'unknown'}: the server wants a sign-in first, or forbids the file. Have it answer the file without a sign-in, or register the worker when the user has signed in to the site.`,
  'worker-script-unavailable': (f) =>
    f.status === undefined
      ? `${script(f)} could not be fetched. If the device is offline, try again later; the worker that was installed before goes on.`
      : `The server could not answer ${script(f, 'the')} (status ${f.status}). Try again later; if it stays so, look at the log of the server.`,
  'worker-script-refused': (f) =>
    `The browser did not start ${script(f, 'the')}, which the server seals. If the console of the worker shows an error, correct it. If not, the server refused the script: allow cookies of this site, register a classic worker, because browsers fetch module workers without cookies, and use https: Safari keeps no Secure cookie on http://localhost.`,
  'worker-script-wrong-type': (f) =>
    f.mimeType === 'text/html'
      ? `${script(f)} was answered with a page. If the file is not there, and the server answers unknown addresses with the app's page, put the file there, or correct its URL. If it is a sign-in page, have the server answer the file without a sign-in.`
      : `${script(f)} was answered as "${f.mimeType ?? ''}". Serve it as text/javascript.`,
  'worker-scope-refused': (f) =>
    `${script(f)} may not control ${f.scope ?? 'the requested scope'}. Move it up, or send the header Service-Worker-Allowed with it.`,
  'worker-scope-mismatch': (f) =>
    `${script(f)} works under the scope ${f.onlyScope ?? 'of its server'} only, not under ${f.scope ?? 'the requested one'}. Register it for that scope, or name yours in the option "scope" of sealWorkerScript.`,
  'worker-scope-shared': (f) =>
    `Two worker scripts take turns under the scope ${f.scope ?? ''}: ${f.path ?? 'that of this page'}, and ${f.found ?? 'another one'}. If both are of this app, or one is its next version, let all its pages register the same URL, query included. If two apps share this site, give each a scope of its own, such as its folder.`,
  'worker-blocked': (f) =>
    `The browser refused to load ${script(f, 'the')} by policy. Allow it in worker-src of the page's Content-Security-Policy and in the site settings.`,
  'worker-script-failed': (f) =>
    `${script(f)} was not installed: it threw while it started, a handler of its install event failed, or the browser stopped it. Its message is in the console of the worker. If there is none, reload the page.`,
  'embedder-policy-missing': (f) =>
    `This page has the header Cross-Origin-Embedder-Policy: credentialless, ${script(f, 'the')} has not: images of other sites stay blank, those that need no sign-in too. Send the same header with the script.`,
  'layer-unsupported': (f) =>
    `A layer of ${at(f)} cannot be saved: it has no cache of tiles, tiles in a projection other than Web Mercator or degrees, or features that cannot be asked for in pages. Leave it out, or list the addresses that the app requests.`,
  'worker-unreachable': () =>
    'The worker did not answer. Reload the page; if it stays so, the worker of this site is not an Identity Worker.',
  'worker-restarted': () =>
    'The browser stopped the worker during the call, and during every repetition. Try again.',
  'page-uncontrolled': (f) =>
    `The worker is active but does not control this page: it lies outside the scope ${f.scope ?? 'of the worker'}, or the worker may not claim it.`,
  'protocol-mismatch': (f) =>
    `The page speaks protocol ${f.pageVersion ?? '?'}, the worker ${f.workerVersion ?? '?'}. ${
      Number(f.pageVersion) < Number(f.workerVersion)
        ? 'The page is the older one: reload it. If it stays so, a cache has kept the page, or the server has the worker of a newer version than the page.'
        : 'The worker is the older one, and its next version could not take its place: end the sign-in that is open in another tab, then reload this page. If it stays so, close all tabs of this site; after that, the server has the worker of an older version than the page.'
    }`,
  'storage-unavailable': (f) =>
    `The worker cannot use its database (${f.name ?? 'no reason given'}). Users stay signed in until the worker stops, and have to sign in again then. Free storage, or clear the data of this site.`,
  'storage-rebuilt': () =>
    'What lay in the worker’s database could not be used and is replaced. Users have to sign in again. If the level is "sealed", its cookie or its secret has changed. If not, look for code of this site that opens databases named “identity-worker:”.',
  'quota-insufficient': () =>
    'The browser gives this site too little storage for the area. Remove a saved area, or save a smaller one or fewer levels.',
  'area-lost': () =>
    'The area is not there, or no longer: it was removed, its user has signed out, another user has signed in, or the storage of this site was cleared. Save it again.',
  'cache-unavailable': (f) =>
    `The worker cannot keep answers in Cache Storage (${f.name ?? 'no reason given'}). Requests go on without it. Free storage, ask for persistent storage, or keep less: options of offline().`,
  'internal-error': (f) =>
    `Identity Worker failed in a way it should not${f.name === undefined ? '' : ` (${f.name}${f.stack === undefined ? '' : ` at ${f.stack}`})`}. Please report it with this message and what led to it.`,
  'authorization-url-unknown': () =>
    'No open sign-in has this authorization URL or state. Start a new sign-in; an answer is taken once.',
  'response-misplaced': (f) =>
    `The answer of ${at(f)} did not come as this sign-in has to end. With callback: "worker" the worker takes it from the navigation to the callback page: in a window, or in a frame for a silent sign-in. A page that takes codes itself registers callback: "page".`,
  'code-missing': () => 'The authorization code is empty. Paste the whole code that the portal shows.',
  'code-reused': () => 'This sign-in was answered before. Start a new sign-in; a code is good once.',
  'code-refused': (f) =>
    `${at(f)} refused the authorization code (${f.oauthError ?? 'no reason given'}). Start a new sign-in.`,
  'access-denied': (f) => `The sign-in to ${at(f)} was declined. Offer to try again.`,
  'challenge-cancelled': (f) => `The sign-in to ${at(f)} was closed before it finished. Offer to try again.`,
  'login-required': (f) =>
    `${at(f)} cannot sign the user in without asking: it has no session with this browser, or the browser withholds its cookies. Offer a button that calls signIn.`,
  'sign-in-interrupted': (f) =>
    `The worker stopped while it redeemed the code of ${at(f)}. Start a new sign-in; a code is never sent twice.`,
  'sign-in-required': (f) =>
    `A request of the worker’s own to ${at(f)} needs a signed-in user, and a worker cannot ask one. Send it again when a user has signed in.`,
  'issuer-mismatch': (f) =>
    `The answer to the sign-in does not come from ${at(f)} (RFC 9207). It was refused; start a new sign-in.`,
  'authorization-failed': (f) =>
    `${at(f)} ended the sign-in with an error (${f.oauthError ?? 'unnamed'}). Check the app's registration at the portal.`,
  'portal-unreachable': (f) =>
    `${at(f)} could not be reached, or answered something else than a token. Nothing was lost; try again later. If it never works, check that the portal allows this site's origin.`,
  'local-network-blocked': (f) =>
    `${at(f)} could not be reached, and this site may not reach the user's local network. If the server is in that network, the user allows "Local network access" in the browser's settings of this site; around a frame, the page has to allow it as well: <iframe allow="local-network-access">. Managed browsers have a policy for it (LocalNetworkAccessAllowedForUrls).`,
  'edit-not-kept': (f) =>
    `An edit could not be kept for later (${f.name ?? 'no reason given'}), and failed as without a worker. Free storage, and send it again.`,
  'edit-waits-for-sign-in': (f) =>
    `The user who made this edit is not signed in to ${at(f)}. It is sent when they have signed in.`,
  'edit-of-other-user': (f) =>
    `Another user of ${at(f)} made this edit. It is sent when that user has signed in, and only they can discard it.`,
  'edit-delayed': (f) =>
    `${at(f)} could not take the edit yet${f.status === undefined ? '' : ` (status ${f.status})`}. It is sent again later.`,
  'edit-refused': (f) =>
    `${at(f)} refused the edit (status ${f.status ?? 'unknown'}). It is kept, and so are the later ones for the same service: correct the cause and retry it, or discard it.`,
  'edit-partly-refused': (f) =>
    `${at(f)} refused ${f.count ?? 'some'} of the changes of the edit. It is kept: look at the layer before you retry it, because changes that it took would be made twice. Send the rest as a new edit, and discard this one.`,
  'edit-service-gone': (f) =>
    `The service of the edit is gone from ${at(f)} (status ${f.status ?? 'unknown'}). The edit is kept: retry it when the service is back, or discard it.`,
  'edit-unconfirmed': (f) =>
    `${at(f)} answered the edit with something that does not say whether it was taken (${f.mimeType ?? 'no type'}). It is kept: look at the layer before you retry it. Edits that ask for JSON (f=json) are answered clearly.`,
  'answer-unusable': (f) =>
    `${at(f)} answered something that cannot be kept (status ${f.status ?? 'unknown'}, "${f.mimeType ?? ''}"). If it is a sign-in page of the network, sign in to the network; if the layer is gone, leave it out. Then save again: what was kept is skipped.`,
  'save-interrupted': (f) =>
    `${at(f)} could not be reached while the area was saved. Nothing that was kept is lost: resume when the network is back.`,
  'metadata-missing': (f) =>
    `${issuer(f)} names no endpoints: both addresses of its metadata were answered with status ${f.status ?? 'unknown'}, or with something else than JSON. Check the option "issuer", or give the endpoints by the option "endpoints".`,
  'metadata-unreadable': (f) =>
    `${issuer(f)} answers, but lets this site not read its metadata, or redirects them. Let it allow this origin (CORS), use the address that it redirects to, or give the endpoints by the option "endpoints".`,
  'metadata-issuer-differs': (f) =>
    f.found?.includes('{')
      ? `${issuer(f)} calls itself ${f.found} in its metadata: it speaks for many tenants. Register the issuer of one, with the tenant's own id in place of the braces: the two have to be the same (RFC 8414 §3.3).`
      : `${issuer(f)} calls itself ${f.found ?? 'nothing'} in its metadata. Register that issuer, if it is yours: the two have to be the same (RFC 8414 §3.3).`,
  'metadata-invalid': (f) =>
    `The metadata of ${issuer(f)} have no usable "${f.field ?? ''}". It has to be an https address.`,
  'pkce-unsupported': (f) =>
    `${issuer(f)} does not support the PKCE method S256, without which a code is not safe in a browser (RFC 9700 §2.1.1). Switch it on at the server.`,
  'par-endpoint-missing': (f) =>
    `${issuer(f)} takes pushed authorization requests only (RFC 9126), and its metadata name no endpoint for them. Correct its metadata, or give the endpoints by the option "endpoints".`,
  'par-unreadable': (f) =>
    `${issuer(f)} takes pushed authorization requests only (RFC 9126), and lets this site not send them. Let its endpoint for them allow this origin (CORS), as the token endpoint does.`,
  'par-refused': (f) =>
    `${issuer(f)} refused the authorization request that was pushed to it (${f.oauthError ?? 'unnamed'}). Check the app's registration there: client id, redirect URI, scope, and the parameters that the app adds.`,
  'dpop-required': (f) =>
    f.oauthError === undefined
      ? `${at(f)} binds the tokens of this app to a key (DPoP). Add dpop: true to its registration.`
      : `${at(f)} refused the authorization code (${f.oauthError}). It knows proofs of a key (DPoP): if it demands them of this app, add dpop: true to the registration. If it does not, start a new sign-in.`,
  'dpop-unsupported': (f) =>
    `${at(f)} does not bind tokens to a key of ours: it takes no proofs with ES256, or issues tokens that are not bound. Switch DPoP on at the server, or take dpop: true out of the registration.`,
  'dpop-refused': (f) =>
    `${at(f)} refused the proof of the key (${f.oauthError ?? 'unnamed'}). If the clock of this device is wrong, set it. If the server wants another nonce each time, or lets this site not read the header DPoP-Nonce (CORS), correct that there.`,
} satisfies Record<ErrorCode, ErrorMessage>;
