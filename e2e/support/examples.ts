/** Examples as a user has them: the packed package in a project of its own, and what the user of the app does first. */
import type { TestType } from '@playwright/test';
import { expect, test as base, TestApp, type TestArgs, type WorkerArgs } from './fixtures.js';
import { createPackedProject, type PackedProject, type ProjectServer } from './packed-project.js';

interface Example {
  project: PackedProject;
  /** Opens the app, and signs in by the window of the dialog. */
  visit: (server: ProjectServer, callbackPage?: string, shown?: RegExp) => Promise<TestApp>;
}

interface ExampleArgs {
  /** Makes the project of an example. */
  open: (name: string) => Example;
}

interface ExampleOptions {
  /** Folder that packages of the examples are linked from. */
  packages: string;
  projects: (name: string) => PackedProject;
}

export const test: TestType<TestArgs & ExampleArgs, WorkerArgs & ExampleOptions> = base.extend<
  ExampleArgs,
  ExampleOptions
>({
  packages: ['examples/node_modules', { option: true, scope: 'worker' }],

  projects: [
    async ({ sharedPortal, packages }, use) => {
      const made: PackedProject[] = [];
      const replacements = {
        'https://gis.example.org/portal': sharedPortal.url,
        'https://gis.example.org/server': sharedPortal.serverUrl,
        'my-client-id': 'idw-demo',
      };
      await use((name) => {
        const project = createPackedProject(`examples/${name}`, { replacements, packages });
        made.push(project);
        return project;
      });
      await Promise.all(made.map((project) => project.remove()));
    },
    { scope: 'worker' },
  ],
  open: async ({ page, portal, projects }, use) => {
    const servers: ProjectServer[] = [];
    await use((name) => ({
      project: projects(name),
      visit: async (server, callbackPage = '/signed-in.html', shown = /"count":\d+/) => {
        servers.push(server);
        portal.addRedirectUri(server.url + callbackPage);
        const app = new TestApp(page, portal, server.url);
        await page.goto(server.url);
        await app.fillIn(await app.openWindowFromDialog(), 'ana');
        await expectLayer(app, shown);
        return app;
      },
    }));
    for (const server of servers) await server.close();
  },
});

/** The answer of the secured layer is in the page. */
export const expectLayer = ({ page }: TestApp, shown = /"count":\d+/): Promise<void> =>
  expect(page.locator('output')).toHaveText(shown);

/** The user is known after the worker was stopped and the page was left. */
export async function expectSessionKept(app: TestApp): Promise<void> {
  await app.stopWorker();
  await app.page.reload();
  await expectLayer(app);
}
