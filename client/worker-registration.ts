/** Registers the worker. */
import { identityError, type IdentityError } from '../protocol/errors.js';
import { trustedUrl } from './trusted-url.js';
import { failAfter, nextEvent } from './wait.js';

/** Loads what finds out why the browser did not register a worker: see diagnosis.ts. */
export type LoadDiagnosis = () => Promise<{
  diagnose(url: URL, scope: string | undefined, error: unknown): Promise<IdentityError>;
  sharedInstallation(scope: string, own: string, found: string): IdentityError | undefined;
}>;

/** Which worker controls the page. */
export interface WorkerSource {
  /** URL of the worker's script. Default: the worker that the app registers itself. */
  worker?: string | URL | undefined;
  /** Scope of the registration. Default: the folder of the script. */
  scope?: string | undefined;
  /** `module` for a worker script with imports. Default `classic`. */
  type?: WorkerType | undefined;
}

/** Tells the page's developer of something, if there is anything, that does not keep the worker from the page. */
export type Report = (error: IdentityError | undefined) => Promise<void>;

/** How often a worker is registered that did not install: the browser may have stopped it meanwhile. */
const INSTALL_ATTEMPTS = 3;

/** How long to wait for an app to register its own worker, in ms. */
const APP_REGISTRATION_MS = 30_000;

/**
 * The service workers of this browser.
 *
 * @throws ConfigurationError `context-insecure`, `service-worker-unsupported`.
 */
export function serviceWorkers(): ServiceWorkerContainer {
  if (!globalThis.isSecureContext) throw identityError('context-insecure');
  // Private windows of some browsers have no such property at all, others throw when it is read.
  let container: ServiceWorkerContainer | undefined;
  try {
    container = navigator.serviceWorker;
  } catch {
    container = undefined;
  }
  if (!container) throw identityError('service-worker-unsupported');
  return container;
}

/** Calls back whenever another worker, or another version, controls this page; never where there are none. */
export function onControllerChange(listener: () => void): void {
  try {
    serviceWorkers().addEventListener('controllerchange', listener);
  } catch {
    // `IdentityManager.ready` rejects with the reason.
  }
}

/**
 * The registration that is to control this page, with an active worker.
 *
 * @throws ConfigurationError `worker-script-missing`, `worker-script-redirected`, `worker-script-forbidden`, `worker-script-unavailable`, `worker-script-refused`, `worker-script-wrong-type`, `worker-scope-refused`, `worker-scope-mismatch`, `worker-blocked`, `worker-script-failed`, `worker-missing`.
 */
export async function activeRegistration(
  source: WorkerSource,
  loadDiagnosis: LoadDiagnosis,
  report: Report,
  findContainer = serviceWorkers,
): Promise<ServiceWorkerRegistration> {
  const container = findContainer();
  const { worker } = source;
  for (let attempt = 1; ; attempt += 1) {
    const registration =
      worker === undefined
        ? await appRegistration(container)
        : await register(container, worker, source, loadDiagnosis);
    const { scope, active, installing } = registration;
    // Another script has the scope; the same one would be an update.
    if (active && installing && active.scriptURL !== installing.scriptURL)
      // Awaited: it leaves a note for the next page of this tab, which may come at once.
      await loadDiagnosis().then(
        (chunk) => void report(chunk.sharedInstallation(scope, installing.scriptURL, active.scriptURL)),
        () => undefined,
      );
    const failed = await untilActive(registration);
    if (!failed) return registration;
    if (worker === undefined || attempt === INSTALL_ATTEMPTS)
      throw identityError('worker-script-failed', { path: new URL(failed.scriptURL).pathname });
  }
}

async function appRegistration(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
  return (
    (await container.getRegistration()) ??
    Promise.race([container.ready, failAfter(APP_REGISTRATION_MS, 'worker-missing')])
  );
}

async function register(
  container: ServiceWorkerContainer,
  worker: string | URL,
  { scope, type }: WorkerSource,
  loadDiagnosis: LoadDiagnosis,
): Promise<ServiceWorkerRegistration> {
  const options = { scope, type } as RegistrationOptions;
  try {
    return await container.register(trustedUrl(worker), options);
  } catch (error) {
    const reason = await (await loadDiagnosis()).diagnose(new URL(worker, document.baseURI), scope, error);
    if (!/^worker-(script-(refused|failed|unavailable)|blocked)$/.test(reason.code)) throw reason;
    // The first fetch of a sealed script brought the cookie that the second one is sealed for; or the browser has stopped the worker
    // while its script ran.
    return container.register(trustedUrl(worker), options).catch(() => Promise.reject(reason));
  }
}

/** @returns The worker that did not install; `undefined` once one is active. */
async function untilActive(registration: ServiceWorkerRegistration): Promise<ServiceWorker | undefined> {
  const worker = registration.installing ?? registration.waiting;
  while (!registration.active) {
    if (!worker) throw identityError('worker-missing');
    if (worker.state === 'redundant') return worker;
    await nextEvent(worker, 'statechange');
  }
  return undefined;
}
