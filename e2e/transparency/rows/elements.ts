/** What elements and styles load, scripts and media among them. */
import { networkAnswer, noDestination, rebuilt, resent, viaWorker } from '../expected-differences.js';
import { distinct, file, isAnswered } from '../scenario.js';
import { row, type Row } from '../row.js';

/** A player asks for as many ranges as it finds time for; the first, and one behind the jump, are certain. */
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
const readSheet = {
  ...resent,
  ...noDestination,
  'portal.*.headers.origin': 'readWithCors',
  'portal.*.headers.sec-fetch-mode': 'readWithCors',
  'portal.*.headers.sec-fetch-storage-access': 'readWithCors',
} as const;
const readEntry = {
  'performance.*.contentType': 'readWithCors',
  'performance.*.responseStatus': 'readWithCors',
} as const;

export const elements: readonly Row[] = [
  row({
    name: '<img>',
    given: file('dot.png'),
    action: ({ url }) => window.look.loadImage(new Image(), url),
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '<img>, the first after a pause',
    given: file('dot.png'),
    around: async (app, act) => {
      await app.advanceWorkerClock(61_000);
      return act();
    },
    action: ({ url }) => window.look.loadImage(new Image(), url),
    differs: { ...viaWorker, 'portal.length': 'trial' },
  }),
  row({
    name: '<img crossorigin>',
    given: file('dot.png'),
    action: ({ url }) => window.look.loadImage(Object.assign(new Image(), { crossOrigin: 'anonymous' }), url),
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '<img srcset>',
    given: file('dot.png'),
    action: async ({ url }) => {
      const image = new Image();
      image.srcset = `${url} 1x`;
      return [await window.look.loadElement(image), image.currentSrc, image.naturalWidth];
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: 'SVG <image>',
    given: file('dot.png'),
    action: async ({ url }) => {
      document.body.innerHTML = '<svg><image width="9" height="9" /></svg>';
      const image = document.querySelector('image');
      const event = await new Promise((resolve) => {
        for (const type of ['load', 'error']) image?.addEventListener(type, () => resolve(type));
        image?.setAttribute('href', url);
      });
      return [event, image?.href.baseVal];
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: 'CSS background',
    given: file('dot.png'),
    action: ({ url }) => {
      document.body.style.backgroundImage = `url("${url}")`;
      return getComputedStyle(document.body).backgroundImage;
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '@font-face',
    given: file('square.ttf'),
    action: async ({ url }) => {
      document.body.innerHTML = `<style>@font-face { font-family: Square; src: url("${url}") }</style>
        <span style="font: 10px Square">four</span>`;
      const faces = await document.fonts.load('10px Square', 'four').catch(window.look.describeError);
      return {
        faces: Array.isArray(faces) ? faces.map(({ family, status }) => [family, status]) : faces,
        width: document.querySelector('span')?.getBoundingClientRect().width,
      };
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  ...(['', ' crossorigin'] as const).flatMap((attribute) => [
    row({
      name: `<link rel=stylesheet${attribute}>`,
      given: (at) => ({ ...file('style.css')(at), attribute }),
      action: async ({ url, attribute: crossorigin }) => {
        document.body.innerHTML = '<p class="portal-colour">coloured</p>';
        const [link, event] = await window.look.addStylesheet(url, crossorigin);
        const read = (): unknown => [...(link.sheet?.cssRules ?? [])].map(({ cssText }) => cssText);
        return {
          event,
          href: link.sheet?.href,
          rules: await Promise.resolve().then(read).catch(window.look.describeError),
          color: getComputedStyle(document.body.children[0] ?? link).color,
        };
      },
      differs: {
        ...rebuilt,
        ...noDestination,
        ...(attribute === '' ? { ...readSheet, ...readEntry, 'page.rules': 'readWithCors' } : {}),
      },
    }),
    row({
      name: `what a <link rel=stylesheet${attribute}> refers to`,
      given: (at) => ({ ...file('style.css')(at), attribute }),
      byHand: 'public',
      action: async ({ url, attribute: crossorigin }) => {
        document.body.innerHTML = '<p class="portal-references">four</p>';
        const [, event] = await window.look.addStylesheet(url, crossorigin);
        const faces = await document.fonts.load("10px 'Portal Square'").catch(window.look.describeError);
        return [event, Array.isArray(faces) ? faces.map(({ status }) => status) : faces];
      },
      awaits: { path: /(css|ttf|png)$/, where: isAnswered, n: 3 },
      // What a style sheet without CORS loads shows in no entry; of one that is read there are some, sooner or later.
      entries: attribute === '' ? 0 : 3,
      differs: {
        ...(attribute === '' ? readSheet : { ...rebuilt, ...noDestination }),
        'portal.*.headers.referer': 'referer',
      },
    }),
  ]),
  row({
    name: '<script>',
    given: file('script.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url });
      return [await window.look.loadElement(script), script.src, Reflect.get(window, 'portalScript')];
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '<script> that throws',
    given: file('broken.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url });
      const error = window.look.nextWindowError();
      return (await window.look.loadElement(script)) === 'load' ? error : 'not loaded';
    },
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '<script crossorigin> that throws',
    given: file('broken.js'),
    action: async ({ url }) => {
      const script = Object.assign(document.createElement('script'), { src: url, crossOrigin: 'anonymous' });
      const error = window.look.nextWindowError();
      return (await window.look.loadElement(script)) === 'load' ? error : 'not loaded';
    },
    differs: { ...rebuilt, ...noDestination },
  }),
  row({
    name: 'module import',
    given: file('module.js'),
    byHand: 'public',
    action: async ({ url }) => {
      const imported = (await import(url).catch(window.look.describeError)) as Record<string, unknown>;
      return { ...imported };
    },
    entries: 2,
    differs: { ...rebuilt, ...noDestination, 'portal.*.headers.referer': 'referer' },
  }),
  row({
    name: '<audio> with a jump',
    given: file('sound.wav?cache=no-store'),
    action: ({ url }) => window.look.playWithJump(new Audio(), url),
    summary: ranges,
    differs: {
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
    given: file('sound.wav?cache=no-store'),
    action: ({ url }) =>
      window.look.playWithJump(
        Object.assign(document.createElement('video'), { crossOrigin: 'anonymous' }),
        url,
      ),
    summary: ranges,
    differs: {
      'portal.requests.*.headers.sec-ch-ua': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-mobile': 'metadata',
      'portal.requests.*.headers.sec-ch-ua-platform': 'metadata',
      'portal.requests.*.headers.sec-fetch-dest': 'metadata',
    },
  }),
];
