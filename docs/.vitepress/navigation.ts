/** What leads to the pages: the bar at the top, and the list beside a page of guides, of the API or of decisions. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DefaultTheme } from 'vitepress';

const docs = fileURLToPath(new URL('../', import.meta.url));

type Item = DefaultTheme.SidebarItem;

export const nav: readonly DefaultTheme.NavItem[] = [
  { text: 'Start', link: '/start' },
  { text: 'Configuration', link: '/configuration' },
  { text: 'Errors', link: '/errors' },
  { text: 'API', link: '/api/', activeMatch: '^/api/' },
  { text: 'Decisions', link: '/decisions/', activeMatch: '^/decisions/' },
];

export const guides: readonly Item[] = [
  {
    text: 'Start',
    items: [
      { text: 'Overview', link: '/' },
      { text: 'Start', link: '/start' },
      { text: 'Questions', link: '/faq' },
    ],
  },
  {
    text: 'Integrations',
    items: [
      { text: 'Examples', link: '/integrations' },
      { text: 'Vite and PWA', link: '/development' },
      { text: 'Script tag', link: '/script-tag' },
      { text: 'Map libraries', link: '/clients' },
      { text: 'Another library before', link: '/migration' },
      { text: 'OAuth servers', link: '/oauth-servers' },
    ],
  },
  {
    text: 'Sign-in',
    items: [
      { text: 'Signing in and out', link: '/sign-in' },
      { text: 'Account element', link: '/account' },
      { text: 'App logins', link: '/app-login' },
    ],
  },
  {
    text: 'Without a network',
    items: [
      { text: 'Maps', link: '/offline' },
      { text: 'Edits', link: '/offline-edits' },
    ],
  },
  {
    text: 'Servers',
    items: [
      { text: 'Web servers and hosts', link: '/hosting' },
      { text: 'Sealed worker script', link: '/server' },
    ],
  },
  {
    text: 'Concepts',
    items: [
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Performance', link: '/performance' },
      { text: 'Scale', link: '/scale' },
    ],
  },
  {
    text: 'Security',
    items: [
      { text: 'Hardening', link: '/threat-model#hardening-guide' },
      { text: 'Threat model', link: '/threat-model' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Configuration', link: '/configuration' },
      { text: 'Errors', link: '/errors' },
      { text: 'Controlled clients', link: '/inspect-clients' },
      { text: 'Traces', link: '/tracing' },
      { text: 'Tests of an app', link: '/testing' },
      { text: 'Limits', link: '/limits' },
      { text: 'Browsers', link: '/browsers' },
      { text: 'Field cases', link: '/field-cases' },
      { text: 'API', link: '/api/' },
      { text: 'Decisions', link: '/decisions/' },
    ],
  },
];

/** The decisions, by the list that their index has. */
export const decisionsSidebar = (): Item[] => {
  const index = readFileSync(join(docs, 'decisions/README.md'), 'utf8');
  const items = [...index.matchAll(/^- \[(.+)\]\((.+)\.md\)$/gm)].map(([, text = '', name = '']) => ({
    text,
    link: `/decisions/${name}`,
  }));
  return [{ text: 'Decisions', link: '/decisions/', items }];
};

/**
 * The entry points of the package, out of the files that `npm run docs:api` writes. The pages of one list its exports only: all of them on
 * every page would be most of the site.
 */
export function apiSidebars(): Record<string, Item[]> {
  const index = join(docs, 'api/README.md');
  if (!existsSync(index)) throw new Error('docs/api/ is missing. Write it with `npm run docs:api`.');
  const entries = [...readFileSync(index, 'utf8').matchAll(/^- \[(.+)\]\((.+)README\.md\)$/gm)].map(
    ([, text = '', folder = '']) => ({ text, link: `/api/${folder}` }),
  );
  const listed = (open?: string): Item[] =>
    entries.map((entry) => (entry.link === open ? { ...entry, items: exportsIn(entry.link) } : entry));
  return Object.fromEntries([
    ['/api/', listed()],
    ...entries.map(({ link }) => [link, listed(link)] as const),
  ]);
}

/** TypeDoc's folders for kinds of exports; other folders are entry points of their own. */
const kinds = ['classes', 'functions', 'interfaces', 'type-aliases', 'variables', 'enumerations'];

const exportsIn = (folder: string): Item[] =>
  kinds
    .map((kind) => folder + kind)
    .filter((path) => existsSync(join(docs, path)))
    .flatMap((path) =>
      readdirSync(join(docs, path)).map((file) => {
        const name = file.replace(/\.md$/, '');
        return { text: name, link: `${path}/${name}` };
      }),
    );
