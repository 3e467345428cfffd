/** Reports whose requests pass through the worker: this page, its frames, and what else of the origin the browser shows. */
import { plainUrl, type ClientInfo } from '../protocol/client-info.js';
import {
  fromWireError,
  isIdentityError,
  toWireError,
  type ErrorCode,
  type IdentityError,
} from '../protocol/errors.js';
import type { Connection } from './connection.js';
import { hasForeignParent } from './foreign-parent.js';
import { serviceWorkers } from './worker-registration.js';

/** Reason → what it means and what to do. Codes are public API: renaming one is a breaking change, rewording is not. */
const reasons = {
  controlled: () => 'Its requests pass through the worker.',
  'foreign-parent': () =>
    'The worker controls it, in a page of another origin. If that is another site, browsers keep storage apart there: who signs in elsewhere is not signed in here, and the other way round.',
  'worker-starting': () => 'The worker is not active yet. Await identity.ready.',
  'opened-before-worker': () =>
    'It was there before the worker, or was reloaded with Shift, and has not been claimed. Await identity.ready in it, or reload it.',
  'hard-reloaded': () =>
    'It was reloaded with Shift, which goes past every worker, and has not been claimed. Await identity.ready.',
  'outside-scope': (scope) => `It lies outside the worker's scope ${scope}. Widen the scope, or move it.`,
  'other-worker': () => 'Another service worker of this site controls it, with a scope that fits it better.',
  'worker-script-outside-scope': (scope) =>
    `Its script lies outside the worker's scope ${scope}, and a worker belongs where its script lies. Serve the script inside the scope, or start it from a blob.`,
  'opaque-origin': () =>
    'It is sandboxed, or a data: URL: its origin is no site, and no worker controls it. Add allow-same-origin, or load nothing secured in it.',
  'foreign-origin': () =>
    'It is a frame of another origin, or sandboxed by its own policy: a worker of this site has no hold on it.',
  'blank-frame': () => 'Workers control no about:blank and blob: frames. Use srcdoc, or a page of this site.',
  'object-frame': () => 'Workers control no documents of <object>. Use an <iframe>.',
} satisfies Record<string, (scope: string) => string>;

/** Why something is controlled or not. */
export type ClientReportReason = keyof typeof reasons;

/** All reasons, in the order of the documentation. */
export const clientReportReasons = Object.keys(reasons) as ClientReportReason[];

/** What a reason means and what to do, for developers. */
export const clientReportMessage = (reason: ClientReportReason, scope: string): string =>
  reasons[reason](scope);

/** Whether the requests of one page, frame or worker pass through the worker, and why not. */
export interface ClientReport extends ClientInfo {
  /** A reason, or the code of the error that keeps the worker from this page. */
  readonly reason: ClientReportReason | ErrorCode;
  /** What that means and what to do, for developers. */
  readonly message: string;
}

/** What the reasons are found by. */
interface Surroundings {
  readonly scope: string | undefined;
  /** URL of the active worker's script. */
  readonly script: string | undefined;
  /** Scopes of all workers of the origin. */
  readonly scopes: readonly string[];
}

/**
 * Looks at this page, its frames, and everything else of the origin. Never rejects.
 *
 * @param explain - Gives an error its message.
 * @returns This page first. Not among them: `data:` workers and what lies inside foreign frames, which no browser shows.
 */
export async function inspectClients(
  connection: Connection,
  explain: (error: IdentityError) => Promise<IdentityError>,
): Promise<readonly ClientReport[]> {
  const { registration, failure: unregistered } = await registrationOf(connection);
  const surroundings: Surroundings = {
    scope: registration?.scope,
    script: registration?.active?.scriptURL,
    scopes: await scopesOfOrigin(),
  };
  const others = registration?.active
    ? await connection.call('clients').catch(toIdentityError)
    : ([] as readonly ClientInfo[]);
  const reason = unregistered ?? (isIdentityError(others) ? others : undefined);
  const failure = reason && (await explain(reason));
  const frames = framesIn(document, surroundings);
  const elsewhere = isIdentityError(others) ? [] : without(others, frames);
  return [
    pageControl(surroundings, failure),
    ...frames.map(({ control }) => control),
    ...elsewhere.map((info) => control(info, whyOther(info, surroundings), surroundings)),
  ];
}

/** The registration as it is now: this is no place to wait for one. */
async function registrationOf(
  connection: Connection,
): Promise<{ registration?: ServiceWorkerRegistration | undefined; failure?: IdentityError }> {
  if (self.origin === 'null') return {};
  try {
    const container = serviceWorkers();
    const later = new Promise<undefined>((resolve) => setTimeout(resolve));
    const settled = await Promise.race([connection.registration, later]);
    return { registration: settled ?? (await container.getRegistration()) };
  } catch (error) {
    return { failure: toIdentityError(error) };
  }
}

async function scopesOfOrigin(): Promise<string[]> {
  try {
    return (await serviceWorkers().getRegistrations()).map(({ scope }) => scope);
  } catch {
    return [];
  }
}

const toIdentityError = (error: unknown): IdentityError =>
  isIdentityError(error) ? error : fromWireError(toWireError(error));

const control = (
  { kind, url, isControlled }: ClientInfo,
  reason: ClientReportReason,
  { scope }: Surroundings,
): ClientReport => ({
  kind,
  url,
  isControlled,
  reason,
  message: clientReportMessage(reason, scope === undefined ? '' : new URL(scope).pathname),
});

