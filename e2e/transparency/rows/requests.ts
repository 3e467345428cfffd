/** XMLHttpRequest and EventSource. */
import { rebuilt, rebuiltEmpty, viaWorker } from '../expected-differences.js';
import { echo, file, isClosed } from '../scenario.js';
import { row, type Row } from '../row.js';

export const requests: readonly Row[] = [
  row({
    name: 'XMLHttpRequest',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.sendXhr('GET', url),
    expectedDifferences: rebuilt,
  }),
  row({
    name: 'XMLHttpRequest with upload progress',
    scenario: echo,
    manual: 'form',
    action: async ({ url, token }) => {
      const body = new FormData();
      if (token !== '') body.append('token', token);
      body.append('attachment', new File([new Uint8Array(500_000)], 'photo.jpg'));
      const { text, headers: _, ...rest } = await window.inspect.sendXhr('POST', url, body);
      return { ...rest, parts: (JSON.parse(String(text)) as { parts: unknown }).parts };
    },
    expectedDifferences: { ...viaWorker, 'page.events.length': 'upload', 'portal.length': 'upload' },
  }),
  row({
    name: 'XMLHttpRequest, synchronous',
    scenario: file('data.json'),
    action: ({ url }) => {
      const request = new XMLHttpRequest();
      request.open('GET', url, false);
      request.send();
      return [request.status, request.responseURL, request.responseText];
    },
    expectedDifferences: {
      'page.0': 'synchronous',
      'page.2': 'synchronous',
      'performance.*.responseStatus': 'synchronous',
      'portal.*.user': 'synchronous',
      'portal.*.status': 'synchronous',
    },
  }),
  row({
    name: 'EventSource',
    scenario: file('events'),
    action: ({ url }) =>
      new Promise((resolve) => {
        const source = new EventSource(url);
        const seen: unknown[] = [];
        const end = (why: string): void => {
          resolve({ why, seen, url: source.url, state: source.readyState });
          source.close();
        };
        source.addEventListener('change', ({ data, lastEventId, origin }) => {
          seen.push([data, lastEventId, origin]);
          if (seen.length === 3) end('three');
        });
        source.addEventListener('error', () => end('error'));
      }),
    waitsFor: { where: isClosed },
    expectedDifferences: rebuiltEmpty,
  }),
  row({
    name: 'EventSource that comes back',
    scenario: file('events?end=1'),
    action: ({ url }) =>
      new Promise((resolve) => {
        const source = new EventSource(url);
        const seen: unknown[] = [];
        const note = (event: unknown): void => {
          seen.push(event);
          if (seen.length === 8 || source.readyState === EventSource.CLOSED) {
            resolve(seen);
            source.close();
          }
        };
        source.addEventListener('change', ({ data }) => note(data));
        source.addEventListener('error', () => note(`error, state ${source.readyState}`));
      }),
    entries: 2,
    expectedDifferences: { ...rebuilt, 'portal.*.headers.last-event-id': 'lastEventId' },
  }),
];
