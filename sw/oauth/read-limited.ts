/** Reads what a server says of itself and of its tokens: such answers are short, and one without an end must not fill the memory. */

/** No token answer, server token, server description or metadata comes near this. In bytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * The bytes of an answer. How long it may take is for the signal of its request to say: it ends the body, too.
 *
 * @param maxBytes - Longest body, after the browser has decompressed it.
 * @throws RangeError when it is longer; the rest of it is not taken from the server. What reading throws when it breaks off.
 */
export async function readLimitedBytes(
  response: Response,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      void reader.cancel().catch(() => undefined);
      throw new RangeError('too long');
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * The text of an answer.
 *
 * @throws What {@link readLimitedBytes} throws.
 */
export const readLimited = async (response: Response, maxBytes = MAX_ANSWER_BYTES): Promise<string> =>
  new TextDecoder().decode(await readLimitedBytes(response, maxBytes));

/**
 * The JSON of an answer, of any shape.
 *
 * @throws RangeError when it is too long, SyntaxError when it is no JSON.
 */
export async function readLimitedJson(response: Response, maxBytes?: number): Promise<unknown> {
  return JSON.parse(await readLimited(response, maxBytes)) as unknown;
}
