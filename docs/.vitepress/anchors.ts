/** Finds links of the built site to headings that do not exist; VitePress itself looks at pages only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const linkToHeading = /<a\b[^>]*\bhref="(?![a-z]+:)([^"#]*)#([^"]+)"/g;
const id = /\bid="([^"]+)"/g;

/**
 * @param folder - The built site.
 * @param base - The path that its addresses begin with.
 * @throws Error that lists the dead links.
 */
export function checkAnchors(folder: string, base: string): void {
  const pages = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.html'))
      .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')] as const),
  );
  const ids = new Map(
    [...pages].map(([name, html]) => [name, new Set([...html.matchAll(id)].map(([, found = '']) => found))]),
  );
  const dead = [...pages].flatMap(([name, html]) =>
    [...html.matchAll(linkToHeading)].flatMap(([, address = '', anchor = '']) => {
      const { pathname } = new URL(address, `http://localhost${base}${name}`);
      const target = pathname.slice(base.length).replace(/(^|\/)$/, '$1index.html');
      return ids.get(target)?.has(decodeURIComponent(anchor)) ? [] : [`${name}: ${address}#${anchor}`];
    }),
  );
  if (dead.length > 0)
    throw new Error(`Links to headings that do not exist:\n${[...new Set(dead)].join('\n')}`);
}
