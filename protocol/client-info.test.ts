/** Of an address nothing is told that opens something. */
import { expect, test } from 'vitest';
import { plainUrl } from './client-info.js';

test.each([
  ['https://user:word@app.example.org/map/?code=secret#access_token=secret', 'https://app.example.org/map/'],
  ['http://localhost:8080/', 'http://localhost:8080/'],
  ['blob:https://app.example.org/eda20206-acd3-4f7d-b9f4-207c4dbc3f88', 'blob:https://app.example.org'],
  ['about:blank?secret', 'about:blank'],
  ['about:srcdoc', 'about:srcdoc'],
  ['data:text/html,secret', 'data:'],
  ['nonsense', ''],
  ['', ''],
])('%s is told as %s', (url, plain) => {
  expect(plainUrl(url)).toBe(plain);
});
