/** The examples for Vite as a user runs them: npm installs the packed package, Vite serves in development and what it has built. */
import { expect, test as base, TestApp } from '../support/fixtures.js';
import { createPackedProject, type PackedProject } from '../support/packed-project.js';

const test = base.extend<object, { projects: (name: string) => PackedProject }>({
  projects: [
    async ({ sharedPortal }, use) => {
      const made = new Map<string, PackedProject>();
      const replacements = {
        'https://gis.example.org/portal': sharedPortal.url,
        'https://gis.example.org/server': sharedPortal.serverUrl,
        'my-client-id': 'idw-demo',
      };
      await use((name) => {
        const project =
          made.get(name) ?? createPackedProject(`examples/${name}`, { replacements, isInstalled: true });
        made.set(name, project);
        return project;
      });
      await Promise.all(Array.from(made.values(), (project) => project.remove()));
    },
    { scope: 'worker' },
  ],
});

// In one process, so that each is installed once.
test.describe.configure({ mode: 'default' });

for (const name of ['vite', 'vite-plugin-pwa'])
  for (const command of ['dev', 'preview'] as const)
    test(
      `examples/${name} with vite ${command}: the user signs in in the window, and the layer is there`,
      {
        tag: '@user-interface',
      },
      async ({ page, portal, projects }) => {
        const project = projects(name);
        if (command === 'preview') project.build();
        const server = await project.serve(command);
        portal.addRedirectUri(`${server.url}/signed-in.html`);
        const app = new TestApp(page, portal, server.url);
        await page.goto(server.url);
        await app.fillIn(await app.openWindowFromDialog(), 'ana');
        await expect(page.getByRole('status')).toHaveText(/"count":\d+/);
        app.expectNothingLeaked();
        await server.close();
      },
    );
