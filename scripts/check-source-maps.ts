/** Looks at the source maps of a packed package: each script has one, it needs nothing else, and it leads to the right lines. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename, join } from 'node:path';

/** A script that only hands on what others have: the bundler makes no map of it. */
const handsOn = /^(?:(?:import|export)\b[^;]*;\s*)*$/;

/** A declaration of a module, whose name it has from its source, if need be with a number. */
const declaration = /^(?:async )?(?:function|class|var|let|const) (?<name>\w+)/g;

/** A word as text, which no minifier changes. */
const word = /(?<=[=(,:?[]\s*)(["'`])(?<name>[a-z][\w-]{9,})\1/g;

/**
 * @param folder - The package.
 * @returns What is wrong.
 */
export function checkSourceMaps(folder: string): string[] {
  const scripts = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  return scripts
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const script = join(folder, 'dist', name);
      const code = readFileSync(script, 'utf8');
      if (handsOn.test(code)) return [];
      if (!existsSync(`${script}.map`)) return [`${name} has no source map.`];
      return mapProblems(basename(name), code, readFileSync(`${script}.map`, 'utf8')).map(
        (problem) => `${name}.map ${problem}.`,
      );
    });
}

/**
 * @param file - Name of the script.
 * @param json - Text of its map.
 * @returns What is wrong.
 */
export function mapProblems(file: string, code: string, json: string): string[] {
  const map = JSON.parse(json) as SourceMapPayload & { sourcesContent?: readonly unknown[] };
  const problems: string[] = [];
  const absolute = [map.sourceRoot ?? '', ...map.sources].find((path) => /^(?:[a-z]+:|[/\\])/i.test(path));
  if (absolute !== undefined) problems.push(`has an absolute path: ${absolute}`);
  if (map.sources.some((_, index) => typeof map.sourcesContent?.[index] !== 'string'))
    problems.push('lacks the text of a source, which no other file of the package has');
  const comment = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(code)?.[1];
  if (comment !== undefined && comment !== `${file}.map`) problems.push(`is expected at ${comment}`);
  // A map that no comment names is that of a minified script: words are all that it has of its sources.
  const { names, wrong } = compare(code, map, comment === undefined ? word : declaration);
  // Bundlers leave out the places of some.
  if (wrong.length > names.length / 10)
    problems.push(`leads to other lines than that of ${wrong.slice(0, 5).join(', ')}`);
  return problems;
}

/** Names in the script, and those of them that are not in the line of the source where the map leads from there. */
function compare(code: string, map: SourceMapPayload, pattern: RegExp): { names: string[]; wrong: string[] } {
  const sourceMap = new SourceMap(map);
  const places = code
    .split('\n')
    .flatMap((text, line) =>
      [...text.matchAll(pattern)].map(({ index, groups }) => ({ line, index, name: groups?.['name'] ?? '' })),
    );
  const isWrong = ({ line, index, name }: (typeof places)[number]): boolean => {
    const entry = sourceMap.findEntry(line, index);
    if (!('originalSource' in entry)) return true;
    const source = map.sourcesContent[map.sources.indexOf(entry.originalSource)];
    return !source?.split('\n')[entry.originalLine]?.includes(name);
  };
  return { names: places.map(({ name }) => name), wrong: places.filter(isWrong).map(({ name }) => name) };
}
