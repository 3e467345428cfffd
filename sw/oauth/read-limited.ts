/** Reads what a server says of itself and of its tokens: such answers are short, and one without an end must not fill the memory. */

/** No token answer, server token, server description or metadata comes near this. In bytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * The text of an answer. How long it may take is for the signal of its request to say: it ends the body, too.
 *
 * @param maxBytes - Longest body, after the browser has decompressed it.
 * @throws RangeError when it is longer; the rest of it is not taken from the server.
 */
export async function readLimited(response: Response, maxBytes = MAX_ANSWER_BYTES): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (let read = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    read += value.byteLength;
    if (read > maxBytes) {
      void reader.cancel().catch(() => undefined);
      throw new RangeError('too long');
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * The JSON of an answer, of any shape.
 *
 * @throws RangeError when it is too long, SyntaxError when it is no JSON.
 */
export async function readLimitedJson(response: Response, maxBytes?: number): Promise<unknown> {
  return JSON.parse(await readLimited(response, maxBytes)) as unknown;
}
