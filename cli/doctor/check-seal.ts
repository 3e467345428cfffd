/** The seal: whether only browsers with its cookie get the worker's script, and no other script becomes a worker. */
import { randomUUID } from 'node:crypto';
import { about, type Finding } from './finding.js';
import { get, NoAnswer } from './http.js';
import { workerFetch } from './setup.js';
import { tried, type Site } from './site.js';

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
