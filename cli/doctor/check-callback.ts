/** The callback page: whether it is there, is not the app in its place, and has the library. */
import { randomUUID } from 'node:crypto';
import { about, type Finding } from './finding.js';
import { NoAnswer, visit, type Answer } from './http.js';
import { elementsOf, hasLibrary, scriptsOf } from './scripts.js';
import { shown, tried, type Site } from './site.js';

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
