/** Shared by the unit tests of the server's handlers. */
import { expect } from 'vitest';
import { COOKIE_NAME } from './cookie.js';

/** Three secrets as `openssl rand -base64 32` prints them. */
export const [secret, older, other] = [1, 2, 3].map((seed) =>
  btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, index) => (index * 7 + seed * 31) % 256))),
) as [string, string, string];

/** Headers of a browser that fetches its service worker. */
export const workerFetch: Readonly<Record<string, string>> = {
  'sec-fetch-dest': 'serviceworker',
  'sec-fetch-mode': 'same-origin',
  'sec-fetch-site': 'same-origin',
  'service-worker': 'script',
};

/** A request for a path of the app. */
export const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Request =>
  new Request(`https://app.example${path}`, { method, headers });

/** The value of our cookie that an answer sets. */
export function cookieValue(response: Response | undefined): string {
  const [header, ...more] = response?.headers.getSetCookie() ?? [];
  expect(more).toEqual([]);
  return new RegExp(`^${COOKIE_NAME}=([^;]+);`).exec(header ?? '')?.[1] ?? '';
}

/** The `Cookie` header of a browser that keeps what an answer sets. */
export const cookieOf = (response: Response | undefined): string => `${COOKIE_NAME}=${cookieValue(response)}`;
