/** Tells from the start of a response whether a server has refused the token, ArcGIS errors inside HTTP 200 included. */

/** How much of a response shows it, in bytes. */
const PEEK_BYTES = 512;

/** ArcGIS's error envelope (ArcGIS REST: Handling errors), alone or in a callback. */
const refused = /^\uFEFF?\s*(?:[\w$.]+\s*\(\s*)?\{\s*"error"\s*:\s*\{[^{}]*?"code"\s*:\s*"?(?:401|498|499)\b/;

/**
 * Looks at a response.
 *
 * @param isArcGIS - Whether its status alone does not tell.
 * @returns The response, still to be read from its start, and whether it refuses the token.
 */
export async function readRefusal(
  response: Response,
  isArcGIS: boolean,
): Promise<{ response: Response; isRefused: boolean }> {
  const { status, headers, body } = response;
  if (status === 401 || status === 498 || status === 499) return { response, isRefused: true };
  const type = headers.get('content-type') ?? '';
  if (
    !isArcGIS ||
    status !== 200 ||
    !body ||
    !/^(?:application|text)\/[\w.+-]*(?:json|javascript|plain)\b/i.test(type)
  )
    return { response, isRefused: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  let isDone = false;
  while (!isDone && text.length < PEEK_BYTES) {
    const { done, value } = await reader.read();
    isDone = done;
    if (value) {
      chunks.push(value);
      text += decoder.decode(value, { stream: true });
    }
  }
  const replayed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = chunks.shift() ?? (await reader.read()).value;
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { response: new Response(replayed, { status, headers }), isRefused: refused.test(text) };
}
