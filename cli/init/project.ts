/** Finds out what kind of project a folder has, and plans what is missing in it. */
import { entryOf } from './html.js';
import { readManifest } from './manifest.js';
import { Plan, type OwnPackage } from './plan.js';
import { ProjectError } from './project-error.js';
import type { Registration } from './registration.js';
import { planStaticPage } from './static-page.js';
import { configFiles, planViteProject } from './vite-project.js';

/** Packages that serve pages or build them in ways of their own, some of them with Vite inside. */
const frameworks = [
  /^@angular\/(core|cli)$/,
  /^@sveltejs\/kit$/,
  /^@remix-run\//,
  /^@react-router\/dev$/,
  /^@solidjs\/start$/,
  /^@tanstack\/(react|solid)-start$/,
  /^@builder\.io\/qwik-city$/,
  /^@qwik\.dev\/router$/,
  /^@nuxt\//,
  /^@rsbuild\//,
  /^@rspack\//,
  /^@11ty\//,
  /^(next|nuxt|nuxt3|astro|gatsby|vike|vitepress|vuepress|react-scripts|ember-source|ember-cli|electron-vite)$/,
  /^(webpack|parcel|rollup|esbuild|rolldown|snowpack|laravel-vite-plugin|@11ty|@docusaurus)/,
  /^@docusaurus\//,
  /^@storybook\//,
];

/** Bundlers that Vite's projects have besides. */
const besideVite = /^(rollup|rolldown|esbuild|webpack)|^@storybook\//;

const pages = ['index.html', 'public/index.html'];

const guide = 'Read how to set up the parts by hand: docs/start.md of identity-worker';

/**
 * Plans what is missing in a folder.
 *
 * @param registration - Called only where something is missing that has the portal's address in it.
 * @throws ProjectError for what `init` does not know, or cannot read.
 */
export async function planFor(
  folder: string,
  own: OwnPackage,
  registration: () => Registration,
): Promise<Plan> {
  const plan = new Plan(folder, own, registration);
  const manifest = readManifest(plan);
  const names = [...(manifest?.names ?? [])];
  const hasVite = names.includes('vite') || configFiles.some((name) => plan.read(name) !== undefined);
  const framework = names.find(
    (name) => frameworks.some((each) => each.test(name)) && !(hasVite && besideVite.test(name)),
  );
  if (framework !== undefined)
    throw new ProjectError(
      `This project has ${framework}, which init does not know. Nothing was changed. ${guide}.`,
    );
  if (hasVite) {
    if (!manifest)
      throw new ProjectError(
        'There is a configuration of Vite here, and no package.json. Make one (npm init), then run this again.',
      );
    await planViteProject(plan, manifest);
    return plan;
  }
  const page = pages.find((name) => plan.read(name) !== undefined);
  if (page === undefined)
    throw new ProjectError(
      `There is no app here that init knows: neither Vite nor an index.html. Nothing was changed. Run this in the folder of the app. ${guide}.`,
    );
  const source = entryOf(plan.read(page) ?? '');
  const isBuilt = manifest?.hasBuild === true || /\.(tsx?|jsx|mts|vue|svelte)$/.test(source ?? '');
  if (isBuilt)
    throw new ProjectError(
      `This project is built by something that init does not know${source === undefined ? '' : ` (${page} begins with ${source})`}. Nothing was changed. ${guide}; for a page without a bundler: docs/script-tag.md.`,
    );
  planStaticPage(plan, page);
  return plan;
}
