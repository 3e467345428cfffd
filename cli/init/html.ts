/** The elements of a page that matter here, and where a script is added to its head. */
import { attributesOf } from '../html-attributes.js';
import { Editor } from './source.js';

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Offset of the tag. */
  readonly start: number;
  /** Offset behind the tag. */
  readonly end: number;
}

/** Elements whose text has no tags (HTML, parsing: RCDATA, RAWTEXT and script data states). */
const textElements = ['script', 'style', 'title', 'textarea', 'noscript', 'iframe', 'xmp', 'template', 'svg'];

const tag = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;

/** Start tags of a page in their order, without those in comments and in texts. End tags begin with a slash. */
export function tagsOf(html: string): Element[] {
  const found: Element[] = [];
  const tags = new RegExp(tag);
  for (let match = tags.exec(html); match; match = tags.exec(html)) {
    const [all, slash = '', given = '', attributes = ''] = match;
    if (given === '') continue;
    const name = given.toLowerCase();
    found.push({
      name: slash + name,
      start: match.index,
      end: match.index + all.length,
      attributes: attributesOf(attributes),
    });
    if (slash !== '' || !textElements.includes(name)) continue;
    const close = html.toLowerCase().indexOf(`</${name}`, tags.lastIndex);
    tags.lastIndex = close === -1 ? html.length : close;
  }
  return found;
}

/** Source of the module that a page of Vite begins with, from Vite's root. */
export function entryOf(html: string): string | undefined {
  for (const { name, attributes } of tagsOf(html)) {
    const source = attributes.get('src');
    if (name !== 'script' || attributes.get('type') !== 'module' || source === undefined) continue;
    if (!/^([a-z]+:|\/\/)/i.test(source)) return source.replace(/[?#].*$/, '').replace(/^\.?\//, '');
  }
  return undefined;
}

/** The page with an element in its head, before every script that it has. */
export function withScript(html: string, element: string): string {
  const editor = new Editor(html);
  const tags = tagsOf(editor.text);
  const place = tags.find(({ name }) => name === 'script' || name === '/head' || name === 'body');
  if (place && place.name === '/head') {
    const isOwnLine = editor.text.slice(editor.lineStart(place.start), place.start).trim() === '';
    const outer = editor.indentAt(place.start);
    if (isOwnLine) editor.insert(editor.lineStart(place.start), `${outer}${editor.indent}${element}\n`);
    else editor.insert(place.start, element);
  } else {
    // A page without tags of its head has one all the same: whatever comes first in its body ends it.
    const doctype = /^\s*<!doctype[^>]*>/i.exec(editor.text)?.[0].length ?? 0;
    const start = place?.start ?? tags.findLast(({ name }) => isOfHead(name))?.end ?? doctype;
    if (place || start === 0) editor.insert(start, `${element}\n${editor.indentAt(start)}`);
    else editor.insert(start, `\n${element}`);
  }
  return editor.edited;
}

const isOfHead = (name: string): boolean =>
  ['html', 'head', 'meta', 'title', '/title', 'link', 'base', 'style', '/style'].includes(name);

export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
