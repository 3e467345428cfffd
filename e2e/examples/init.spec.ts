/** `npx identity-worker init` in a new project, with the packed package: what it makes of it signs the user in. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { startAppServer } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { run } from '../support/command-line.js';
import { expect, test as base, TestApp } from '../support/fixtures.js';
import { createPackedProject } from '../support/packed-project.js';

/** Code of the app: it knows nothing of tokens. */
const readLayer = `fetch('https://gis.example.org/server/rest/services/Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json')
  .then((response) => response.text())
  .then((text) => document.querySelector('output')?.append(text))
`;

/** What `npm create vite` makes, without its pictures and styles. */
const vanillaTypeScript = {
  'package.json': `{
  "name": "vite-typescript-starter",
  "private": true,
  "version": "0.0.0",
  "type": "module",
  "scripts": {
    "dev": "vite",
    "build": "tsc && vite build",
    "preview": "vite preview"
  },
  "devDependencies": {
    "typescript": "^6.0.3",
    "vite": "^8.3.4"
  }
}
`,
  'index.html': `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="icon" href="data:," />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>Vite + TS</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="module" src="/src/main.ts"></script>
  </body>
</html>
`,
  'tsconfig.json': `{
  "compilerOptions": {
    "target": "es2023",
    "module": "esnext",
    "lib": ["ES2023", "DOM"],
    "types": ["vite/client"],
    "allowArbitraryExtensions": true,
    "skipLibCheck": true,

    /* Bundler mode */
    "moduleResolution": "bundler",
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "moduleDetection": "force",
    "noEmit": true,

    /* Linting */
    "noUnusedLocals": true,
    "noUnusedParameters": true,
    "erasableSyntaxOnly": true,
    "noFallthroughCasesInSwitch": true
  },
  "include": ["src"]
}
`,
  'src/counter.ts': `export function setupCounter(element: HTMLButtonElement) {
  let counter = 0
  const setCounter = (count: number) => {
    counter = count
    element.innerHTML = \`Count is \${counter}\`
  }
  element.addEventListener('click', () => setCounter(counter + 1))
  setCounter(0)
}
`,
  'src/main.ts': `import { setupCounter } from './counter.ts'

document.querySelector<HTMLDivElement>('#app')!.innerHTML = \`
<h1>Get started</h1>
<button id="counter" type="button" class="counter"></button>
<output></output>
\`

setupCounter(document.querySelector<HTMLButtonElement>('#counter')!)
${readLayer}`,
};

const staticPage = `<!doctype html>
<html lang="en">
  <head>
    <title>Map</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <output></output>
    <script>
document.addEventListener('identity-ready', () => ${readLayer.trimEnd()})
    </script>
  </body>
</html>
`;

const test = base.extend<{ make: (files: Readonly<Record<string, string>>) => string }>({
  /** Makes a folder with files. */
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  make: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'identity-worker-init-'));
    await use((files) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return folder;
    });
    rmSync(folder, { recursive: true });
  },
});

const options = ({ url }: Portal): string[] => ['--portal', url, '--client-id', 'idw-demo', '--yes'];

async function signInAndRead(app: TestApp, url: string): Promise<void> {
  await app.page.goto(url);
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  await expect(app.page.getByRole('status')).toHaveText(/"count":\d+/);
  app.expectNothingLeaked();
}

test(
  'a project of create-vite is built after init, and the user signs in',
  { tag: '@user-interface' },
  async ({ page, portal, make }) => {
    const project = createPackedProject(make(vanillaTypeScript), {
      replacements: { 'https://gis.example.org/server': portal.serverUrl },
      isInstalled: true,
    });
    const npx = (...args: string[]): string =>
      execFileSync('npx', args, { cwd: project.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      expect(npx('identity-worker', 'init', ...options(portal))).toContain(
        'Written: vite.config.ts, src/main.ts, tsconfig.json.',
      );
      expect(npx('identity-worker', 'init', '--yes')).toBe('Nothing is missing.\n');
      npx('tsc');
      project.build();
      const { url } = await project.serve('preview');
      portal.addRedirectUri(`${url}/signed-in.html`);
      await signInAndRead(new TestApp(page, portal, url), url);
    } finally {
      await project.remove();
    }
  },
);

test(
  'a page without a bundler has all it needs after init, in any folder of a site',
  { tag: '@user-interface' },
  async ({ page, portal, make }) => {
    const site = make({
      'maps/index.html': staticPage.replace('https://gis.example.org/server', portal.serverUrl),
    });
    expect(await run(['init', ...options(portal)], join(site, 'maps'))).toMatchObject({ exitCode: 0 });
    const server = await startAppServer({ folders: [resolve(site)] });
    const url = `${server.url}/maps/`;
    portal.addRedirectUri(url);
    await signInAndRead(new TestApp(page, portal, server.url), `${url}index.html`);
    await server.close();
  },
);
