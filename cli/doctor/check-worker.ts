/** The worker's script: whether it is there, is a script of ours, and may control the page. */
import { about, type Finding } from './finding.js';
import { get, NoAnswer, type Answer } from './http.js';
import { hasLibrary } from './scripts.js';
import { workerFetch, workerText } from './setup.js';
import { shown, tried, type Site } from './site.js';

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
