/** What to do about the errors that a worker shows in its own console. */
import type { ErrorCode, ErrorMessage, Facts } from './error-codes.js';

/** The portal or server of a message. */
export const at = ({ origin }: Facts): string => origin ?? 'the portal';

/** Code → what to do. */
export const consoleErrorTexts = {
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
    'A registration has the persistence "sealed", and the worker\'s script came without keys. Serve it through sealWorkerScript (identity-worker/server), or choose another persistence.',
  'part-missing': (f) =>
    `The worker lacks the part "${f.field ?? ''}", which an option or a page needs. Add it to the option "parts", or import IdentityWorker from "identity-worker/sw", which has all parts.`,
  'registrations-overlap': (f) =>
    `Two registrations own the same URLs at ${at(f)}. Remove one, or narrow its url or resources.`,
  'internal-error': () => 'The worker failed in a way it should not. Please report what led to it.',
} satisfies Partial<Record<ErrorCode, ErrorMessage>>;
