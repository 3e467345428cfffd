/** The scripts of a page: those that its HTML names, and what they import. */
import { attributesOf } from '../html-attributes.js';
import { get, NoAnswer, type Answer } from './http.js';

export interface ScriptTag {
  readonly attributes: ReadonlyMap<string, string>;
  /** Text of an inline script. */
  readonly text: string;
}

/** A page of the library, and a worker of it, have this in their code, however it was minified: the first message between both. */
const LIBRARY_MARK = 'identity:connect';

export const hasLibrary = (texts: Iterable<string>): boolean =>
  [...texts].some((text) => text.includes(LIBRARY_MARK));

const quoted = `(?:[^>"']|"[^"]*"|'[^']*')*`;
const element = new RegExp(`<(script)\\b(${quoted})>([\\s\\S]*?)</script>|<(link|meta)\\b(${quoted})>`, 'gi');

/** Elements of a page that matter here, as its HTML has them. */
export function elementsOf(html: string, wanted: 'script' | 'link' | 'meta'): ScriptTag[] {
  return [...html.replace(/<!--[\s\S]*?-->/g, '').matchAll(element)]
    .filter(([, script, , , other]) => (script ?? other)?.toLowerCase() === wanted)
    .map(([, , ofScript, text = '', , ofOther]) => ({
      attributes: attributesOf(ofScript ?? ofOther ?? ''),
      text,
    }));
}

/** Whole applications have fewer chunks that are loaded at once. */
const mostScripts = 80;

const imported = /(?:\bfrom|\bimport)\s*\(?\s*["'`]([./][^"'`\s]*)["'`]/g;

/** @returns Texts of the page's scripts, inline ones too, by address. What cannot be loaded is left out. */
export async function scriptsOf({ url, text: html }: Answer): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const queue: URL[] = [];
  const add = (source: string | undefined, from: URL): void => {
    if (source !== undefined && URL.canParse(source, from)) queue.push(new URL(source, from));
  };
  const addImports = (text: string, from: URL): void => {
    for (const [, source] of text.matchAll(imported)) add(source, from);
  };
  elementsOf(html, 'script').forEach(({ attributes, text }, i) => {
    if (attributes.has('src')) return add(attributes.get('src'), url);
    texts.set(`${url.href}#inline-${i}`, text);
    addImports(text, url);
  });
  for (const { attributes } of elementsOf(html, 'link'))
    if (attributes.get('rel') === 'modulepreload') add(attributes.get('href'), url);
  for (const script of queue) {
    if (texts.size >= mostScripts) break;
    if (!/^https?:$/.test(script.protocol) || texts.has(script.href)) continue;
    const answer = await get(script).catch((error: unknown) => {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    });
    if (answer?.status !== 200) continue;
    texts.set(script.href, answer.text);
    addImports(answer.text, script);
  }
  return texts;
}
