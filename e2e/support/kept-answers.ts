/** The app whose worker keeps answers, and a server of its registration whose answers a test writes. */
import { registration, serveApp, test as base, TestApp } from './fixtures.js';
import { startMaliciousServer, type ReceivedRequest } from './malicious-server.js';

/** An answer; a string is the body of one that is fresh for an hour. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Breaks the connection in the middle of the body. */
  readonly breaksOff?: boolean;
  /** Sends the second half of the body when it resolves. */
  readonly until?: Promise<void>;
}

/** The server. */
export interface AnsweringServer {
  readonly origin: string;
  /** The requests so far, without preflights. */
  readonly received: () => readonly ReceivedRequest[];
  readonly preflights: () => number;
  answer: (received: ReceivedRequest) => Answer | string;
  /** Whether preflights pass. */
  allowsHeaders: boolean;
}

interface Fixtures {
  /** Limits of what is kept. */
  limits: Record<string, unknown>;
  server: AnsweringServer;
  /** Open, with ana signed in. */
  keeping: TestApp;
}

const readable = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };

export const test = base.extend<Fixtures>({
  limits: [{}, { option: true }],

  server: async ({ portal }, use) => {
    const started = await startMaliciousServer(portal, {
      answer: (received, response) => {
        if (received.method === 'OPTIONS') {
          const headers = server.allowsHeaders ? { 'access-control-allow-headers': '*' } : {};
          response.writeHead(200, { ...readable, ...headers }).end();
          return true;
        }
        const given = server.answer(received);
        const {
          status = 200,
          headers = {},
          body = '',
          breaksOff = false,
          until,
        } = typeof given === 'string' ? { body: given, headers: { 'cache-control': 'max-age=3600' } } : given;
        response.writeHead(status, { ...readable, 'content-type': 'text/plain', ...headers });
        const [start, end] = [body.slice(0, body.length / 2), body.slice(body.length / 2)];
        if (breaksOff) response.write(start, () => response.destroy());
        else if (until) {
          response.write(start);
          void until.then(() => response.end(end));
        } else response.end(body);
        return true;
      },
    });
    const server: AnsweringServer = {
      origin: started.origin,
      received: () => started.received.filter(({ method }) => method !== 'OPTIONS'),
      preflights: () => started.received.length - server.received().length,
      answer: () => 'content',
      allowsHeaders: true,
    };
    await use(server);
    await started.close();
  },

  keeping: async ({ page, portal, server, limits }, use) => {
    const appServer = await serveApp(portal, {
      config: {
        make: () => ({
          arcgis: [{ ...registration(portal), resources: [portal.hostedUrl, server.origin] }],
          offline: limits,
        }),
      },
    });
    const app = new TestApp(page, portal, appServer.url);
    await app.open('/?worker=/offline-worker.js');
    await app.signIn('ana');
    portal.log.clear();
    await use(app);
    app.expectNothingLeaked();
    await appServer.close();
  },
});

/** What lies in the caches of the worker. */
export interface KeptEntry {
  readonly cache: string;
  readonly url: string;
  readonly text: string;
  readonly headers: Record<string, string>;
}

/** Everything that page script finds in the caches of partitions. */
export const keptIn = (app: TestApp): Promise<KeptEntry[]> =>
  app.run(async () => {
    const entries: KeptEntry[] = [];
    for (const name of await caches.keys()) {
      if (!/:(fresh|strategy):/.test(name)) continue;
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const response = await cache.match(request);
        const headers = {
          ...Object.fromEntries(request.headers),
          ...Object.fromEntries(response?.headers ?? []),
        };
        entries.push({ cache: name, url: request.url, text: (await response?.text()) ?? '', headers });
      }
    }
    return entries;
  });

/** The names of the caches that hold answers. */
export const cacheNames = (app: TestApp): Promise<string[]> =>
  app.run(async () => (await caches.keys()).filter((name) => /:(fresh|strategy|area):/.test(name)));

/** The text of an answer, or the name of the error. */
export async function read(app: TestApp, url: string, init?: RequestInit): Promise<string> {
  const outcome = await app.fetch(url, init);
  return 'text' in outcome ? outcome.text : outcome.error;
}

export { expect } from './fixtures.js';
