/**
 * A token in an address never comes back with the answer: not by what the page reads, and not by what the engine does with the
 * address of an answer later (ranges of a film, `import.meta.url`, error positions, referrers).
 */
import type { ServerResponse } from 'node:http';
import { expect, registeredWith, signedIn, test, type TestApp } from '../support/attack.js';
import { anyOrigin, type MaliciousServer, type ReceivedRequest } from '../support/malicious-server.js';

/** Silence of 16 kB a second: more than an engine reads ahead, so that it asks for what lies behind a jump. */
const sound = ((): Buffer => {
  const length = 40_000_000;
  const bytes = Buffer.alloc(44 + length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(length, 40);
  return bytes;
})();

const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** What the server has, by the end of the path. */
const files: Readonly<Record<string, [type: string, body: string | Buffer]>> = {
  json: ['application/json', '{"a":1}'],
  mjs: ['text/javascript', 'export const seen = import.meta.url + new Error().stack;'],
  js: [
    'text/javascript',
    'self.seen = (self.document?.currentScript?.src ?? "") + new Error().stack; throw new Error("thrown by the file");',
  ],
  css: ['text/css', 'p { color: rgb(1, 2, 3) }'],
  png: ['image/png', dot],
  svg: ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  vtt: ['text/vtt', 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello'],
  events: ['text/event-stream', 'data: 1\n\n'],
  wav: ['audio/wav', sound],
};

/** Answers as a file server does that lets others read, and tells nobody which part of a file it sends. */
function serve({ url, headers }: ReceivedRequest, response: ServerResponse): boolean {
  const [type, body] = files[/\.(\w+)$/.exec(url.pathname)?.[1] ?? ''] ?? ['text/plain', 'nothing'];
  const bytes = Buffer.from(body);
  const [, first, last] = /^bytes=(\d+)-(\d*)/.exec(headers.range ?? '') ?? [];
  if (first === undefined) {
    response
      .writeHead(200, { ...anyOrigin, 'content-type': type, 'content-length': bytes.length })
      .end(bytes);
    return true;
  }
  const { 'access-control-expose-headers': _, ...cors } = anyOrigin;
  const end = last === undefined || last === '' ? bytes.length : Number(last) + 1;
  response.writeHead(206, {
    ...cors,
    'content-type': type,
    'accept-ranges': 'bytes',
    // One part at a time is written into the browser's cache: the second would wait for the first.
    'cache-control': 'no-store',
    'content-range': `bytes ${first}-${end - 1}/${bytes.length}`,
    'content-length': end - Number(first),
  });
  response.end(bytes.subarray(Number(first), end));
  return true;
}

interface Way {
  readonly name: string;
  readonly file: keyof typeof files;
  /** Page code. @returns What an attacker reads, and whether the answer was one that can be read. */
  readonly read: (url: string) => Promise<{ seen: string; isReadable?: boolean }>;
  /** Engines in which the network's own answer is known to show its address in this way. */
  readonly leaksIn: readonly ('chromium' | 'firefox' | 'webkit')[];
}

const everywhere = ['chromium', 'firefox', 'webkit'] as const;

const play = ([url, name, cors]: [string, string, string]): Promise<{ seen: string; isReadable?: boolean }> =>
  new Promise((resolve) => {
    const media = document.createElement(name) as HTMLVideoElement;
    if (cors !== '') media.crossOrigin = cors;
    media.muted = true;
    media.preload = 'auto';
    const end = (how: string): void => {
      const stream = (media as unknown as { captureStream?: () => MediaStream }).captureStream;
      let isReadable = true;
      try {
        stream?.call(media);
      } catch {
        isReadable = false;
      }
      resolve({ seen: `${how} ${media.currentSrc}`, isReadable: how === 'sought' && isReadable });
      media.removeAttribute('src');
      media.load();
    };
    media.addEventListener('error', () => end(`error ${media.error?.message}`), { once: true });
    media.addEventListener('seeked', () => end('sought'), { once: true });
    media.addEventListener('loadedmetadata', () => (media.currentTime = 2400), { once: true });
    media.src = url;
    document.body.append(media);
  });

const ways: readonly Way[] = [
  {
    name: 'fetch',
    file: 'json',
    leaksIn: everywhere,
    read: async (url) => {
      const response = await fetch(url);
      return { seen: `${response.url} ${response.clone().url}`, isReadable: response.type !== 'opaque' };
    },
  },
  {
    name: 'fetch without CORS',
    file: 'json',
    leaksIn: [],
    read: async (url) => {
      const response = await fetch(url, { mode: 'no-cors' });
      return { seen: response.url, isReadable: response.type !== 'opaque' };
    },
  },
  {
    name: 'XMLHttpRequest',
    file: 'json',
    leaksIn: everywhere,
    read: (url) =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open('GET', url);
        request.addEventListener('loadend', () =>
          resolve({ seen: request.responseURL + request.getAllResponseHeaders() }),
        );
        request.send();
      }),
  },
  {
    name: 'an answer put into a cache and read back',
    file: 'json',
    leaksIn: everywhere,
    read: async (url) => {
      const cache = await caches.open('attack');
      await cache.add(url);
      await cache.put('/copy', await fetch(url, { mode: 'no-cors' }));
      const copies = await Promise.all([cache.match(url), cache.match('/copy')]);
      const keys = (await cache.keys()).map((key) => key.url);
      await caches.delete('attack');
      return { seen: [...keys, ...copies.map((copy) => copy?.url)].join(' ') };
    },
  },
  {
    name: 'import()',
    file: 'mjs',
    leaksIn: everywhere,
    read: async (url) => ({ seen: ((await import(url)) as { seen: string }).seen }),
  },
  {
    name: 'a module script that imports',
    file: 'mjs',
    leaksIn: everywhere,
    read: (url) =>
      new Promise((resolve) => {
        addEventListener('module-seen', (event) => resolve({ seen: (event as CustomEvent<string>).detail }), {
          once: true,
        });
        const source = `import { seen } from ${JSON.stringify(url)};
          dispatchEvent(new CustomEvent('module-seen', { detail: seen }));`;
        const script = Object.assign(document.createElement('script'), { type: 'module' });
        script.text = source;
        document.body.append(script);
      }),
  },
  {
    name: 'a module worker that imports',
    file: 'mjs',
    leaksIn: everywhere,
    read: (url) =>
      new Promise((resolve) => {
        const source = `import { seen } from ${JSON.stringify(url)}; postMessage(seen);`;
        const blob = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        const worker = new Worker(blob, { type: 'module' });
        worker.addEventListener('message', ({ data }) => resolve({ seen: String(data) }));
        worker.addEventListener('error', () => resolve({ seen: 'error' }));
      }),
  },
  {
    name: 'importScripts',
    file: 'js',
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const source = `let error = ''; try { importScripts(${JSON.stringify(url)}) } catch (e) { error = e.message + e.stack }
          postMessage([self.seen, error, JSON.stringify(performance.getEntries())].join(' '));`;
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.addEventListener('message', ({ data }) => resolve({ seen: String(data) }));
      }),
  },
  ...(['', 'anonymous'] as const).map((crossOrigin): Way => ({
    name: `<script${crossOrigin && ' crossorigin'}>`,
    file: 'js',
    leaksIn: [],
    read:
      crossOrigin === ''
        ? (url) =>
            new Promise((resolve) => {
              const errors: string[] = [];
              addEventListener(
                'error',
                (event) => errors.push(event.message, event.filename, String(event.error?.stack)),
                { once: true },
              );
              const script = document.createElement('script');
              script.addEventListener('load', () =>
                resolve({
                  seen: [script.src, String(Reflect.get(window, 'seen')), ...errors].join(' '),
                  isReadable: errors.join().includes('thrown by the file'),
                }),
              );
              script.src = url;
              document.body.append(script);
            })
        : (url) =>
            new Promise((resolve) => {
              const script = Object.assign(document.createElement('script'), { crossOrigin: 'anonymous' });
              script.addEventListener('load', () =>
                resolve({ seen: [script.src, String(Reflect.get(window, 'seen'))].join(' ') }),
              );
              script.src = url;
              document.body.append(script);
            }),
  })),
  {
    name: '<link rel=stylesheet>',
    file: 'css',
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url });
        link.addEventListener('load', () => {
          let isReadable = true;
          try {
            void link.sheet?.cssRules;
          } catch {
            isReadable = false;
          }
          resolve({ seen: `${link.sheet?.href}`, isReadable });
        });
        document.head.append(link);
      }),
  },
  ...(['png', 'svg'] as const).map((file): Way => ({
    name: `<img> of ${file}`,
    file,
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const image = new Image();
        image.setAttribute('elementtiming', 'attack');
        image.addEventListener('error', () => resolve({ seen: 'error', isReadable: false }));
        image.addEventListener('load', () => {
          const context = document.createElement('canvas').getContext('2d');
          let isReadable = true;
          try {
            context?.drawImage(image, 0, 0);
            context?.getImageData(0, 0, 1, 1);
          } catch {
            isReadable = false;
          }
          resolve({ seen: image.currentSrc, isReadable });
        });
        image.src = url;
        document.body.append(image);
      }),
  })),
  {
    name: '<img crossorigin>',
    file: 'png',
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const image = Object.assign(new Image(), { crossOrigin: 'anonymous' });
        image.addEventListener('load', () => resolve({ seen: image.currentSrc }));
        image.src = url;
      }),
  },
  {
    name: 'EventSource',
    file: 'events',
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const source = new EventSource(url);
        source.addEventListener('message', (event) => {
          source.close();
          resolve({ seen: `${source.url} ${event.origin}` });
        });
      }),
  },
  {
    name: '<track>',
    file: 'vtt',
    leaksIn: [],
    read: (url) =>
      new Promise((resolve) => {
        const video = Object.assign(document.createElement('video'), { crossOrigin: 'anonymous' });
        const track = Object.assign(document.createElement('track'), { src: url, default: true });
        track.addEventListener('load', () => resolve({ seen: track.src }));
        video.append(track);
        document.body.append(video);
      }),
  },
];

