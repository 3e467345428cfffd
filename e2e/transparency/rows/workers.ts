/** Workers of the app, as map engines have them. */
import { basicType, noDestination, readWithCors } from '../expected-differences.js';
import { row, type Row } from '../row.js';

export const workers: readonly Row[] = [
  row({
    name: 'a dedicated worker from a file',
    scenario: ({ hosted, app }) => ({
      url: `${hosted}/Files/data.json`,
      script: `${app}/transparency/asker.js`,
    }),
    action: ({ url, script }) => {
      const worker = new Worker(script);
      worker.postMessage({ url, how: 'fetch' });
      return window.inspect.firstMessage(worker);
    },
    entries: 0,
    expectedDifferences: basicType,
  }),
  row({
    name: 'a dedicated worker from a blob',
    scenario: ({ hosted, app }) => ({
      url: `${hosted}/Files/data.json`,
      script: `${app}/transparency/asker.js`,
    }),
    action: async ({ url, script }) => {
      const worker = new Worker(URL.createObjectURL(await (await fetch(script)).blob()));
      worker.postMessage({ url, how: 'fetch' });
      return window.inspect.firstMessage(worker);
    },
    entries: 0,
    expectedDifferences: basicType,
  }),
  row({
    name: 'a synchronous XMLHttpRequest of a worker',
    scenario: ({ hosted, app }) => ({
      url: `${hosted}/Files/data.json`,
      script: `${app}/transparency/asker.js`,
    }),
    action: ({ url, script }) => {
      const worker = new Worker(script);
      worker.postMessage({ url, how: 'xhr' });
      return window.inspect.firstMessage(worker);
    },
    entries: 0,
  }),
  row({
    name: 'importScripts of a worker',
    scenario: ({ hosted, app }) => ({
      url: `${hosted}/Files/script.js`,
      script: `${app}/transparency/asker.js`,
    }),
    action: ({ url, script }) => {
      const worker = new Worker(script);
      worker.postMessage({ url, how: 'script' });
      return window.inspect.firstMessage(worker);
    },
    entries: 0,
    expectedDifferences: { ...noDestination, ...readWithCors },
  }),
  row({
    name: 'a SharedWorker',
    scenario: ({ hosted, app }) => ({
      url: `${hosted}/Files/data.json`,
      script: `${app}/transparency/asker.js`,
    }),
    action: ({ url, script }) => {
      const { port } = new SharedWorker(script);
      const answer = window.inspect.firstMessage(port);
      port.start();
      port.postMessage({ url, how: 'fetch' });
      return answer;
    },
    entries: 0,
    expectedDifferences: basicType,
  }),
];