/** This page; what its own calls failed with says more than where it stands. */
function pageControl(surroundings: Surroundings, failure: IdentityError | undefined): ClientReport {
  const isControlled = isControlledBy(window, surroundings);
  const info: ClientInfo = {
    kind: window.parent === window ? 'page' : 'frame',
    url: plainUrl(location.href),
    isControlled,
  };
  if (self.origin === 'null') return control(info, 'opaque-origin', surroundings);
  if (failure) return { ...info, reason: failure.code, message: failure.message };
  if (!isControlled) return control(info, whyUncontrolled(window, surroundings), surroundings);
  return control(info, hasForeignParent() ? 'foreign-parent' : 'controlled', surroundings);
}

/** Whether the worker controls a page or frame of our own origin. */
function isControlledBy({ navigator }: Window, { script }: Surroundings): boolean {
  try {
    const { controller } = navigator.serviceWorker;
    return script !== undefined && controller?.scriptURL === script;
  } catch {
    // No service workers here, or none for this frame.
    return false;
  }
}

function whyUncontrolled(view: Window, surroundings: Surroundings): ClientReportReason {
  const { scope, script } = surroundings;
  if (scope === undefined) return 'worker-starting';
  const { href } = view.location;
  if (!href.startsWith(scope)) return 'outside-scope';
  if (isOthers(href, surroundings)) return 'other-worker';
  if (script === undefined) return 'worker-starting';
  return navigationOf(view)?.type === 'reload' ? 'hard-reloaded' : 'opened-before-worker';
}

const navigationOf = ({ performance }: Window): PerformanceNavigationTiming | undefined =>
  performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;

/** Whether a worker with a longer scope has the better right to an address (Service Workers, Match Service Worker Registration). */
const isOthers = (url: string, { scope = '', scopes }: Surroundings): boolean =>
  scopes.some((other) => other.length > scope.length && url.startsWith(other));

interface Frame {
  readonly control: ClientReport;
  /** As the worker's list has it; `undefined` for frames that are never in it. */
  readonly listedAs: string | undefined;
}

/** The frames of a document, and those in them. */
function framesIn(page: Document, surroundings: Surroundings): Frame[] {
  const elements = [...page.querySelectorAll<HTMLIFrameElement | HTMLObjectElement>('iframe, object')];
  return elements.flatMap((element) => {
    const view = element.contentWindow;
    // An <object> may hold a picture.
    if (!view) return [];
    const inside = documentOf(view);
    if (!inside) return [foreignFrame(element, surroundings)];
    return [ownFrame(element, view, surroundings), ...framesIn(inside, surroundings)];
  });
}

/** The document of a window of our own origin. */
function documentOf(view: Window): Document | undefined {
  try {
    return view.document;
  } catch {
    return undefined;
  }
}

function ownFrame(
  element: HTMLIFrameElement | HTMLObjectElement,
  view: Window,
  surroundings: Surroundings,
): Frame {
  const { href, protocol } = view.location;
  const isControlled = isControlledBy(view, surroundings);
  const isBlank = href === 'about:blank' || protocol === 'blob:';
  const reason = isControlled
    ? 'controlled'
    : isBlank
      ? 'blank-frame'
      : element.localName === 'object'
        ? 'object-frame'
        : whyUncontrolled(view, surroundings);
  // The worker knows a frame by the address it was opened with, and the app may have changed it since.
  const listedAs = plainUrl(navigationOf(view)?.name ?? href);
  return {
    control: control({ kind: 'frame', url: plainUrl(href), isControlled }, reason, surroundings),
    listedAs,
  };
}

/** A frame that cannot be looked into: what is known of it is how it was made. */
function foreignFrame(element: HTMLIFrameElement | HTMLObjectElement, surroundings: Surroundings): Frame {
  const url = plainUrl('src' in element ? element.src : element.data);
  const isSandboxed =
    'sandbox' in element && element.hasAttribute('sandbox') && !element.sandbox.contains('allow-same-origin');
  const reason = isSandboxed || url === 'data:' ? 'opaque-origin' : 'foreign-origin';
  return {
    control: control({ kind: 'frame', url, isControlled: false }, reason, surroundings),
    listedAs: undefined,
  };
}

/** What the worker has listed, without the frames that have been looked at already. */
function without(listed: readonly ClientInfo[], frames: readonly Frame[]): ClientInfo[] {
  const known = frames.map(({ listedAs }) => listedAs);
  return listed.filter(({ kind, url }) => {
    const index = kind === 'frame' ? known.indexOf(url) : -1;
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
}

/** Why something that only the worker sees is not controlled. */
function whyOther({ kind, url, isControlled }: ClientInfo, surroundings: Surroundings): ClientReportReason {
  if (isControlled) return 'controlled';
  const { scope = '' } = surroundings;
  // What has no address of its own got its worker from the page that made it.
  const isAddress = /^https?:/.test(url);
  if (isAddress && !url.startsWith(scope))
    return kind === 'worker' || kind === 'shared-worker' ? 'worker-script-outside-scope' : 'outside-scope';
  return isAddress && isOthers(url, surroundings) ? 'other-worker' : 'opened-before-worker';
}
