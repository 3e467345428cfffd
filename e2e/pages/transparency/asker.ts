/** A dedicated or shared worker of the app, as map engines have them: fetches what its page names. */

interface Question {
  readonly url: string;
  readonly how: 'fetch' | 'xhr' | 'script';
}

/** The three ways in which a worker loads something. */
async function ask({ url, how }: Question): Promise<unknown> {
  try {
    if (how === 'script') {
      (self as unknown as { importScripts: (url: string) => void }).importScripts(url);
      return (globalThis as { portalScript?: string }).portalScript;
    }
    if (how === 'xhr') {
      const request = new XMLHttpRequest();
      request.open('GET', url, false);
      request.send();
      return [request.status, request.responseURL, request.getAllResponseHeaders(), request.responseText];
    }
    const response = await fetch(url);
    const { type, status, redirected, headers } = response;
    return {
      url: response.url,
      type,
      status,
      redirected,
      headers: Object.fromEntries(headers),
      text: await response.text(),
    };
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

self.addEventListener('message', ({ data }) => void ask(data as Question).then((seen) => postMessage(seen)));

self.addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0];
  port?.addEventListener('message', ({ data }) => {
    void ask(data as Question).then((seen) => port.postMessage(seen));
  });
  port?.start();
});
