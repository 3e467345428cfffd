/** Content of the portal in the ways in which map pages load it, in every engine. */
import { createHash } from 'node:crypto';
import { countQuery, tile } from '../support/services.js';
import { cannot, expect, test, type EngineApp } from './fixtures.js';

test.beforeEach(async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
});

test('tiles: twenty by fetch, with a token that expires', { tag: '@smoke' }, async ({ app }) => {
  app.portal.control.expireAccessTokens();
  const types = await app.page.run(
    (urls) =>
      Promise.all(
        urls.map(async (url) => {
          const blob = await (await fetch(url)).blob();
          return (await createImageBitmap(blob)).width;
        }),
      ),
    Array.from({ length: 20 }, (_, index) => app.hosted(tile(index))),
  );
  expect(types).toEqual(Array.from({ length: 20 }, () => 256));
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

for (const crossOrigin of [undefined, 'anonymous'] as const)
  test(`<img${crossOrigin === undefined ? '' : ' crossorigin'}>`, { tag: '@smoke' }, async ({ app }) => {
    expect(await app.loadImage(app.hosted(tile(1)), crossOrigin)).toBe(256);
    expect(app.portal.log.requests({ path: /tile/ }).at(-1)).toMatchObject({ user: 'ana' });
  });

/** Plays a sound of two minutes from its start, and jumps. @returns The position, or what went wrong. */
const jump = (app: EngineApp, tag: 'audio' | 'video', crossorigin: boolean): Promise<string> =>
  app.page.run(
    async ([src, element, cors]) => {
      const media = document.createElement(element);
      if (cors) media.crossOrigin = 'anonymous';
      const until = (type: string): Promise<string> =>
        new Promise((resolve) => {
          for (const each of [type, 'error'])
            media.addEventListener(each, () => resolve(each), { once: true });
          setTimeout(resolve, 10_000, `no ${type}`);
        });
      const begun = until('loadedmetadata');
      media.preload = 'auto';
      media.src = src;
      document.body.append(media);
      const outcome = await begun;
      if (outcome !== 'loadedmetadata') return `${outcome} ${media.error?.message ?? ''}`;
      for (const second of [110, 30]) {
        const jumped = until('seeked');
        media.currentTime = second;
        const end = await jumped;
        if (end !== 'seeked') return `${end} ${media.error?.message ?? ''}`;
      }
      return `${Math.round(media.duration)} s, at ${Math.round(media.currentTime)} s`;
    },
    [app.hosted('Files/sound.wav'), tag, crossorigin] as const,
  );

for (const tag of ['audio', 'video'] as const)
  for (const crossorigin of [true, false])
    test(`<${tag}${crossorigin ? ' crossorigin' : ''}> with jumps`, async ({ app, engine }) => {
      if (!crossorigin)
        cannot(engine, 'firefox', 'Firefox requests media without crossorigin past the worker.');
      expect(await jump(app, tag, crossorigin)).toBe('120 s, at 30 s');
    });

test('EventSource', { tag: '@smoke' }, async ({ app }) => {
  const events = await app.page.run(
    (url) =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        const source = new EventSource(url);
        source.addEventListener('change', ({ data }: MessageEvent<string>) => {
          seen.push(data);
          if (seen.length < 3) return;
          source.close();
          resolve(seen);
        });
        setTimeout(() => resolve([...seen, 'no end']), 10_000);
      }),
    app.hosted('Files/events'),
  );
  expect(events).toEqual(['event 1', 'event 2', 'event 3']);
});

test('EventSource that reconnects', async ({ app }) => {
  const isOver = await app.page.run(
    (url) =>
      new Promise<boolean>((resolve) => {
        let count = 0;
        const source = new EventSource(url);
        source.addEventListener('change', () => {
          count += 1;
          if (count < 6) return;
          source.close();
          resolve(true);
        });
        setTimeout(() => resolve(false), 10_000);
      }),
    app.hosted('Files/events?end=1'),
  );
  expect(isOver).toBe(true);
});

test(
  'upload: a file of 2 MB arrives byte for byte, with a token that expires',
  { tag: '@smoke' },
  async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const length = 2_000_000;
    const echo = await app.page.run(
      async ([url, size]) => {
        const bytes = new Uint8Array(size).map((_, index) => (index * 31) % 256);
        const body = new Blob([bytes], { type: 'application/octet-stream' });
        return (await (await fetch(url, { method: 'POST', body })).json()) as Record<string, unknown>;
      },
      [app.hosted('Echo?f=json'), length] as [string, number],
    );
    const bytes = new Uint8Array(length).map((_, index) => (index * 31) % 256);
    expect(echo).toMatchObject({
      user: 'ana',
      bodyLength: length,
      bodySha256: createHash('sha256').update(bytes).digest('hex'),
    });
  },
);

test('upload: a form with a file', async ({ app }) => {
  app.portal.control.expireAccessTokens();
  const echo = await app.page.run(async (url) => {
    const body = new FormData();
    body.set('name', 'Zürich');
    body.set('file', new File([new Uint8Array(2000)], 'a.bin'));
    return (await (await fetch(url, { method: 'POST', body })).json()) as Record<string, unknown>;
  }, app.hosted('Echo?f=json'));
  expect(echo).toMatchObject({ user: 'ana', tokenPlacement: 'form' });
});

test('redirect that is not followed', async ({ app, engine }) => {
  cannot(engine, 'webkit', 'WebKit takes no such response from a worker.');
  const to = encodeURIComponent(app.hosted(countQuery()));
  const type = await app.page.run(
    async (url) => (await fetch(url, { redirect: 'manual' })).type,
    app.hosted(`Redirect?to=${to}&status=302`),
  );
  expect(type).toBe('opaqueredirect');
});
