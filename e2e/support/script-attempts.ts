/** Page code that requests the sealed worker script in every way in which a page loads a URL. */

/** The keys in a sealed script. */
export const keysIn = (script: string | undefined): string[] =>
  JSON.parse(/^self\.__identityWorkerKeys=(\[.*\]);\n/.exec(script ?? '')?.[1] ?? '[]') as string[];

/** Every way in which page script loads a URL. @returns The text or value that each came to. */
export const attempts = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  const url = '/worker.js';
  const text = (value: unknown): string =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const attempt = async (name: string, act: () => unknown): Promise<void> => {
    // Of some ways browsers tell no end.
    const late = new Promise((resolve) => {
      setTimeout(() => resolve('nothing in five seconds'), 5_000);
    });
    try {
      found[name] = text(await Promise.race([act(), late]));
    } catch (error) {
      found[name] = `failed: ${String(error)}`;
    }
  };
  const settled = (target: EventTarget, ...events: string[]): Promise<string> =>
    new Promise((resolve) => {
      for (const event of ['load', 'error', ...events])
        target.addEventListener(event, (happened) => resolve(text((happened as MessageEvent).data ?? event)));
    });
  const element = (tag: string, attributes: Record<string, string>): Promise<string> => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    const end = settled(made);
    document.head.append(made);
    return end;
  };
  const global = (): unknown => (globalThis as unknown as Record<string, unknown>)['__identityWorkerKeys'];

  const forged = {
    'Service-Worker': 'script',
    'Sec-Fetch-Dest': 'serviceworker',
    'Sec-Fetch-Site': 'same-origin',
  };
  const caches: RequestCache[] = [
    'force-cache',
    'only-if-cached',
    'default',
    'no-cache',
    'no-store',
    'reload',
  ];
  for (const cache of caches) {
    await attempt(`fetch ${cache}`, async () => (await fetch(url, { cache, mode: 'same-origin' })).text());
    await attempt(`fetch ${cache}, forged`, async () =>
      (await fetch(url, { cache, mode: 'same-origin', headers: forged })).text(),
    );
    await attempt(`fetch by the worker ${cache}`, async () =>
      (await fetch(`/through-the-worker?${cache}`)).text(),
    );
  }
  for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS'])
    await attempt(`fetch ${method}`, async () => {
      const response = await fetch(url, { method, headers: forged });
      return text([...response.headers]) + (await response.text());
    });
  await attempt('fetch range', async () => (await fetch(url, { headers: { Range: 'bytes=0-200' } })).text());
  await attempt('window', async () => {
    const opened = open(url);
    // A document that shows text has an element around it as soon as it is there.
    const isThere = (): boolean =>
      opened === null ||
      opened.closed ||
      (opened.location.href.endsWith(url) && opened.document.readyState === 'complete');
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
    const seen = opened?.document.documentElement.outerHTML;
    opened?.close();
    return seen;
  });
  await attempt('Cache.add', async () => {
    const cache = await globalThis.caches.open('attempt');
    await cache.add(url);
    return (await cache.match(url))?.text();
  });
  for (const name of ['plain', 'forged'])
    await attempt(`XMLHttpRequest ${name}`, async () => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      if (name === 'forged') request.setRequestHeader('Service-Worker', 'script');
      const end = settled(request);
      request.send();
      await end;
      return request.responseText;
    });
  await attempt('EventSource', () => settled(new EventSource(url), 'message'));
  for (const type of ['text/javascript', 'module'])
    await attempt(`script ${type}`, async () => [await element('script', { src: url, type }), global()]);
  await attempt('import', async () => [Object.keys((await import(url)) as object), global()]);
  const destinations =
    'serviceworker script worker sharedworker audioworklet paintworklet style image font fetch document track json manifest';
  for (const as of destinations.split(' '))
    for (const rel of ['preload', 'modulepreload', 'prefetch']) {
      // Browsers that do not load this kind fire no event: the fetch of the next line comes after whatever is under way.
      await attempt(`link ${rel} ${as}`, async () => {
        void element('link', { rel, as, href: url });
        return (await fetch(url, { cache: 'force-cache' })).text();
      });
    }
  for (const tag of ['iframe', 'object', 'embed'])
    await attempt(tag, async () => {
      const made = document.createElement(tag);
      made.setAttribute(tag === 'object' ? 'data' : 'src', url);
      const end = settled(made);
      document.documentElement.append(made);
      await end;
      return (made as HTMLIFrameElement).contentDocument?.documentElement.outerHTML;
    });
  await attempt('Worker', () => {
    const worker = new Worker(url);
    worker.postMessage('keys');
    return settled(worker, 'message');
  });
  await attempt('module Worker', () => {
    const worker = new Worker(url, { type: 'module' });
    worker.postMessage('keys');
    return settled(worker, 'message');
  });
  await attempt('SharedWorker', () => {
    const worker = new SharedWorker(url);
    worker.port.start();
    return Promise.race([settled(worker), settled(worker.port, 'message')]);
  });
  const script = `try { importScripts(${JSON.stringify(location.origin + url)}) } catch (error) { postMessage(String(error)) } postMessage(self.__identityWorkerKeys)`;
  await attempt('importScripts', () =>
    settled(new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))), 'message'),
  );
  await attempt('module Worker that imports it', () => {
    const source = `import ${JSON.stringify(location.origin + url)}; postMessage(self.__identityWorkerKeys)`;
    const blob = new Blob([source], { type: 'text/javascript' });
    return settled(new Worker(URL.createObjectURL(blob), { type: 'module' }), 'message');
  });
  await attempt('module SharedWorker', () => {
    const worker = new SharedWorker(url, { type: 'module' });
    worker.port.start();
    return Promise.race([settled(worker), settled(worker.port, 'message')]);
  });
  await attempt('PaintWorklet', () =>
    (CSS as unknown as { paintWorklet: Worklet }).paintWorklet.addModule(url),
  );
  await attempt('AudioWorklet', () => new OfflineAudioContext(1, 1, 44_100).audioWorklet.addModule(url));
  return found;
};

/** The names of the attempts that got the key. */
export const successful = (found: Record<string, string>, key: string): string[] =>
  Object.keys(found).filter((name) => found[name]?.includes(key));
