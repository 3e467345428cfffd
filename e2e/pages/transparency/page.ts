/** What the actions of the transparency table inspect: everything page code can learn from a request, as plain JSON. */

const sha256 = async (bytes: ArrayBuffer): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/** All fields of a response, and its body to the last byte. */
async function describeResponse(response: Response): Promise<Record<string, unknown>> {
  const { url, type, status, statusText, redirected, ok } = response;
  const hasBody = response.body !== null;
  const body = await response.arrayBuffer();
  const { date: _, ...headers } = Object.fromEntries(response.headers);
  return {
    url,
    type,
    status,
    statusText,
    redirected,
    ok,
    headers,
    hasBody,
    length: body.byteLength,
    sha256: await sha256(body),
  };
}

/** Fetches and looks at the response, or at the error. */
function fetchAndDescribe(input: RequestInfo, init?: RequestInit): Promise<Record<string, unknown>> {
  return fetch(input, init).then(describeResponse).catch(describeError);
}

function describeError(error: unknown): Record<string, unknown> {
  return error instanceof Error
    ? { error: error.name, message: error.message, own: Object.keys(error) }
    : { error: String(error) };
}

/** Sends an XMLHttpRequest and notes its events and fields; progress once, however often it fires. */
async function sendXhr(
  method: string,
  url: string,
  body?: XMLHttpRequestBodyInit,
): Promise<Record<string, unknown>> {
  const request = new XMLHttpRequest();
  const events: string[] = [];
  const note = (target: XMLHttpRequestEventTarget, prefix: string): void => {
    for (const type of ['loadstart', 'progress', 'load', 'abort', 'error', 'timeout', 'loadend'])
      target.addEventListener(type, () => {
        const name = prefix + type;
        if (!events.includes(name)) events.push(name);
      });
  };
  note(request, '');
  note(request.upload, 'upload ');
  const states: number[] = [];
  request.addEventListener('readystatechange', () => {
    if (states.at(-1) !== request.readyState) states.push(request.readyState);
  });
  request.open(method, url);
  await new Promise((resolve) => {
    request.addEventListener('loadend', resolve);
    request.send(body ?? null);
  });
  return {
    status: request.status,
    statusText: request.statusText,
    url: request.responseURL,
    headers: request.getAllResponseHeaders(),
    text: request.responseText,
    states,
    events,
  };
}

/** Puts an element into the page and waits for what becomes of it. */
function loadElement(element: HTMLElement): Promise<string> {
  return new Promise((resolve) => {
    for (const type of ['load', 'error']) element.addEventListener(type, () => resolve(type));
    document.body.append(element);
  });
}

/** Puts a stylesheet into the page. */
async function addStylesheet(href: string, attribute: string): Promise<[HTMLLinkElement, string]> {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  if (attribute !== '') link.crossOrigin = 'anonymous';
  return [link, await loadElement(link)];
}

/** Whether the page may read the pixels of a picture. */
function readPixels(image: CanvasImageSource): unknown {
  const context = document.createElement('canvas').getContext('2d');
  try {
    context?.drawImage(image, 0, 0, 2, 2);
    return [...(context?.getImageData(0, 0, 2, 2).data ?? [])];
  } catch (error) {
    return describeError(error);
  }
}

/** What the page learns from an image. */
async function loadImage(image: HTMLImageElement, src: string): Promise<Record<string, unknown>> {
  image.src = src;
  const event = await loadElement(image);
  return {
    event,
    src: image.src,
    currentSrc: image.currentSrc,
    width: image.naturalWidth,
    complete: image.complete,
    decoded: await image.decode().then(() => 'decoded', describeError),
    pixels: readPixels(image),
  };
}

/** The next error that reaches the window, as a handler of the page sees it. */
function nextWindowError(): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    addEventListener(
      'error',
      ({ message, filename, lineno, error }) => {
        const stack = error instanceof Error ? error.stack : undefined;
        resolve({ message, filename, lineno, stack: stack ?? null });
      },
      { once: true },
    );
  });
}

/** What a player learns from a sound, and from a jump to its end. */
async function playWithJump(media: HTMLMediaElement, src: string): Promise<Record<string, unknown>> {
  const until = (type: string): Promise<string> =>
    new Promise((resolve) => {
      for (const each of [type, 'error']) media.addEventListener(each, () => resolve(each), { once: true });
    });
  media.preload = 'metadata';
  const loaded = until('loadeddata');
  media.src = src;
  document.body.append(media);
  const first = await loaded;
  if (first === 'error') return { first, code: media.error?.code };
  const sought = until('seeked');
  media.currentTime = media.duration - 1;
  return {
    first,
    sought: await sought,
    src: media.currentSrc,
    duration: media.duration,
    position: media.currentTime,
    seekable: media.seekable.length > 0 && media.seekable.end(0),
    error: media.error?.message ?? null,
    capture: await Promise.resolve()
      .then(() => (media as HTMLMediaElement & { captureStream(): MediaStream }).captureStream().active)
      .catch(describeError),
  };
}

/** The first message of a worker. */
function firstMessage(worker: EventTarget): Promise<unknown> {
  return new Promise((resolve) => {
    worker.addEventListener('message', (event) => resolve((event as MessageEvent).data), { once: true });
    worker.addEventListener('error', () => resolve('error'), { once: true });
  });
}

/** A frame of the app itself. */
async function openFrame(frame: HTMLIFrameElement): Promise<Window> {
  await loadElement(frame);
  return frame.contentWindow ?? window;
}

/** The page's performance entries of requests to these origins, once there are so many. */
function performanceEntries(origins: string[], count: number): Promise<PerformanceResourceTiming[]> {
  return new Promise((resolve) => {
    const check = (): void => {
      const entries = performance
        .getEntriesByType('resource')
        .filter(({ name }) => origins.includes(new URL(name).origin)) as PerformanceResourceTiming[];
      if (entries.length < count) return;
      observer.disconnect();
      resolve(entries);
    };
    const observer = new PerformanceObserver(check);
    observer.observe({ type: 'resource' });
    check();
  });
}

export const inspect = {
  describeResponse,
  fetchAndDescribe,
  describeError,
  sendXhr,
  loadElement,
  readPixels,
  addStylesheet,
  loadImage,
  nextWindowError,
  playWithJump,
  firstMessage,
  openFrame,
  performanceEntries,
};

window.inspect = inspect;
