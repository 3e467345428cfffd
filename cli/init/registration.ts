/** What the user says of the portal, and the code that registers it. */
import { UsageError } from '../command.js';

export const levels = ['persistent', 'sealed', 'memory'] as const;

export interface Registration {
  readonly portal: string;
  readonly clientId: string;
  /** Not given: `persistent`, the library's default. */
  readonly persistence?: (typeof levels)[number];
}

export const CALLBACK_PAGE = 'signed-in.html';

/** The root of a portal. @throws UsageError for what is no address. */
export function readPortal(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw new UsageError(
      `The portal is a whole address such as https://gis.example.org/portal, not "${text}" (--portal).`,
    );
  // Users copy the address of a page.
  return url.origin + url.pathname.replace(/\/(home|sharing)(\/.*)?$/, '').replace(/\/+$/, '');
}

/** @throws UsageError */
export function readClientId(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError(`The client id has no spaces and is not empty; it is not "${text}" (--client-id).`);
}

/** @throws UsageError */
export function readPersistence(text: string): (typeof levels)[number] {
  const level = levels.find((each) => each === text);
  if (!level) throw new UsageError(`--persistence takes ${levels.join(', ')}, not "${text}".`);
  return level;
}

/** ArcGIS Online has one address; organizations have names below it. */
export const isOnline = ({ portal }: Registration): boolean =>
  /^(www|[\w-]+\.maps)\.arcgis\.com$/.test(new URL(portal).hostname);

type Quote = (text: string) => string;

/** Options of a registration, in a module of the project. */
function options(entries: readonly (readonly [string, string | undefined])[], quote: Quote): string {
  const written = entries.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${quote(value)}`],
  );
  return `{ ${written.join(', ')} }`;
}

/** The call of the plugin for portals as data. */
export function pluginForPortal(name: string, given: Registration, quote: Quote, indent: string): string {
  const isSealed = given.persistence === 'sealed';
  const portal = options(
    [
      ['url', given.portal],
      ['clientId', given.clientId],
      ['persistence', isSealed ? undefined : given.persistence],
    ],
    quote,
  );
  return isSealed
    ? `${name}({\n${indent}portals: [${portal}],\n${indent}${sealing(quote)},\n})`
    : `${name}({ portals: [${portal}] })`;
}

/** The call of the plugin for a worker of the app's own. */
export const pluginForWorker = (
  name: string,
  worker: string,
  { persistence }: Registration,
  quote: Quote,
  indent: string,
): string =>
  persistence === 'sealed'
    ? `${name}({\n${indent}worker: ${quote(worker)},\n${indent}callback: ${quote('worker')},\n${indent}${sealing(quote)},\n})`
    : `${name}({ worker: ${quote(worker)} })`;

const sealing = (quote: Quote): string => `sealing: { secrets: process.env[${quote('SEAL_SECRETS')}] }`;

/** The worker's code that registers the portal. */
export function registrar(given: Registration, quote: Quote, indent: string): { name: string; code: string } {
  const name = isOnline(given) ? 'arcgisOnline' : 'arcgisEnterprise';
  const portal = options(
    [
      ['url', given.portal],
      ['clientId', given.clientId],
      ['redirectUri', CALLBACK_PAGE],
      ['persistence', given.persistence],
      ['callback', given.persistence === 'sealed' ? 'worker' : undefined],
    ],
    quote,
  );
  const list = `[\n${indent.repeat(2)}${name}(${portal}),\n${indent}]`;
  return { name, code: `new IdentityWorker({\n${indent}portals: ${list},\n}).listen()` };
}