/** A server of the portal's whose answers are files, and our app with a registration that covers it. */
async function attackBoth(
  {
    variant,
    vulnerableApp,
    maliciousServer,
    portal,
  }: {
    variant: (variation: { config: ReturnType<typeof registeredWith> }) => Promise<TestApp>;
    vulnerableApp: (weaknesses: { more: string }) => Promise<TestApp>;
    maliciousServer: (answers: { answer: typeof serve }) => Promise<MaliciousServer>;
    portal: TestApp['portal'];
  },
  attack: (target: TestApp, origin: string) => Promise<{ seen: string; isReadable?: boolean }>,
  isControl: boolean,
): Promise<{ seen: string; isReadable?: boolean }> {
  const server = await maliciousServer({ answer: serve });
  const look = async (target: TestApp): Promise<{ seen: string; isReadable?: boolean }> => {
    const result = await attack(target, server.origin);
    const entries = await target.run(() => JSON.stringify(performance.getEntries()));
    return { ...result, seen: result.seen + entries };
  };
  if (isControl) {
    const control = await look(await vulnerableApp({ more: server.origin }));
    expect(portal.log.leaks(control.seen), 'control').not.toEqual([]);
  }
  const ours = await signedIn(
    await variant({ config: registeredWith({ resources: [portal.hostedUrl, server.origin] }) }),
  );
  const before = server.received.length;
  const result = await look(ours);
  const sent = server.received.slice(before);
  const signed = sent.filter(
    ({ url, headers }) => portal.log.leaks(url.href + JSON.stringify(headers)).length > 0,
  );
  expect(signed, 'there was something to lose').not.toEqual([]);
  // What an engine requests by itself, past the worker, has the element as its destination.
  expect(signed.map(({ headers }) => headers['sec-fetch-dest'])).toEqual(signed.map(() => 'empty'));
  expect(portal.log.leaks(result.seen)).toEqual([]);
  return result;
}

