/** What the style of vector tiles needs beside the tiles: sprites and glyphs. */
import { isRecord } from '../../protocol/record.js';

/** @see MapLibre Style Specification */
export interface VectorStyle {
  readonly sprite?: unknown;
  readonly glyphs?: unknown;
  readonly layers?: null | readonly { readonly layout?: Readonly<Record<string, unknown>> | null }[];
}

/** Latin letters with their accents, and punctuation. */
const defaultGlyphRanges = ['0-255', '256-511', '8192-8447'];

/**
 * The addresses of a style's sprites and glyphs.
 *
 * @param styleUrl - What the style's own addresses are relative to.
 * @param glyphRanges - Ranges of Unicode, 256 characters each, such as `0-255`.
 */
export function resourcesOf(
  { sprite, glyphs, layers }: VectorStyle,
  styleUrl: string,
  glyphRanges: readonly string[] = defaultGlyphRanges,
): readonly string[] {
  const absolute = (url: string): string => withPlaceholders(new URL(url, styleUrl).href);
  const sprites = (Array.isArray(sprite) ? sprite : [sprite])
    .map((each: unknown) => (isRecord(each) ? each['url'] : each))
    .filter((each) => typeof each === 'string')
    .flatMap((url) =>
      ['', '@2x'].flatMap((ratio) => ['json', 'png'].map((type) => `${url}${ratio}.${type}`)),
    );
  const stacks = new Set((layers ?? []).flatMap(({ layout }) => fontStacks(layout?.['text-font'])));
  const fonts =
    typeof glyphs === 'string'
      ? [...stacks].flatMap((stack) =>
          glyphRanges.map((range) =>
            absolute(glyphs).replace('{fontstack}', stack).replace('{range}', range),
          ),
        )
      : [];
  return [...sprites.map(absolute), ...fonts];
}

/** `URL` encodes the braces of placeholders. */
export const withPlaceholders = (url: string): string => url.replaceAll('%7B', '{').replaceAll('%7D', '}');

/** The font stacks of a value: a list of names, or an expression with such lists as literals. */
function fontStacks(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const isList = value[0] !== 'get' && value.every((name) => typeof name === 'string');
  return isList ? [value.join(',')] : literals(value);
}

const literals = (expression: unknown): readonly string[] =>
  !Array.isArray(expression)
    ? []
    : expression[0] === 'literal'
      ? fontStacks(expression[1])
      : expression.flatMap(literals);
