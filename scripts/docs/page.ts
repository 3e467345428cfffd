/** Renders a page of the documentation: what stands between markers is written anew, all else stays. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/** Makes the text between the markers of one kind of generated part, such as `tests @C4` or `errors`. */
export type Generator = (argument: string, page: string) => string | Promise<string>;

/** All pages, with their paths from the root of the repository. `docs/api/` is not committed. */
export const pages: readonly string[] = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .map((name) => join('docs', name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !name.startsWith('docs/api/'))
    .sort(),
];

/** `<!-- generated: name argument -->`, the part, `<!-- end -->`. */
const generated = /^<!-- generated: (\S+)(?: (\S+))? -->\n[\s\S]*?^<!-- end -->$/gm;

/** A comment that names a file, and a block of code behind it: a copy of that file. */
const snippet =
  /^<!-- (\S+(?:\.(?:tsx?|html|js|css|vue|svelte|conf|config|jsonc)|\/_(?:headers|redirects))) -->\n\n```\w*\n[\s\S]*?^```$/gm;

/** The languages of files that their endings do not tell. */
const languages: readonly (readonly [name: RegExp, language: string])[] = [
  [/^nginx/, 'nginx'],
  [/^apache/, 'apache'],
  [/\.config$/, 'xml'],
  [/^_/, 'text'],
];

const languageOf = (file: string): string =>
  languages.find(([name]) => name.test(basename(file)))?.[1] ?? extname(file).slice(1);

/** A block of code with what stands in the line before it. */
const anySnippet = /(?:<!-- (\S+) -->\s+)?^```(?:tsx?|js|html|css|vue|svelte|nginx|apache|xml|jsonc)\n/gm;

/**
 * The page as it has to be.
 *
 * @throws Error for a marker that nothing is known of, and for a snippet of a file that does not exist.
 */
export async function render(page: string, generators: Readonly<Record<string, Generator>>): Promise<string> {
  const text = readFileSync(page, 'utf8');
  const withSnippets = text.replace(snippet, (_, file: string) => {
    const code = readFileSync(file, 'utf8').trimEnd();
    return `<!-- ${file} -->\n\n\`\`\`${languageOf(file)}\n${code}\n\`\`\``;
  });
  const parts = await Promise.all(
    [...withSnippets.matchAll(generated)].map(async ([, name = '', argument = '']) => {
      const generator = generators[name];
      if (!generator) throw new Error(`${page}: nothing writes "${name}".`);
      const marker = argument === '' ? name : `${name} ${argument}`;
      return `<!-- generated: ${marker} -->\n\n${await generator(argument, page)}\n\n<!-- end -->`;
    }),
  );
  const whole = withSnippets.replace(generated, () => parts.shift() ?? '');
  return format(whole, { ...(await resolveConfig(page)), filepath: page });
}

/** The files whose copies a page shows; `undefined` for a block that names none. */
export const snippetsOf = (page: string): readonly (string | undefined)[] =>
  [...readFileSync(page, 'utf8').matchAll(anySnippet)].map(([, file]) => file);
