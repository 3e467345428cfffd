/** Finds what links of the documentation lead nowhere, and files that it names and nobody has. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const fencedCode = /^( *)```[\s\S]*?^\1```$/gm;
const inlineCode = /(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const link = /\]\(([^()\s]+)\)/g;
const pathInCode =
  /^(?:protocol|sw|client|server|broker|demo|e2e|bench|scripts|docs)\/[\w./-]+\.(?:ts|js|html|md)$/;

/** Every dead link of a page, with what is wrong with it. */
export function deadLinks(page: string): readonly string[] {
  const text = withoutCode(readFileSync(page, 'utf8'));
  return [...text.matchAll(link)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(file)) return [`${target}: there is no such file`];
    const isDead = anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    return isDead ? [`${target}: there is no such heading`] : [];
  });
}

/** Paths of source files that a page names as code and that do not exist. */
export const missingFiles = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').replace(fencedCode, '').matchAll(inlineCode)]
    .map(([, , code = '']) => code)
    .filter((code) => pathInCode.test(code) && !existsSync(code));

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  return [
    ...readFileSync(page, 'utf8')
      .replace(fencedCode, '')
      .matchAll(/^#{1,6} (.+)$/gm),
  ].map(([, heading = '']) => {
    const anchor = slug(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** Lower case, no punctuation, hyphens for spaces; of a link its text. */
export const slug = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

const withoutCode = (text: string): string => text.replace(fencedCode, '').replace(inlineCode, '');
