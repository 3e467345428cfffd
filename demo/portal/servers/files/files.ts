// Files: secured scripts, styles, fonts, images, sounds and streams, to test all ways of loading.

import type { PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { encodePng } from '../../services/raster/png.js';
import { squareFont } from './font.js';
import { silence } from './sound.js';
import type { Steps } from './steps.js';

const lastModified = 'Wed, 01 Jul 2026 12:00:00 GMT';

interface File {
  readonly type: string;
  readonly content: () => string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const javascript = 'text/javascript; charset=utf-8';

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

const dot = once(() =>
  encodePng(Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 255), 2, 2),
);

/** With relative references, as in published files. */
const stylesheet = `@font-face { font-family: 'Portal Square'; src: url(square.ttf); }
.portal-colour { color: rgb(1, 2, 3); }
.portal-references { font-family: 'Portal Square'; background-image: url(dot.png); }
`;

const files: Readonly<Record<string, File>> = {
  'style.css': { type: 'text/css; charset=utf-8', content: () => stylesheet },
  'square.ttf': { type: 'font/ttf', content: once(() => squareFont('Portal Square')) },
  'dot.png': { type: 'image/png', content: dot },
  'script.js': { type: javascript, content: () => 'globalThis.portalScript = "ran";\n' },
  'broken.js': { type: javascript, content: () => 'throw new Error("thrown by the file");\n' },
  'module.js': {
    type: javascript,
    content: () => "export { part } from './part.js';\nexport const url = import.meta.url;\n",
  },
  'part.js': { type: javascript, content: () => 'export const part = import.meta.url;\n' },
  'data.json': { type: 'application/json; charset=utf-8', content: () => '{"features":[1,2,3]}' },
  'sound.wav': { type: 'audio/wav', content: once(() => silence(120)) },
  'report.csv': {
    type: 'text/csv; charset=utf-8',
    content: () => 'name,value\r\none,1\r\n',
    headers: { 'Content-Disposition': 'attachment; filename="report.csv"' },
  },
};

/**
 * `cache`: value of Cache-Control, default `no-cache`. `timing=1`: with Timing-Allow-Origin. `events`: three Server-Sent Events,
 * then an open stream; with `end=1` it ends, and the client reconnects. `steps`: three lines, each sent at a request of
 * `steps/next`.
 *
 * @param name - The path below the service.
 * @returns `undefined` for a file that does not exist.
 */
export function file(request: PortalRequest, name: string, steps: Steps): PortalResponse | undefined {
  const { params } = request;
  const headers = {
    'Cache-Control': params.get('cache') ?? 'no-cache',
    ...(params.get('timing') === '1' ? { 'Timing-Allow-Origin': '*' } : {}),
  };
  switch (name) {
    case 'events':
      return {
        status: 200,
        headers: { ...headers, 'Content-Type': 'text/event-stream' },
        body: events(params.get('end') === '1'),
      };
    case 'steps':
      return { status: 200, headers: { ...headers, 'Content-Type': 'text/plain' }, body: steps.lines(3) };
    case 'steps/next':
      steps.next();
      return { status: 204, headers, body: '' };
    default: {
      const found = Object.hasOwn(files, name) ? files[name] : undefined;
      return (
        found && {
          status: 200,
          headers: {
            ...headers,
            'Content-Type': found.type,
            'Last-Modified': lastModified,
            ...found.headers,
          },
          body: found.content(),
          conditional: true,
        }
      );
    }
  }
}

async function* events(isEnding: boolean): AsyncGenerator<Uint8Array> {
  yield Buffer.from('retry: 1\n\n');
  for (const id of [1, 2, 3]) yield Buffer.from(`id: ${id}\nevent: change\ndata: event ${id}\n\n`);
  if (!isEnding) await new Promise(() => undefined);
}
