/** What the doctor looks at by requests alone: worker, callback page, policies, sealing, the portal's settings. */
import { randomBytes, createHash, randomUUID } from 'node:crypto';
import { about, type Finding } from './finding.js';
import { get, NoAnswer, visit, type Answer } from './http.js';
import { forbids, policiesOf } from './policy.js';
import { elementsOf, hasLibrary, scriptsOf } from './scripts.js';
import { workerFetch, workerText, type Setup } from './setup.js';

/** What has been loaded. */
export interface Site {
  readonly page: Answer;
  readonly setup: Setup;
  /** `name=value` of the cookie that identifies the browser to a sealing server; empty where there is none. */
  readonly cookie: string;
}

const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);

export function checkHttps({ page: { url } }: Site): Finding[] {
  const { ok, fault } = about('HTTPS');
  if (url.protocol === 'https:') return [ok('the page comes by https.')];
  if (isLoopback(url)) return [ok('the page comes by http from this machine, which browsers trust.')];
  return [
    fault(
      'the page comes by http, where browsers have no service workers.',
      'Serve the site by https, and redirect http to it.',
    ),
  ];
}

const javaScript = /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/;

export async function checkWorker({ page, setup, cookie }: Site): Promise<Finding[]> {
  const { ok, fault } = about('Worker');
  const { worker } = setup;
  if (!worker)
    return [
      fault(
        'the page names no worker, and none is at the usual addresses.',
        'Call IdentityManager.instance({ worker: "/worker.js" }) in the page, or name the worker here: --worker /path.js.',
      ),
    ];
  const path = worker.pathname;
  if (worker.origin !== page.url.origin)
    return [
      fault(
        `${worker.href} is at another origin.`,
        'A service worker comes from the origin of its pages: put the file there.',
      ),
    ];
  const answer = await tried(() => get(worker, { ...workerFetch, ...(cookie === '' ? {} : { cookie }) }));
  if (answer instanceof NoAnswer)
    return [fault(`${path}: ${answer.message}.`, 'Look at the server that should send it.')];
  const { status, mimeType, headers } = answer;
  if (answer.location)
    return [
      fault(
        `${path} redirects to ${shown(answer.location)}: browsers refuse the script of a worker that redirects.`,
        'Serve the script at this address itself, without a login in front of it.',
      ),
    ];
  const refusal = headers.get('identity-worker-refusal');
  if (refusal !== null)
    return [
      fault(
        `the server refuses ${path}: ${refusal}.`,
        'Pages have to come with the cookie of issueSealCookie, and the proxy has to pass on cookies and Sec-Fetch headers: see docs/server.md.',
      ),
    ];
  if (status === 401 || status === 403)
    return [
      fault(
        `${path} answers ${status}: browsers fetch a worker without what the page may be signed in with.`,
        'Serve the script without a login. It holds no secret.',
      ),
    ];
  if (status !== 200)
    return [
      fault(`${path} answers ${status}.`, 'Put the built worker there, or correct its path in the page.'),
    ];
  if (!javaScript.test(mimeType))
    return [
      mimeType === 'text/html'
        ? fault(
            `${path} is answered with a page (text/html): there is no such file, and the server sends the app instead.`,
            'Put the built worker there, and except its path from the fallback to the app.',
          )
        : fault(
            `${path} has the type "${mimeType}".`,
            'Send it as text/javascript: browsers refuse all other types.',
          ),
    ];
  const findings = [ok(`${path} is a script.`)];
  if (!hasLibrary([await workerText(worker, cookie)]))
    findings.push(
      fault(
        `${path} has no Identity Worker in it.`,
        'Import identity-worker/sw in it and call listen(), or correct its path in the page.',
      ),
    );
  const widest = new URL(headers.get('service-worker-allowed') ?? './', worker).pathname;
  const scope = setup.scope ?? page.url.pathname;
  if (!scope.startsWith(widest))
    findings.push(
      fault(
        `a worker at ${path} may not control ${scope}, only what is below ${widest}.`,
        'Put the script at the root of the app, or send it with the header Service-Worker-Allowed: /.',
      ),
    );
  return [...findings, ...embedderPolicy(page, answer)];
}

/** A worker fetches by its own policy what a page with one could not show. */
function embedderPolicy(page: Answer, script: Answer): Finding[] {
  const policy = page.headers.get('cross-origin-embedder-policy')?.split(';', 1)[0]?.trim() ?? 'unsafe-none';
  if (policy === 'unsafe-none') return [];
  const { ok, fault } = about('Cross-Origin-Embedder-Policy');
  const own = script.headers.get('cross-origin-embedder-policy')?.split(';', 1)[0]?.trim() ?? 'unsafe-none';
  return own === 'unsafe-none'
    ? [
        fault(
          `pages have ${policy}, and the worker's script has none: images of other servers stay blank.`,
          `Send the script with Cross-Origin-Embedder-Policy: ${policy} too.`,
        ),
      ]
    : [ok(`pages have ${policy}, the worker's script ${own}.`)];
}

