/** The portal's list of servers that may be sent the browser's own credentials. */
import { expect, test } from 'vitest';
import { toOrigin } from './web-tier.js';

test.each<[entry: unknown, origins: string[]]>([
  ['https://gis.example.org', ['https://gis.example.org']],
  ['https://gis.example.org:6443', ['https://gis.example.org:6443']],
  ['https://GIS.example.org/server/', ['https://gis.example.org']],
  ['gis.example.org', ['https://gis.example.org']],
  ['gis.example.org:6443', ['https://gis.example.org:6443']],
  ['http://gis.example.org', []],
  ['http://127.0.0.1:8080', ['http://127.0.0.1:8080']],
  ['ftp://gis.example.org', []],
  ['*', []],
  ['https://*.example.org', []],
  ['', []],
  [null, []],
  [{ url: 'https://gis.example.org' }, []],
])('%j gives %j', (entry, origins) => {
  expect(toOrigin(entry)).toEqual(origins);
});
