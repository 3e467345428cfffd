/** Leads links out of `docs/`, which a repository page follows by itself, to the repository. */
import { existsSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';

export const repository = 'https://github.com/identity-worker/identity-worker';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @throws Error for a link to a file that does not exist: it fails the build, as dead links between pages do. */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const { path } = env as MarkdownEnv;
    for (const link of tokens.flatMap(({ children }) => children ?? [])) {
      const href = link.type === 'link_open' ? link.attrGet('href') : null;
      if (href !== null) link.attrSet('href', hrefFrom(path, href));
    }
  });
}

function hrefFrom(page: string, href: string): string {
  if (/^(?:[a-z]+:|[#/])/i.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = resolve(dirname(page), decodeURI(path));
  const fromRoot = relative(root, target).replaceAll('\\', '/');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (fromRoot.startsWith('docs/')) return path.replace(/(^|\/)README\.md$/, '$1index.md') + hash;
  if (!existsSync(target)) throw new Error(`${page}: the link ${href} leads to no file.`);
  return `${repository}/${statSync(target).isDirectory() ? 'tree' : 'blob'}/main/${fromRoot}${hash}`;
}
