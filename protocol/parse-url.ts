/**
 * Parses a URL, relative to another one if that is given.
 *
 * @returns `undefined` where the text is no URL. Not by `URL.canParse`: once Node 20 has optimized it, it refuses letters beyond ASCII.
 * @see WHATWG URL §6.1, `URL.parse`, which Node 20 does not have
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