export function checkOpener({ page }: Site): Finding[] {
  const policy = page.headers.get('cross-origin-opener-policy')?.split(';', 1)[0]?.trim();
  const { ok, warning } = about('Cross-Origin-Opener-Policy');
  if (policy === undefined) return [];
  return policy.startsWith('same-origin') && policy !== 'same-origin-allow-popups'
    ? [
        warning(
          `pages have ${policy}, which severs the sign-in window from the page: the page does not see that a user closes it.`,
          'Send same-origin-allow-popups where the page does not need to be isolated.',
        ),
      ]
    : [ok(`pages have ${policy}.`)];
}

export async function checkCallback({ page, setup }: Site): Promise<Finding[]> {
  const { ok, fault, skipped } = about('Redirect URI');
  const { redirectUri: uri } = setup;
  if (!uri) return [skipped('the worker does not tell it. Name it: --redirect-uri /signed-in.html.')];
  if (uri.protocol === 'urn:') return [skipped('the portal shows the code to the user.')];
  if (uri.origin !== page.url.origin)
    return [skipped(`${shown(uri)} is at another origin. Call the doctor for that one too.`)];
  const answer = await tried(() => visit(uri));
  if (answer instanceof NoAnswer)
    return [fault(`${answer.message}.`, 'Look at the server that should send it.')];
  if (answer.location)
    return [
      fault(
        `${uri.pathname} redirects to ${shown(answer.location)}.`,
        'Serve the callback page without a login in front of it: the sign-in ends there.',
      ),
    ];
  if (answer.status !== 200 || answer.mimeType !== 'text/html')
    return [
      fault(
        `${uri.pathname} answers ${answer.status}${answer.status === 200 ? ` with ${answer.mimeType || 'no type'}` : ''}: sign-ins end at a page that is not there.`,
        'Add the page, and have the build include it: Vite builds index.html alone unless it is told of more.',
      ),
    ];
  const nowhere = await tried(() => visit(new URL(`./${randomUUID()}.html`, uri)));
  if (!(nowhere instanceof NoAnswer) && nowhere.status === 200 && isSamePage(nowhere, answer))
    return [
      fault(
        `${uri.pathname} is answered with the app's page, as every address that does not exist: the sign-in window would show the app.`,
        'Add the page, have the build include it, and except it from the fallback to the app, of the server and of a worker with a navigation fallback.',
      ),
    ];
  const scripts = await scriptsOf(answer);
  return hasLibrary(scripts.values())
    ? [ok(`${uri.pathname} is a page with the library.`)]
    : [
        fault(
          `${uri.pathname} is a page without the library: the sign-in window would stay open.`,
          'Call completeSignIn() in a script of this page.',
        ),
      ];
}

/** Pages may differ in a nonce or a time. */
function isSamePage(one: Answer, other: Answer): boolean {
  const sources = ({ text }: Answer): string =>
    elementsOf(text, 'script')
      .map(({ attributes }) => attributes.get('src') ?? '')
      .join();
  return one.text === other.text || (sources(one) !== '' && sources(one) === sources(other));
}

export async function checkPolicies({ page, setup, cookie }: Site): Promise<Finding[]> {
  const { ok, fault, warning } = about('Content-Security-Policy');
  const { worker, portal } = setup;
  const meta = elementsOf(page.text, 'meta')
    .filter(({ attributes }) => attributes.get('http-equiv')?.toLowerCase() === 'content-security-policy')
    .map(({ attributes }) => attributes.get('content') ?? '');
  const policies = [page.headers.get('content-security-policy'), ...meta].flatMap((each) => policiesOf(each));
  const findings: Finding[] = [];
  const require = (
    of: typeof policies,
    whose: string,
    directive: string,
    url: URL | undefined,
    level: 'fault' | 'warning',
    need: string,
  ): void => {
    const by =
      url && of.map((policy) => forbids(policy, directive, url, page.url)).find((each) => each !== undefined);
    if (!url || by === undefined) return;
    const source = url.origin === page.url.origin ? "'self'" : url.origin;
    const make = level === 'fault' ? fault : warning;
    findings.push(make(`${by} of ${whose} forbids ${need}.`, `Add ${source} to ${directive}.`));
  };
  require(policies, 'the page', 'worker-src', worker, 'fault', 'the worker');
  require(policies, 'the page', 'connect-src', portal, 'fault', 'requests to the portal');
  require(policies, 'the page', 'frame-src', portal, 'warning', 'silent sign-ins, which need a frame');
  for (const policy of policies) {
    const sandbox = policy.get('sandbox');
    const missing = ['allow-scripts', 'allow-same-origin', 'allow-popups'].filter(
      (each) => !sandbox?.includes(each),
    );
    if (sandbox && missing.length > 0)
      findings.push(
        fault(
          `sandbox of the page forbids workers or the sign-in window.`,
          `Add ${missing.join(' ')} to sandbox, or leave it out.`,
        ),
      );
  }
  const script =
    worker && (await tried(() => get(worker, { ...workerFetch, ...(cookie === '' ? {} : { cookie }) })));
  if (script && !(script instanceof NoAnswer))
    require(policiesOf(
      script.headers.get('content-security-policy'),
    ), "the worker's script", 'connect-src', portal, 'fault', 'requests to the portal');
  if (findings.some(({ level }) => level === 'fault')) return findings;
  return [
    ...findings,
    ok(
      policies.length === 0
        ? 'the page has none; docs/server.md makes one.'
        : 'worker and portal are let in.',
    ),
  ];
}

