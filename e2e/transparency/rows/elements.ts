/** What elements and styles load, scripts and media among them. */
import {
  noDestination,
  readElement,
  readEntry,
  readWithCors,
  rebuilt,
  resent,
} from '../expected-differences.js';
import { distinct, file, isAnswered } from '../scenario.js';
import { row, type Row } from '../row.js';

/** How many ranges a player requests depends on timing; the first, and one behind the jump, are certain. */
const ranges: Row['summary'] = ({ page, portal }) => ({
  page,
  // How many entries there are, and how complete, is a matter of when the player stops reading.
  performance: [],
  portal: {
    requests: distinct(
      portal.map((request) => ({
        ...request,
        headers: { ...(request['headers'] as object), range: null, 'if-range': null },
      })),
    ),
    ...isPlayed(portal.map(({ headers: sent }) => String((sent as Record<string, string>)['range']))),
  },
});

const isPlayed = (asked: string[]): Record<string, boolean> => ({
  startsAtTheStart: asked[0] === 'bytes=0-',
  jumps: asked.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 20_000_000),
});

/** A style sheet is read with CORS: its URL, with a token in it, could be told to other origins. */
const readSheet = { ...resent, ...noDestination, ...readWithCors } as const;

export const elements: readonly Row[] = [
  row({
    name: '<img>',
    scenario: file('dot.png'),
    action: ({ url }) => window.inspect.loadImage(new Image(), url),
    expectedDifferences: { ...readElement, 'page.pixels': 'readWithCors' },
  }),
  row({
    name: '<img crossorigin>',
    scenario: file('dot.png'),
    action: ({ url }) =>
      window.inspect.loadImage(Object.assign(new Image(), { crossOrigin: 'anonymous' }), url),
    expectedDifferences: { ...rebuilt, ...noDestination },
  }),
  row({
    name: '<img srcset>',
    scenario: file('dot.png'),
    action: async ({ url }) => {
      const image = new Image();
      image.srcset = `${url} 1x`;
      return [await window.inspect.loadElement(image), image.currentSrc, image.naturalWidth];
    },
    expectedDifferences: readElement,
  }),
  row({
    name: 'SVG <image>',
    scenario: file('dot.png'),
    action: async ({ url }) => {
      document.body.innerHTML = '<svg><image width="9" height="9" /></svg>';
      const image = document.querySelector('image');
      const event = await new Promise((resolve) => {
        for (const type of ['load', 'error']) image?.addEventListener(type, () => resolve(type));
        image?.setAttribute('href', url);
      });
      return [event, image?.href.baseVal];
    },
    expectedDifferences: readElement,
  }),
  row({
    name: 'CSS background',
    scenario: file('dot.png'),
    action: ({ url }) => {
      document.body.style.backgroundImage = `url("${url}")`;
      return getComputedStyle(document.body).backgroundImage;
    },
    expectedDifferences: readElement,
  }),
  row({
    name: '@font-face',
    scenario: file('square.ttf'),
    action: async ({ url }) => {
      document.body.innerHTML = `<style>@font-face { font-family: Square; src: url("${url}") }</style>
        <span style="font: 10px Square">four</span>`;
      const faces = await document.fonts.load('10px Square', 'four').catch(window.inspect.describeError);
      return {
        faces: Array.isArray(faces) ? faces.map(({ family, status }) => [family, status]) : faces,
        width: document.querySelector('span')?.getBoundingClientRect().width,
      };
    },
    expectedDifferences: { ...rebuilt, ...noDestination },
  }),
  ...(['', ' crossorigin'] as const).flatMap((attribute) => [
    row({
      name: `<link rel=stylesheet${attribute}>`,
      scenario: (at) => ({ ...file('style.css')(at), attribute }),
      action: async ({ url, attribute: crossorigin }) => {
        document.body.innerHTML = '<p class="portal-colour">coloured</p>';
        const [link, event] = await window.inspect.addStylesheet(url, crossorigin);
        const read = (): unknown => [...(link.sheet?.cssRules ?? [])].map(({ cssText }) => cssText);
        return {
          event,
          href: link.sheet?.href,
          rules: await Promise.resolve().then(read).catch(window.inspect.describeError),
          color: getComputedStyle(document.body.children[0] ?? link).color,
        };
      },
      expectedDifferences: {
        ...rebuilt,
        ...noDestination,
        ...(attribute === '' ? { ...readSheet, ...readEntry, 'page.rules': 'readWithCors' } : {}),
      },
    }),
    row({
      name: `what a <link rel=stylesheet${attribute}> refers to`,
      scenario: (at) => ({ ...file('style.css')(at), attribute }),
      manual: 'public',
      action: async ({ url, attribute: crossorigin }) => {
        document.body.innerHTML = '<p class="portal-references">four</p>';
        const [, event] = await window.inspect.addStylesheet(url, crossorigin);
        const faces = await document.fonts.load("10px 'Portal Square'").catch(window.inspect.describeError);
        return [event, Array.isArray(faces) ? faces.map(({ status }) => status) : faces];
      },
      waitsFor: { path: /(css|ttf|png)$/, where: isAnswered, n: 3 },
      // What a style sheet without CORS loads shows in no entry; of one that is read there are some, sooner or later.
      entries: attribute === '' ? 0 : 3,
      expectedDifferences: {
        ...(attribute === '' ? readSheet : { ...rebuilt, ...noDestination, ...readWithCors, ...readEntry }),
        'portal.*.headers.referer': 'referer',
      },
    }),
  ]),
  row({
    name: '<script>',
    scenario: file('script.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url });
      return [await window.inspect.loadElement(script), script.src, Reflect.get(window, 'portalScript')];
    },
    expectedDifferences: readElement,
  }),
  row({
    name: '<script> that throws',
    scenario: file('broken.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url });
      const error = window.inspect.nextWindowError();
      return (await window.inspect.loadElement(script)) === 'load' ? error : 'not loaded';
    },
    expectedDifferences: { ...readElement, 'page.*': 'readWithCors' },
  }),
  row({
    name: '<script crossorigin> that throws',
    scenario: file('broken.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url, crossOrigin: 'anonymous' });
      const error = window.inspect.nextWindowError();
      return (await window.inspect.loadElement(script)) === 'load' ? error : 'not loaded';
    },
    expectedDifferences: { ...rebuilt, ...noDestination },
  }),
  row({
    name: 'module import',
    scenario: file('module.js'),
    manual: 'public',
    action: async ({ url }) => {
      const imported = (await import(url).catch(window.inspect.describeError)) as Record<string, unknown>;
      return { ...imported };
    },
    entries: 2,
    expectedDifferences: { ...rebuilt, ...noDestination, 'portal.*.headers.referer': 'referer' },
  }),
  row({
    name: '<audio> with a jump',
    scenario: file('sound.wav?cache=no-store'),
    action: ({ url }) => window.inspect.playWithJump(new Audio(), url),
    summary: ranges,
    expectedDifferences: {
      'portal.requests.*.headers.sec-ch-ua': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-mobile': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-platform': 'metadata',
      'portal.requests.*.headers.sec-fetch-dest': 'metadata',
      'portal.requests.*.headers.sec-fetch-mode': 'readWithCors',
      'portal.requests.*.headers.sec-fetch-storage-access': 'readWithCors',
      'portal.requests.*.headers.origin': 'readWithCors',
      'page.capture': 'readWithCors',
    },
  }),
  row({
    name: '<video crossorigin> with a jump',
    scenario: file('sound.wav?cache=no-store'),
    action: ({ url }) =>
      window.inspect.playWithJump(
        Object.assign(document.createElement('video'), { crossOrigin: 'anonymous' }),
        url,
      ),
    summary: ranges,
    expectedDifferences: {
      'portal.requests.*.headers.sec-ch-ua': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-mobile': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-platform': 'metadata',
      'portal.requests.*.headers.sec-fetch-dest': 'metadata',
    },
  }),
];
