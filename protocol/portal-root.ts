/** The root URL of an ArcGIS portal, which names it: the spellings of one portal's URL reduced to one. */
import { isLoopback } from './registration.js';
import { parseUrl } from './parse-url.js';

/** What is asked of a parsed URL of a registration. */
export type PortalUrl = Pick<URL, 'href' | 'protocol' | 'origin' | 'hostname' | 'port' | 'pathname'>;

/** Hosts of ArcGIS Online that are the same portal as `www.arcgis.com`; the dev and qa environments stay apart. */
const onlineHosts = [
  { suffix: '.maps.arcgis.com', host: 'www.arcgis.com' },
  { suffix: '.mapsdevext.arcgis.com', host: 'devext.arcgis.com' },
  { suffix: '.mapsqa.arcgis.com', host: 'qaext.arcgis.com' },
];

/**
 * Normalises a portal's URL: `/sharing`, `/sharing/rest`, `/home…` and a trailing slash are cut, organisation hosts of
 * ArcGIS Online become the environment's host. The scheme becomes https, except on loopback; ports stay.
 *
 * @param value - Absolute URL; ArcGIS servers name their portal with http or https alike.
 * @returns The root URL without trailing slash, or `undefined` where the value is no URL.
 */
export function normalizePortalUrl(value: string): string | undefined {
  const url = parseUrl(value);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? portalRoot(url) : undefined;
}

/** The root URL of a portal whose URL is parsed: {@link normalizePortalUrl}. */
export function portalRoot(url: PortalUrl): string {
  const host =
    url.hostname === 'arcgis.com' || url.hostname === 'cdn.arcgis.com' ? 'www.arcgis.com' : url.hostname;
  const online = onlineHosts.find(({ suffix }) => host.endsWith(suffix))?.host;
  const hostname = online ?? host;
  const protocol = isLoopback(hostname) ? url.protocol : 'https:';
  // An http spelling without a port means the default port of https, and so does one that names it.
  const isDefaultPort = url.port === '' || (protocol === 'https:' && url.port === '443');
  const port = isDefaultPort || online ? '' : `:${url.port}`;
  const path = url.pathname.replace(/\/(sharing(\/rest)?|home(\/.*)?)?\/*$/i, '').replace(/\/+$/, '');
  return `${protocol}//${hostname}${port}${path}`;
}
