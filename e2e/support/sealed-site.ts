/** A site with a sealed worker, on a port of its own, with a record of the seals and refusals that it sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, type Page } from '@playwright/test';
import { guardCallback, issueSealCookie, sealWorkerScript } from 'identity-worker/server';
import { toNodeListener, type FetchHandler } from 'identity-worker/server/node';
import { answerFile } from '../servers/files.js';

/** Two secrets. */
export const secrets = [1, 2].map((seed) =>
  Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 7 + seed * 31) % 256)).toString('base64'),
) as [string, string];

/** What is done wrong in a site, for controls: no demand on the request, or an answer that caches may keep. */
export type Mistake = 'unguarded' | 'cacheable';

export interface SealedSite {
  /** `http://localhost:…` without trailing slash. */
  readonly url: string;
  /** Every script with a key that was sent. */
  readonly sealed: string[];
  /** Codes of the refusals that were sent. */
  readonly refused: string[];
  /** Changes the secrets of the running server. */
  rotate(secrets: readonly string[]): void;
  /** Names another scope than that of the script's folder. */
  moveTo(scope: string): void;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Whether pages bring the cookie. Default true. */
  cookieWithPage?: boolean;
  /** Whether the callback is guarded. Default true. */
  guarded?: boolean;
  mistake?: Mistake;
  /** A script that the site serves for an attacker, at `/upload.js`. */
  upload?: string;
}

/** Starts a site. */
export async function startSealedSite({
  cookieWithPage = true,
  guarded = true,
  mistake,
  upload,
}: SiteOptions = {}): Promise<SealedSite> {
  const sealed: string[] = [];
  const refused: string[] = [];
  let current: readonly string[] = secrets.slice(0, 1);
  let scope = '/';

  const seal: FetchHandler = async (request) => {
    const handler = sealWorkerScript({ secrets: current, path: '/worker.js', script: answerFile, scope });
    const answer = await handler(mistake === 'unguarded' ? pretendGenuine(request) : request);
    const code = answer?.headers.get('identity-worker-refusal');
    if (code !== null && code !== undefined) refused.push(code);
    if (answer?.ok) sealed.push(await answer.clone().text());
    if (answer?.ok && mistake === 'cacheable') makeCacheable(answer.headers);
    return answer;
  };
  const guard = guarded ? guardCallback({ path: '/signed-in.html' }) : (): undefined => undefined;
  const files: FetchHandler = async (request) => {
    if (upload !== undefined && new URL(request.url).pathname === '/upload.js')
      return new Response(upload, { headers: { 'content-type': 'text/javascript' } });
    const answer = await answerFile(request);
    return cookieWithPage ? issueSealCookie({ secrets: current })(request, answer) : answer;
  };

  const listener = toNodeListener(seal, guard, files);
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    sealed,
    refused,
    rotate: (next) => {
      current = next;
    },
    moveTo: (next) => {
      scope = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pretendGenuine({ url, method, headers }: Request): Request {
  const genuine = new Headers(headers);
  genuine.set('sec-fetch-dest', 'serviceworker');
  genuine.set('sec-fetch-site', 'same-origin');
  genuine.set('service-worker', 'script');
  return new Request(url, { method, headers: genuine });
}

function makeCacheable(headers: Headers): void {
  headers.set('cache-control', 'max-age=3600');
  headers.delete('vary');
  headers.delete('cdn-cache-control');
}

export const test = base.extend<{ options: SiteOptions; site: SealedSite }>({
  options: [{}, { option: true }],
  site: async ({ options }, use) => {
    const site = await startSealedSite(options);
    await use(site);
    await site.close();
  },
});

/** Registers the worker as a page does. @returns `active`, or the name of the error. */
export const register = (page: Page, type: WorkerType = 'classic'): Promise<string> =>
  page.evaluate(async (workerType) => {
    try {
      await navigator.serviceWorker.register('/worker.js', { type: workerType });
      await navigator.serviceWorker.ready;
      return 'active';
    } catch (error) {
      return (error as Error).name;
    }
  }, type);

/** What the active worker answers to a message. */
export const askWorker = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<unknown>((resolve) => {
      port1.addEventListener('message', ({ data }) => resolve(data));
    });
    port1.start();
    active?.postMessage('keys', [port2]);
    return answer;
  });
