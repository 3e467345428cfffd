/** Serves built files as an app's own web server would: fixed headers, right types, addresses filled in at run time. */
import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Certificate } from './portal/index.js';
import {
  guardCallback,
  guardWorkers,
  issueSealCookie,
  sealWorkerScript,
  type Secrets,
} from 'identity-worker/server';
import {
  toNodeListener,
  toNodeMiddleware,
  type FetchHandler,
  type NodeListener,
} from 'identity-worker/server/node';

export interface AppServerOptions {
  /** Folders that are looked through, in order. */
  folders: readonly string[];
  /** Default 0: any free port. */
  port?: number;
  /** Default `127.0.0.1`. The page's own origin is `http://localhost:…`, so that portal and app are different sites. */
  host?: string;
  /** Speaks `https:`. Default: `http:`. */
  tls?: Certificate;
  /** Placeholders in HTML and JavaScript, and what they become: the addresses are known at run time only. */
  replacements?: Readonly<Record<string, string>>;
  /** Headers sent with every answer. */
  headers?: Readonly<Record<string, string>>;
  /**
   * Has the worker's script sealed, the callback page guarded and workers refused that are not among the app's other ones, as
   * docs/server.md says.
   */
  seal?: Sealing;
  /** Handlers of `identity-worker/server` that answer before everything else. */
  handlers?: readonly FetchHandler[];
  /** Answers requests before the files do; `undefined` passes on. */
  intercept?: (
    path: string,
    headers: IncomingHttpHeaders,
  ) => Intercepted | undefined | Promise<Intercepted | undefined>;
}

/** What of the app is sealed. */
export interface Sealing {
  secrets: Secrets;
  /** Path of the worker's script. */
  worker: string;
  /** Path of the callback page. */
  callback: string;
  otherWorkers?: 'any' | readonly string[];
  /** The ready worker of a script tag, sealed for the registration in the tag. */
  scriptTag?: { worker: string; callback: string; query: Readonly<Record<string, string>> };
  /** Headers of the workers' scripts, in place of those of other files. */
  headers?: Readonly<Record<string, string>>;
}

interface Intercepted {
  status?: number;
  headers?: Record<string, string>;
  body: string;
}

export interface AppServer {
  /** `http://localhost:…` or `https://localhost:…`, without trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const isText = (type: string): boolean => /^text\/|json/.test(type);

/** Starts the server. */
export async function startAppServer(options: AppServerOptions): Promise<AppServer> {
  const {
    folders,
    port = 0,
    host = '127.0.0.1',
    replacements = {},
    headers = {},
    seal,
    handlers = [],
    intercept,
    tls,
  } = options;
  const sealing = seal && mountSealing(seal);
  const first = toNodeListener(...handlers);
  const respond = (request: IncomingMessage, response: ServerResponse): void =>
    first(request, response, () => {
      if (sealing) sealing(request, response, () => serve(request, response));
      else serve(request, response);
    });
  const server = tls ? createSecureServer(tls, respond) : createServer(respond);

  function serve(request: IncomingMessage, response: ServerResponse): void {
    void answer(new URL(request.url ?? '/', 'http://localhost').pathname, request.headers).then(
      ({ status = 200, headers: own = {}, body }) => {
        // A worker script must never come from a cache that outlives a deployment.
        // What the sealing has set stays: a page that comes with a cookie must not be kept.
        const kept = response.hasHeader('cache-control') ? {} : { 'cache-control': 'no-cache' };
        response.writeHead(status, { ...kept, ...headers, ...own }).end(body);
      },
      () => response.writeHead(500).end(),
    );
  }

  function mountSealing({
    secrets,
    worker,
    callback,
    otherWorkers = [],
    scriptTag,
    headers: workerHeaders = {},
  }: Sealing): NodeListener {
    const sealed = (path: string, query?: Readonly<Record<string, string>>): FetchHandler =>
      sealWorkerScript({
        secrets,
        path,
        headers: workerHeaders,
        ...(query === undefined ? {} : { query }),
        script: async () => {
          const { status = 200, headers: own = {}, body } = await answer(path);
          return new Response(new Uint8Array(Buffer.from(body)), { status, headers: { ...headers, ...own } });
        },
      });
    const workers = [worker, ...(scriptTag ? [scriptTag.worker] : [])];
    const handle = toNodeListener(
      otherWorkers === 'any' ? () => undefined : guardWorkers({ paths: [...workers, ...otherWorkers] }),
      guardCallback({ path: callback }),
      sealed(worker),
      ...(scriptTag
        ? [guardCallback({ path: scriptTag.callback }), sealed(scriptTag.worker, scriptTag.query)]
        : []),
    );
    const addCookie = toNodeMiddleware(issueSealCookie({ secrets }));
    return (request, response, next) => {
      // What the guards respond with has the app's headers too.
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      handle(request, response, () => addCookie(request, response, next ?? (() => undefined)));
    };
  }

  async function answer(
    path: string,
    requestHeaders: IncomingHttpHeaders = {},
  ): Promise<{ status?: number; headers?: Record<string, string>; body: string | Buffer }> {
    const intercepted = await intercept?.(path, requestHeaders);
    if (intercepted) return { ...intercepted, body: fillIn(intercepted.body) };
    const relative = normalize(decodeURIComponent(path.endsWith('/') ? `${path}index.html` : path));
    for (const folder of folders) {
      const bytes = await readFile(join(folder, relative)).catch(() => undefined);
      if (!bytes) continue;
      const type = types[extname(relative)] ?? 'application/octet-stream';
      return {
        headers: { 'content-type': type },
        body: isText(type) ? fillIn(bytes.toString('utf8')) : bytes,
      };
    }
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found' };
  }

  const fillIn = (text: string): string =>
    Object.entries(replacements).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);

  await listen(server, port, host);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
