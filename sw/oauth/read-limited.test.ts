/** Long and endless answers: a bound on what is taken, and the rest is not asked for. */
import { describe, expect, test } from 'vitest';
import { readLimited, readLimitedJson } from './read-limited.js';

/** A body that counts what was taken of it. */
function endless(chunk: Uint8Array): { response: Response; taken: () => number; isCancelled: () => boolean } {
  let taken = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        taken += chunk.byteLength;
        controller.enqueue(chunk);
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body), taken: () => taken, isCancelled: () => isCancelled };
}

describe('readLimited', () => {
  test('reads what is as long as it may be, across chunks and letters', async () => {
    const bytes = new TextEncoder().encode('gïs');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await readLimited(new Response(body), bytes.byteLength)).toBe('gïs');
  });

  test('refuses a byte more', async () => {
    await expect(readLimited(new Response('gïs'), 3)).rejects.toBeInstanceOf(RangeError);
  });

  test('is done with an answer without a body', async () => {
    expect(await readLimited(new Response(null))).toBe('');
  });

  test('takes no more of an answer without an end than it may, and gives the connection back', async () => {
    const { response, taken, isCancelled } = endless(new Uint8Array(10_000));
    await expect(readLimited(response)).rejects.toBeInstanceOf(RangeError);
    expect(taken()).toBeLessThan(300_000);
    expect(isCancelled()).toBe(true);
  });

  test('fails as the body does: the time limit of a request ends it', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new DOMException('late', 'TimeoutError')),
    });
    await expect(readLimited(new Response(body))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('readLimitedJson', () => {
  test('reads any JSON, and nothing else', async () => {
    expect(await readLimitedJson(new Response('[1]'))).toEqual([1]);
    await expect(readLimitedJson(new Response('{"token":'))).rejects.toBeInstanceOf(SyntaxError);
    await expect(readLimitedJson(new Response('[1234]'), 5)).rejects.toBeInstanceOf(RangeError);
  });
});
