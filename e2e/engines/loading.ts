/** Page code that loads the portal's files in every way there is, and keeps all addresses that it can read of each. */

/** A way of loading, and what page script could read of it. */
export type Sighting = readonly [way: string, text: string];

/** @param service - URL of the portal's service of files. */
export const loadInEveryWay = async (service: string): Promise<Sighting[]> => {
  const found: Sighting[] = [];
  const addressOf = (file: string, way: string): string =>
    `${service}/${file}${file.includes('?') ? '&' : '?'}way=${encodeURIComponent(way)}`;
  const way = async (
    name: string,
    file: string,
    act: (url: string) => Promise<unknown>,
    limitMs = 6_000,
  ): Promise<void> => {
    let text: unknown;
    try {
      text = await Promise.race([
        act(addressOf(file, name)),
        new Promise((resolve) => setTimeout(resolve, limitMs, 'no end')),
      ]);
    } catch (error) {
      text = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error);
    }
    found.push([name, JSON.stringify(text) ?? '']);
  };
  const settled = (target: EventTarget, ...types: string[]): Promise<Event> =>
    new Promise((resolve) => {
      for (const type of [...types, 'error'])
        target.addEventListener(type, (event) => resolve(event), { once: true });
    });
  const append = async <T extends HTMLElement>(element: T): Promise<T> => {
    const end = settled(element, 'load');
    document.head.append(element);
    await end;
    return element;
  };
  const make = <K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Record<string, string>,
  ): HTMLElementTagNameMap[K] => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  // What a script or a listener is told of errors in a file.
  addEventListener('error', (event) => {
    found.push(['error event', `${event.filename} ${event.message} ${(event.error as Error | null)?.stack}`]);
  });

  for (const [name, init] of [
    ['fetch', {}],
    ['fetch no-cors', { mode: 'no-cors' }],
    ['fetch redirect: manual', { redirect: 'manual' }],
    ['fetch no-store', { cache: 'no-store' }],
    ['fetch with a range', { headers: { range: 'bytes=0-9' } }],
  ] as [string, RequestInit][])
    await way(name, 'data.json', async (url) => {
      const response = await fetch(url, init);
      return [response.url, response.clone().url, [...response.headers], await response.text()];
    });
  await way('fetch of a Request', 'data.json', async (url) => {
    const request = new Request(url);
    const response = await fetch(request);
    return [request.url, response.url];
  });
  await way('Cache.add', 'data.json', async (url) => {
    const cache = await caches.open('sightings');
    await cache.add(url);
    return [(await cache.match(url))?.url, (await cache.keys()).map((key) => key.url)];
  });
  for (const type of ['', 'json', 'blob', 'arraybuffer', 'document'] as const)
    await way(`XMLHttpRequest ${type}`, 'data.json', async (url) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      request.responseType = type;
      request.send();
      await settled(request, 'loadend');
      return [request.responseURL, request.getAllResponseHeaders(), request.responseXML?.URL];
    });

  const moduleOf = async (url: string): Promise<unknown> => {
    const module = (await import(url)) as Record<string, unknown>;
    return [module['url'], module['part']];
  };
  await way('import()', 'module.js', moduleOf);
  await way('import() of a file that throws', 'broken.js', moduleOf);
  await way('<script type=module>', 'module.js', async (url) => {
    await append(make('script', { type: 'module', src: url }));
    return moduleOf(url);
  });
  await way('<script type=module crossorigin=use-credentials>', 'module.js', async (url) => {
    await append(make('script', { type: 'module', src: url, crossorigin: 'use-credentials' }));
    return moduleOf(url);
  });
  await way('<link rel=modulepreload>', 'module.js', async (url) => {
    const link = await append(make('link', { rel: 'modulepreload', href: url }));
    return [link.href, await moduleOf(url)];
  });
  await way('inline module that imports it', 'module.js', async (url) => {
    const script = make('script', { type: 'module' });
    script.textContent = `import * as all from ${JSON.stringify(url)}; globalThis.inlineImport = [all.url, all.part];`;
    document.head.append(script);
    while (!('inlineImport' in window)) await new Promise((resolve) => setTimeout(resolve, 20));
    return window.inlineImport;
  });
  for (const crossorigin of [undefined, 'anonymous'])
    for (const file of ['script.js', 'broken.js'])
      await way(`<script${crossorigin === undefined ? '' : ' crossorigin'}> ${file}`, file, async (url) => {
        const attributes = crossorigin === undefined ? {} : { crossorigin };
        return (await append(make('script', { src: url, ...attributes }))).src;
      });

  const inWorker = async (source: string, options?: WorkerOptions): Promise<unknown> => {
    const blob = new Blob([source], { type: 'text/javascript' });
    const worker = new Worker(URL.createObjectURL(blob), options);
    const event = await settled(worker, 'message');
    worker.terminate();
    return event instanceof MessageEvent ? (event.data as unknown) : (event as ErrorEvent).message;
  };
  const entries = 'JSON.stringify(performance.getEntries())';
  await way('import() in a worker', 'module.js', (url) =>
    inWorker(
      `import(${JSON.stringify(url)}).then((all) => postMessage([all.url, all.part, ${entries}]), (error) => postMessage(error.stack))`,
    ),
  );
  await way('static import in a module worker', 'module.js', (url) =>
    inWorker(
      `import * as all from ${JSON.stringify(url)}; postMessage([all.url, all.part, ${entries}, new Error().stack])`,
      { type: 'module' },
    ),
  );
  for (const file of ['script.js', 'broken.js'])
    await way(`importScripts in a worker, ${file}`, file, (url) =>
      inWorker(
        `try { importScripts(${JSON.stringify(url)}) } catch (error) { postMessage([String(error.stack), ${entries}]) } postMessage(${entries})`,
      ),
    );
  await way('fetch in a worker', 'data.json', (url) =>
    inWorker(`fetch(${JSON.stringify(url)}).then((response) => postMessage([response.url, ${entries}]))`),
  );
  await way('AudioWorklet', 'module.js', async (url) => {
    await new OfflineAudioContext(1, 1, 44_100).audioWorklet.addModule(url);
    return 'added';
  });

  const players: [name: string, act: (url: string) => Promise<unknown>][] = [];
  for (const crossorigin of [undefined, 'anonymous']) {
    const attributes: Record<string, string> = crossorigin === undefined ? {} : { crossorigin };
    const suffix = crossorigin === undefined ? '' : ' crossorigin';
    await way(`<link rel=stylesheet${suffix}>`, 'style.css', async (url) => {
      const { sheet } = await append(make('link', { rel: 'stylesheet', href: url, ...attributes }));
      const rules = ((): string[] => {
        try {
          return [...(sheet?.cssRules ?? [])].map(({ cssText }) => cssText);
        } catch {
          return [];
        }
      })();
      return [sheet?.href, rules];
    });
    await way(`<img${suffix}>`, 'dot.png', async (url) => {
      const image = make('img', attributes);
      const end = settled(image, 'load');
      image.src = url;
      document.body.append(image);
      await end;
      return [image.src, image.currentSrc];
    });
    for (const tag of ['audio', 'video'] as const)
      players.push([
        `<${tag}${suffix}> with jumps`,
        async (url) => {
          const media = make(tag, { ...attributes, preload: 'auto', src: url });
          const begun = settled(media, 'loadedmetadata');
          document.body.append(media);
          await begun;
          for (const second of media.error ? [] : [110, 30, 90]) {
            const jumped = settled(media, 'seeked');
            media.currentTime = second;
            await jumped;
          }
          const seen = [media.currentSrc, media.currentTime, media.error?.message];
          media.remove();
          return seen;
        },
      ]);
    await way(
      `<link rel=preload as=image${suffix}>`,
      'dot.png',
      async (url) =>
        (await append(make('link', { rel: 'preload', as: 'image', href: url, ...attributes }))).href,
    );
  }
  await way('@import in a style sheet', 'style.css', async (url) => {
    const style = make('style', {});
    style.textContent = `@import url(${JSON.stringify(url)});`;
    await append(style);
    const [rule] = style.sheet?.cssRules ?? [];
    return [(rule as CSSImportRule | undefined)?.href, (rule as CSSImportRule | undefined)?.styleSheet?.href];
  });
  await way('font', 'square.ttf', async (url) => {
    const face = await new FontFace('Sighting', `url(${JSON.stringify(url)})`).load();
    return face.family;
  });
  await way('EventSource', 'events', async (url) => {
    const source = new EventSource(url);
    const event = await settled(source, 'change');
    source.close();
    return [source.url, (event as MessageEvent).origin, (event as MessageEvent).data];
  });
  await way('beacon', 'data.json', (url) => Promise.resolve(navigator.sendBeacon(url)));

  // Together: they take the longest.
  await Promise.all(players.map(([name, act]) => way(name, 'sound.wav', act, 10_000)));

  for (const entry of performance.getEntries()) {
    const name = /[?&]way=([^&]*)/.exec(entry.name)?.[1] ?? '';
    found.push([`performance entry of ${decodeURIComponent(name)}`, JSON.stringify(entry)]);
  }
  found.push(['document', document.documentElement.outerHTML + document.referrer]);
  return found;
};

declare global {
  interface Window {
    inlineImport?: unknown;
  }
}
