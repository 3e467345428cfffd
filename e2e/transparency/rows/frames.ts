/** Frames of the app and of the portal, and downloads. */
import { basicType, resent } from '../expected-differences.js';
import { file } from '../scenario.js';
import { row, type Row } from '../row.js';

export const frames: readonly Row[] = [
  row({
    name: 'a frame of the app',
    scenario: ({ hosted, app }) => ({ url: `${hosted}/Files/data.json`, frame: `${app}/transparency/` }),
    action: async ({ url, frame }) => {
      const inner = await window.inspect.openFrame(
        Object.assign(document.createElement('iframe'), { src: frame }),
      );
      return window.inspect.describeResponse(await inner.fetch(url));
    },
    entries: 0,
    expectedDifferences: { ...resent, ...basicType },
  }),
  row({
    name: 'a frame of the app with srcdoc',
    scenario: file('data.json'),
    action: async ({ url }) => {
      const frame = Object.assign(document.createElement('iframe'), { srcdoc: '<p>A frame.</p>' });
      return window.inspect.describeResponse(await (await window.inspect.openFrame(frame)).fetch(url));
    },
    entries: 0,
    expectedDifferences: { ...resent, ...basicType },
  }),
  row({
    name: 'a frame of the portal',
    scenario: file('data.json'),
    action: ({ url }) =>
      window.inspect.loadElement(Object.assign(document.createElement('iframe'), { src: url })),
    expectedDifferences: { 'portal.*.user': 'navigation', 'portal.*.status': 'navigation' },
  }),
  row({
    name: 'a download by link',
    scenario: file('report.csv'),
    action: ({ url }) => {
      Object.assign(document.createElement('a'), { href: url }).click();
    },
    around: async ({ page }, act) => {
      // The browser may show no page any more where one is closed before its download has ended, or it has loaded.
      const download = page.waitForEvent('download').then(async (each) => {
        await each.failure();
        return each.suggestedFilename();
      });
      const navigation = page.waitForEvent('framenavigated').then(async () => {
        await page.waitForLoadState();
        return 'no download';
      });
      await act();
      return Promise.race([download, navigation]);
    },
    entries: 0,
    expectedDifferences: {
      page: 'navigation',
      'portal.*.user': 'navigation',
      'portal.*.status': 'navigation',
    },
  }),
];
