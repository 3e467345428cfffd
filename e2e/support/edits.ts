/** An app whose edits wait for the network, and what its pages and its portal know of them. */
import type { PendingEdit } from 'identity-worker/offline';
import {
  expect,
  onePortal,
  serveApp,
  test as base,
  TestApp,
  type IdentityConfig,
  type Portal,
} from './fixtures.js';
import type { Outcome } from './in-page.js';

/** What tests look at of an edit that waits. */
interface Waiting {
  readonly state: string;
  readonly code?: string;
  readonly username?: string;
  readonly status?: number | undefined;
}

/** Notes: a layer to which every user may add, and whose features only their author may change. */
const notes = (app: TestApp, service = 'Notes'): string => app.hosted(`${service}/FeatureServer/0`);

export class EditingApp extends TestApp {
  /** Address of the worker. */
  worker = '/edits-worker.js';

  /** Opens the app with its own worker. */
  override async open(): Promise<void> {
    // Reports of edits are not faults of the worker.
    this.expectedFaults.push('IdentityError: edit-');
    await super.open(`/?worker=${encodeURIComponent(this.worker)}`);
    await this.loadEdits();
  }

  async loadEdits(): Promise<void> {
    await this.runText('import("/edits.js").then(() => null)');
  }

  /** Sends an edit as page code does. */
  edit(fields: Readonly<Record<string, unknown>>, service?: string): Promise<Outcome> {
    const body = new URLSearchParams({ f: 'json', rollbackOnFailure: 'false' });
    for (const [name, value] of Object.entries(fields))
      body.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    return this.fetch(`${notes(this, service)}/applyEdits`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
  }

  /** Adds a note. @returns The status that the page gets, or the name of the error. */
  async add(text: string, service?: string): Promise<number | string> {
    const outcome = await this.edit({ adds: [note(text)] }, service);
    return 'error' in outcome ? outcome.error : outcome.status;
  }

  /** The edits that wait. */
  async waiting(): Promise<Waiting[]> {
    const edits = await this.run<PendingEdit[]>(async () =>
      (await window.edits.list()).map((edit) => ({
        ...edit,
        ...(edit.error && { error: { code: edit.error.code, facts: edit.error.facts } as typeof edit.error }),
      })),
    );
    return edits.map(({ state, username, error }) => ({
      state,
      ...(username === undefined ? {} : { username }),
      ...(error ? { code: error.code } : {}),
      ...(error?.facts.status === undefined ? {} : { status: error.facts.status }),
    }));
  }

  /** Tells the worker that the network is back, as a page does that comes online. */
  async comeOnline(): Promise<void> {
    await this.run(() => dispatchEvent(new Event('online')));
  }

  /** The same app in another tab. */
  async newEditingTab(): Promise<EditingApp> {
    const tab = new EditingApp(await this.page.context().newPage(), this.portal, this.url);
    await tab.page.goto(this.page.url());
    await tab.ready();
    await tab.loadEdits();
    return tab;
  }

  /** Has the browser's Background Sync fire. */
  async dispatchSync(): Promise<void> {
    const cdp = await this.page.context().newCDPSession(this.page);
    const registration = new Promise<string>((resolve) => {
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) =>
        resolve(first?.registrationId ?? ''),
      );
    });
    await cdp.send('ServiceWorker.enable');
    await cdp.send('ServiceWorker.dispatchSyncEvent', {
      origin: this.url,
      registrationId: await registration,
      tag: 'workbox-background-sync:identity-worker:/:edits',
      lastChance: false,
    });
    await cdp.detach();
  }

  /** Has the worker stopped and started. */
  async restartWorker(): Promise<void> {
    await this.stopWorker();
    await this.waiting();
  }
}

/** A note as ArcGIS clients send it. */
export const note = (text: string, globalId?: string): Record<string, unknown> => ({
  geometry: { x: 8, y: 47, spatialReference: { wkid: 4326 } },
  attributes: { TEXT: text, ...(globalId === undefined ? {} : { GLOBALID: globalId }) },
});

/** The notes that tests have added, in the order in which the portal took them: `author: text`. */
export async function notesAt(app: EditingApp): Promise<string[]> {
  const query = 'query?where=OBJECTID%3E2&outFields=TEXT,CREATOR&orderByFields=OBJECTID&f=json';
  const { features } = (await app.fetchJson(`${notes(app)}/${query}`)) as {
    features: { attributes: { TEXT: string; CREATOR: string } }[];
  };
  return features.map(({ attributes: { TEXT, CREATOR } }) => `${CREATOR}: ${TEXT}`);
}

/** How often edits were sent to the portal, and by whom. */
export const sentBy = (portal: Portal, service = 'Notes'): (string | undefined)[] =>
  portal.log
    .requests({ method: 'POST', path: new RegExp(`/${service}/.*/applyEdits$`) })
    .map(({ user }) => user);

/** Fails the requests of edits as a lost network does. @returns Ends it. */
export const cutEdits = (portal: Portal): (() => void) => portal.control.fault(/applyEdits$/, { drop: true });

export const test = base.extend<{ editConfig: IdentityConfig; workerFile: string; app: EditingApp }>({
  editConfig: [onePortal, { option: true }],
  workerFile: ['/edits-worker.js', { option: true }],
  app: async ({ page, portal, editConfig, workerFile }, use) => {
    const server = await serveApp(portal, { config: editConfig });
    const app = new EditingApp(page, portal, server.url);
    app.worker = workerFile;
    await use(app);
    app.expectNothingLeaked();
    await server.close();
  },
});

export { expect };
