/** Requests by fetch: modes, methods, bodies, ranges, chunks, timing. */
import {
  basicType,
  basicTypes,
  networkAnswer,
  readEntry,
  readMode,
  readOrigin,
  rebuilt,
  rebuiltEmpty,
  viaWorker,
} from '../expected-differences.js';
import { echo, file, cors } from '../scenario.js';
import { row, type Row } from '../row.js';

export const fetches: readonly Row[] = [
  row({
    name: 'fetch',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'fetch, no-cors',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { mode: 'no-cors' }),
    expectedDifferences: {
      ...rebuilt,
      ...readMode,
      ...readOrigin,
      ...readEntry,
      'page.*': 'readWithCors',
      'page.headers.*': 'readWithCors',
    },
  }),
  row({
    name: 'fetch, same-origin',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { mode: 'same-origin' }),
    unsecured: 'the browser never sends it',
    entries: 0,
  }),
  row({
    name: 'fetch with credentials',
    scenario: file('data.json'),
    configure: cors('echo-credentials'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { credentials: 'include' }),
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'fetch with a header of the page',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { headers: { accept: 'application/json' } }),
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'fetch of a foreign server',
    scenario: ({ foreign }) => ({ url: `${foreign}/data.json` }),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    unsecured: 'it is not the portal',
    expectedDifferences: viaWorker,
  }),
  row({
    name: 'fetch of a file of the app',
    scenario: ({ app }) => ({ url: `${app}/transparency/asker.js` }),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    unsecured: 'it is not the portal',
    entries: 0,
  }),
  row({
    name: 'HEAD',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { method: 'HEAD' }),
    expectedDifferences: { ...rebuiltEmpty, ...basicType },
  }),
  row({
    name: 'OPTIONS',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { method: 'OPTIONS' }),
    unsecured: 'servers answer it without a token',
    expectedDifferences: { ...rebuiltEmpty, ...basicType },
  }),
  row({
    name: 'an answer without content',
    scenario: file('steps/next'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: { ...rebuiltEmpty, ...basicType },
  }),
  row({
    name: 'fetch of a range',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { headers: { range: 'bytes=2-9' } }),
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'fetch of a range that is not there',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { headers: { range: 'bytes=9999-' } }),
    expectedDifferences: { ...rebuiltEmpty, ...basicType },
  }),
  row({
    name: 'a copy of an answer in a cache of the page',
    scenario: file('data.json'),
    action: async ({ url }) => {
      const response = await fetch(url);
      const cache = await caches.open('of the page');
      await cache.put('/copy', response.clone());
      const copy = await cache.match('/copy');
      await caches.delete('of the page');
      return [
        await window.inspect.describeResponse(response),
        copy && (await window.inspect.describeResponse(copy)),
      ];
    },
    expectedDifferences: { ...rebuilt, ...basicTypes },
  }),
  row({
    name: 'POST of a form',
    scenario: echo,
    manual: 'form',
    action: async ({ url, token }) => {
      const body = new URLSearchParams({ where: '1=1 & "ä"', ...(token === '' ? {} : { token }) });
      const response = await fetch(url, { method: 'POST', body });
      const { fields } = (await response.clone().json()) as { fields: unknown };
      const { url: shown, type, status, redirected } = response;
      return { shown, type, status, redirected, fields };
    },
    expectedDifferences: networkAnswer,
  }),
  row({
    name: 'POST of JSON',
    scenario: echo,
    action: async ({ url }) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', body: '{"a":1}', headers });
      const { bodySha256 } = (await response.clone().json()) as { bodySha256: unknown };
      const { url: shown, type, status, redirected } = response;
      return { shown, type, status, redirected, bodySha256 };
    },
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'an upload',
    scenario: echo,
    manual: 'form',
    action: async ({ url, token }) => {
      const body = new FormData();
      if (token !== '') body.append('token', token);
      body.append('attachment', new File([new Uint8Array(5000).fill(7)], 'größe "1".bin'));
      const response = await fetch(url, { method: 'POST', body });
      const { parts } = (await response.clone().json()) as { parts: unknown };
      const { url: shown, type, status, redirected } = response;
      return { shown, type, status, redirected, parts };
    },
    expectedDifferences: networkAnswer,
  }),
  row({
    name: 'chunks of a body, one by one',
    scenario: ({ hosted }) => ({ url: `${hosted}/Files/steps`, next: `${hosted}/Files/steps/next` }),
    action: async ({ url, next }) => {
      const response = await fetch(url);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const chunks: unknown[] = [];
      for (let n = 0; n < 4; n += 1) {
        chunks.push(await reader?.read());
        if (response.ok) await fetch(next);
      }
      return chunks;
    },
    entries: 5,
    expectedDifferences: rebuilt,
  }),
  row({
    name: 'performance entries of a server that allows timing',
    scenario: file('data.json?timing=1'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: {
      ...networkAnswer,
      ...basicType,
      'performance.*.deliveryType': 'timing',
      'performance.*.nextHopProtocol': 'timing',
      'performance.*.transferSize': 'timing',
      'performance.*.firstInterimResponseStart': 'timing',
      'performance.*.finalResponseHeadersStart': 'timing',
    },
  }),
];
