/** What the worker asks its policy, once for each service, and what it makes of the answer. */
import { afterEach, beforeEach, expect, test, vi, type Mock } from 'vitest';
import { ReportedServices } from './reported-services.js';
import { ServiceMemory } from './service-memory.js';

const service = 'https://gis.example.org/server/rest/services/Roads/MapServer';
const sent: { url: string; init: RequestInit }[] = [];
let reports: (url: string) => boolean;
let agent: string;
let target: EventTarget;
let warn: Mock;

/** As the request path asks: what is remembered first. */
class Services {
  readonly #memory = new ServiceMemory();
  readonly #reported = new ReportedServices(this.#memory);

  has(url: URL): boolean | Promise<boolean> {
    return this.#memory.isReported(url) ?? this.#reported.check(url);
  }
}

beforeEach(() => {
  reports = () => false;
  agent = 'Chrome/150';
  target = new EventTarget();
  sent.length = 0;
  vi.stubGlobal('self', target);
  vi.stubGlobal('navigator', {
    get userAgent() {
      return agent;
    },
  });
  warn = vi.fn();
  vi.stubGlobal('console', { warn });
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ url, init });
    const isAsked = !agent.includes('Firefox') || init.mode === 'no-cors';
    if (isAsked && reports(url))
      setTimeout(() =>
        target.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { blockedURI: url })),
      );
    return Promise.reject(new TypeError('Failed to fetch'));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a service is asked for once, at its address without a query, and never over the network', async () => {
  const services = new Services();
  const url = new URL(`${service}/0/query?f=json&secret=1`);
  expect(await Promise.all([services.has(url), services.has(url)])).toEqual([false, false]);
  expect(services.has(new URL(`${service}/tile/1/2/3`))).toBe(false);
  expect(sent).toEqual([
    { url: `${service}/0/query`, init: { mode: 'same-origin', cache: 'only-if-cached' } },
  ]);
  expect(warn).not.toHaveBeenCalled();
});

test('a service that is reported stays so, and the developer is told once', async () => {
  reports = (url) => url.includes('Roads');
  const services = new Services();
  expect(await services.has(new URL(`${service}/0?f=json`))).toBe(true);
  expect(services.has(new URL(`${service}/1`))).toBe(true);
  expect(await services.has(new URL(service.replace('Roads', 'Rivers')))).toBe(false);
  expect(warn).toHaveBeenCalledTimes(1);
});

test('a report that comes later counts from then on', async () => {
  const services = new Services();
  const url = new URL(service);
  expect(await services.has(url)).toBe(false);
  target.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { blockedURI: service }));
  expect(services.has(url)).toBe(true);
  target.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { blockedURI: 'inline' }));
});

test('Firefox is asked by one request for each origin, with nothing in it', async () => {
  agent = 'Firefox/150';
  reports = () => true;
  const services = new Services();
  expect(await services.has(new URL(`${service}?f=json`))).toBe(true);
  expect(await services.has(new URL(service.replace('Roads', 'Rivers')))).toBe(true);
  expect(sent.map(({ url, init }) => [url, init.mode, init.method])).toEqual([
    [service, 'same-origin', undefined],
    [service, 'no-cors', 'HEAD'],
  ]);
});