/** Attributes of the cookie that a key is given for. */
const attributes = ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'];

export async function checkSeal({ page, setup }: Site): Promise<Finding[]> {
  const { ok, fault, warning } = about('Seal');
  const { worker } = setup;
  const plain = worker && (await tried(() => get(worker)));
  const isSealed = plain && !(plain instanceof NoAnswer) && plain.headers.has('identity-worker-refusal');
  if (!isSealed)
    return setup.isSealed
      ? [
          fault(
            'the registration has persistence "sealed", and the server gives the script to everybody.',
            'Serve it by sealWorkerScript of identity-worker/server.',
          ),
        ]
      : [];
  const cookie = sealCookie(page.headers);
  if (cookie === undefined)
    return [
      fault(
        'pages come without the cookie that identifies the browser.',
        'Send them through issueSealCookie.',
      ),
    ];
  const missing = attributes.filter(
    (each) => !cookie.toLowerCase().split(/;\s*/).includes(each.toLowerCase()),
  );
  if (missing.length > 0)
    return [
      fault(
        `the cookie has lost ${missing.join(', ')}.`,
        'Have the proxy in front of the app pass Set-Cookie on unchanged.',
      ),
    ];
  const other = await tried(() => get(new URL(`/${randomUUID()}.js`, page.url), workerFetch));
  return !(other instanceof NoAnswer) && other.headers.has('identity-worker-refusal')
    ? [ok('the script is sealed, its cookie is whole, other workers are refused.')]
    : [
        warning(
          'the script is sealed, and other workers are not refused: one that hostile script registers would see authorization codes.',
          'Mount guardWorkers of identity-worker/server in front of everything that serves files.',
        ),
      ];
}

export const sealCookie = (headers: Headers): string | undefined =>
  headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-Http-identity-worker='));

export async function checkPortal({ page, setup }: Site): Promise<Finding[]> {
  const { ok, fault, skipped } = about('Portal');
  const { portal, clientId, redirectUri } = setup;
  if (!portal || clientId === undefined || !redirectUri) {
    const missing = [
      ...(portal ? [] : ['--portal <url>']),
      ...(clientId === undefined ? ['--client-id <id>'] : []),
      ...(redirectUri ? [] : ['--redirect-uri <path>']),
    ];
    return [skipped(`the worker does not tell all of its registration. Name it: ${missing.join(' ')}.`)];
  }
  if (page.url.protocol === 'https:' && portal.protocol === 'http:' && !isLoopback(portal))
    return [
      fault(
        `${portal.href} is not https: browsers let no page of an https site go there.`,
        'Use the https address of the portal.',
      ),
    ];
  const url = new URL(`${portal.href.replace(/\/+$/, '')}/sharing/rest/oauth2/authorize`);
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri.href,
    state: 'doctor',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const answer = await tried(() => visit(url));
  if (answer instanceof NoAnswer)
    return [fault(`${answer.message}.`, "Correct the portal's address, or wait until it is up again.")];
  const problem = `${answer.location?.searchParams.get('error') ?? ''} ${answer.text}`;
  if (
    /redirect[_ ]uri/i.test(problem) &&
    /invalid|not registered|mismatch/i.test(problem) &&
    answer.status !== 200
  )
    return [notRegistered()];
  if (/invalid[_ ]redirect[_ ]uri/i.test(problem)) return [notRegistered()];
  if (/invalid[_ ]client(?:[_ ]id)?|unauthorized_client/i.test(problem))
    return [
      fault(
        `${portal.origin} does not know the client id "${clientId}".`,
        'Copy it from the settings of the item that you have registered the app with.',
      ),
    ];
  if (answer.status >= 400)
    return [
      fault(
        `${portal.href} answers ${answer.status} at its authorization endpoint.`,
        'Give the root address of the portal, such as https://gis.example.org/portal, or https://www.arcgis.com.',
      ),
    ];
  return [ok(`${portal.origin} accepts the client id with ${redirectUri.href}.`)];

  function notRegistered(): Finding {
    return fault(
      `${redirectUri?.href} is not registered with the client id "${clientId}".`,
      'Add this address, letter by letter, to the redirect URIs of the app in the portal.',
    );
  }
}

const shown = ({ origin, pathname }: URL): string => origin + pathname;

/** An answer, or why there is none. */
async function tried(act: () => Promise<Answer>): Promise<Answer | NoAnswer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}