for (const { name, file, read, leaksIn } of ways) {
  test(
    `the address of an answer holds no token: ${name}`,
    { tag: ['@S1'] },
    async ({ variant, vulnerableApp, maliciousServer, portal, browserName }) => {
      const { isReadable = true } = await attackBoth(
        { variant, vulnerableApp, maliciousServer, portal },
        (target, origin) => target.run(read, `${origin}/rest/file.${file}`),
        leaksIn.includes(browserName),
      );
      // The network's own answer to a request without CORS is opaque: what can be read has been rebuilt.
      expect(isReadable).toBe(true);
    },
  );
}

for (const tag of ['audio', 'video'] as const)
  for (const crossOrigin of ['', 'anonymous'])
    test(
      `the parts of a film are asked for at an address without a token: <${tag}${crossOrigin && ' crossorigin'}>`,
      { tag: ['@S1'] },
      async ({ variant, vulnerableApp, maliciousServer, portal }) => {
        const { seen, isReadable } = await attackBoth(
          { variant, vulnerableApp, maliciousServer, portal },
          (target, origin) => target.run(play, [`${origin}/rest/film.wav`, tag, crossOrigin]),
          false,
        );
        expect(seen).toContain('sought');
        expect(isReadable).toBe(true);
      },
    );

test(
  'the answer of a server that forbids reading is obtained without a token',
  { tag: ['@S1'] },
  async ({ variant, maliciousServer, portal }) => {
    const server = await maliciousServer({
      answer: ({ url }, response) => {
        const [type, body] = files[/\.(\w+)$/.exec(url.pathname)?.[1] ?? ''] ?? ['text/plain', ''];
        response.writeHead(200, { 'content-type': type }).end(body);
        return true;
      },
    });
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, server.origin] }) }),
    );
    expect(await ours.loadImage(`${server.origin}/rest/dot.png`)).toBe(1);
    const type = await ours.run(
      async (url) => (await fetch(url, { mode: 'no-cors' })).type,
      `${server.origin}/rest/data.json`,
    );
    expect(type).toBe('opaque');
    // The last request for each is the one that the page got the answer of.
    const last = (path: string) => server.received.filter(({ url }) => url.pathname.endsWith(path)).at(-1);
    for (const path of ['dot.png', 'data.json'])
      expect(portal.log.leaks(last(path)?.url.href ?? 'none')).toEqual([]);
  },
);
