/** The documentation as a site: `npm run docs:site` builds it into `dist/site/`, `npm run docs:dev` shows it while it is written. */
import { defineConfig } from 'vitepress';
import { slug } from '../../scripts/docs/links.js';
import { checkAnchors } from './anchors.js';
import { apiSidebars, decisionsSidebar, guides, nav } from './navigation.js';
import { repository, repositoryLinks } from './repository-links.js';

export default defineConfig({
  title: 'Identity Worker',
  description: 'Signs the requests of web maps in a service worker, with no token in page code.',
  lang: 'en',
  // A site that is not at the root of its host, such as '/identity-worker/'.
  base: process.env['DOCS_BASE'] ?? '/',
  outDir: '../dist/site',
  cacheDir: '../node_modules/.cache/vitepress',
  // A repository shows README.md of a folder, a server index.html.
  rewrites: (page) => page.replace(/(^|\/)README\.md$/, '$1index.md'),
  markdown: {
    // Links to headings are written as a repository resolves them.
    anchor: { slugify: slug },
    // The usual themes have comments and keywords with too little contrast.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (markdown) => void markdown.use(repositoryLinks),
  },
  themeConfig: {
    nav: [...nav],
    sidebar: { ...apiSidebars(), '/decisions/': decisionsSidebar(), '/': [...guides] },
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path`, text: 'Edit this page' },
  },
  // The index of the search is one file of a megabyte, loaded by the first search.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  buildEnd: ({ outDir, site: { base } }) => checkAnchors(outDir, base),
});
