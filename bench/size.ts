/** `npx tsx bench/size.ts`: which packages, folders and declarations the bytes of the ready files come from. */
import { brotliCompressSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { modes } from '../vite.config.js';

/** Minified bytes by line of each source. */
type Bytes = Map<string, { text: string; byLine: Map<number, number> }>;

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of one segment of a source map's mappings (ECMA-426, VLQ). */
function decode(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = digits.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

/** Counts every byte of the code for the last mapping before it. */
function attribute({ code, map }: Rolldown.OutputChunk): Bytes {
  const bytes: Bytes = new Map();
  if (!map) throw new Error('The build made no source map.');
  const add = (source: number, line: number, count: number): void => {
    const name = map.sources[source] ?? 'the bundler';
    const entry = bytes.get(name) ?? {
      text: map.sourcesContent?.[source] ?? '',
      byLine: new Map<number, number>(),
    };
    entry.byLine.set(line, (entry.byLine.get(line) ?? 0) + count);
    bytes.set(name, entry);
  };
  const lines = code.split('\n');
  let source = 0;
  let line = 0;
  for (const [index, segments] of map.mappings.split(';').entries()) {
    const text = lines[index] ?? '';
    let column = 0;
    let owner: { source: number; line: number } | undefined;
    for (const segment of segments.split(',').filter(Boolean)) {
      const [columns = 0, sources, originalLines] = decode(segment);
      add(owner?.source ?? -1, owner?.line ?? 0, columns);
      column += columns;
      source += sources ?? 0;
      line += originalLines ?? 0;
      owner = sources === undefined ? undefined : { source, line };
    }
    add(owner?.source ?? -1, owner?.line ?? 0, text.length + 1 - column);
  }
  return bytes;
}

/** `oauth4webapi` for a file of that package, `sw/oauth` for one of ours. */
function originOf(source: string): string {
  const [, inPackage] = source.split('node_modules/');
  if (inPackage !== undefined)
    return inPackage.startsWith('@') ? inPackage.split('/', 2).join('/') : (inPackage.split('/', 1)[0] ?? '');
  const own = /(?:sw|client|protocol)\/.*/.exec(source)?.[0];
  return own === undefined ? source : own.includes('/') ? own.slice(0, own.lastIndexOf('/')) : own;
}

const declaration = /^(?:export )?(?:default )?(?:async )?(?:function\*?|class|const|let|var) ([\w$]+)/;

/** Bytes by top-level declaration of one source. */
function byDeclaration({ text, byLine }: { text: string; byLine: Map<number, number> }): Map<string, number> {
  const names: string[] = [];
  let current = '(start of the file)';
  for (const line of text.split('\n')) names.push((current = declaration.exec(line)?.[1] ?? current));
  const bytes = new Map<string, number>();
  for (const [line, count] of byLine) {
    const name = names[line] ?? current;
    bytes.set(name, (bytes.get(name) ?? 0) + count);
  }
  return bytes;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);
const line = (name: string, bytes: number, indent = ''): string =>
  `${indent}${String(bytes).padStart(7)}  ${name}`;
const largest = (bytes: Map<string, number>, count: number): [string, number][] =>
  [...bytes].toSorted((a, b) => b[1] - a[1]).slice(0, count);

async function report(mode: string): Promise<string[]> {
  const output = (await build({ mode, logLevel: 'silent', build: { write: false, sourcemap: 'hidden' } })) as
    Rolldown.RolldownOutput | Rolldown.RolldownOutput[];
  const chunk = [output].flat()[0]?.output[0];
  if (!chunk) throw new Error(`${mode} gave no file.`);
  const sources = attribute(chunk);
  const origins = new Map<string, number>();
  for (const [source, { byLine }] of sources) {
    const origin = originOf(source);
    origins.set(origin, (origins.get(origin) ?? 0) + sum(byLine.values()));
  }
  const brotli = brotliCompressSync(chunk.code).length;
  const lines = [`${chunk.fileName}: ${chunk.code.length} bytes minified, ${brotli} brotli`];
  for (const [origin, bytes] of largest(origins, Infinity)) {
    lines.push(line(origin, bytes));
    const files = new Map(
      [...sources]
        .filter(([source]) => originOf(source) === origin)
        .map(([source, entry]) => [source, entry] as const),
    );
    for (const [source, entry] of files) {
      const total = sum(entry.byLine.values());
      if (files.size > 1 || total < 1500) lines.push(line(source.split('/').at(-1) ?? '', total, '    '));
      if (total < 1500) continue;
      for (const [name, count] of largest(byDeclaration(entry), 15))
        if (count >= 150) lines.push(line(name, count, '        '));
    }
  }
  return lines;
}

for (const mode of Object.keys(modes).filter(
  (name) => name.startsWith('ready-') && !name.includes('languages'),
))
  console.log(`${(await report(mode)).join('\n')}\n`);
