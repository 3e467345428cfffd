// The routes of a server: info, tokens, the directory, and the services behind the access check.

import type { PortalContext } from '../context.js';
import { json, page, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { escapeHtml, layout } from '../pages/layout.js';
import type { RequestLog } from '../request-log.js';
import type { ServiceResponse } from '../services/index.js';
import { serverGenerateToken } from '../sharing/generate-token.js';
import { orgId } from '../sharing/organisation.js';
import type { Switches } from '../switches.js';
import { judgeToken } from '../token-check.js';
import type { TokenRecord } from '../tokens.js';
import { archive } from './archives/archives.js';
import { big } from './big.js';
import { findEntry, mayReadPrivate, readableServices, type CatalogueEntry } from './catalogue.js';
import { echo } from './echo.js';
import { file } from './files/files.js';
import type { Mount } from './mount.js';
import {
  invalidToken,
  invalidUrl,
  notPermitted,
  refuse,
  sslRequired,
  tokenRequired,
  wantsPage,
} from './refusals.js';
import { redirectTo } from './redirect.js';
import { asExport, capabilities, isGetCapabilities, wmsPath } from './wms.js';

const currentVersion = 11.3;

export function handleServer(
  context: PortalContext,
  log: RequestLog,
  request: PortalRequest,
  mount: Mount,
): PortalResponse {
  const below = request.path.slice(new URL(mount.root).pathname.length + 1);
  switch (below.toLowerCase()) {
    case 'rest/info':
      return restInfo(context, request, mount);
    case 'rest/services':
      return directory(context, request, mount);
    case 'tokens':
    case 'tokens/generatetoken':
      if (mount.server !== 'hosted') return serverGenerateToken(context, request, mount.server);
      break;
    default:
  }
  const wms = wmsPath.exec(below)?.[1];
  if (wms !== undefined) return handleResource(context, log, request, mount, decodePath(wms));
  const prefix = 'rest/services/';
  if (!below.toLowerCase().startsWith(prefix)) return refuse(context, request, mount, '', invalidUrl);
  return handleResource(context, log, request, mount, decodePath(below.slice(prefix.length)));
}

/** `rest/info`, which needs no token: it tells clients where to get one. */
function restInfo({ urls }: PortalContext, request: PortalRequest, mount: Mount): PortalResponse {
  const isAlone = mount.server === 'alone';
  return json(request, {
    currentVersion,
    fullVersion: `${currentVersion}.0`,
    soapUrl: `${mount.root}/services`,
    secureSoapUrl: null,
    ...(isAlone ? {} : { owningSystemUrl: urls.portal, owningTenant: orgId }),
    authInfo: {
      isTokenBasedSecurity: true,
      tokenServicesUrl: isAlone
        ? `${mount.root}/tokens/generateToken`
        : `${urls.portal}/sharing/rest/generateToken`,
      shortLivedTokenValidity: 60,
    },
  });
}

function directory(context: PortalContext, request: PortalRequest, mount: Mount): PortalResponse {
  const token = judgeToken(context, request, mount.server);
  if (request.token && !token) return refuse(context, request, mount, '', invalidToken);
  const listed = readableServices(context, token).map(({ name, type }) => ({ name, type }));
  if (wantsPage(request)) {
    const lines = listed.map(({ name, type }) => {
      const url = escapeHtml(`${mount.root}/rest/services/${name}/${type}`);
      return `<li><a href="${url}">${escapeHtml(`${name} (${type})`)}</a></li>`;
    });
    const main = `<h1>Services</h1>\n<ul>${lines.join('')}</ul>`;
    return { ...page(layout({ title: 'Services', main })), cors: true };
  }
  return json(request, { currentVersion, folders: [], services: listed });
}

function handleResource(
  context: PortalContext,
  log: RequestLog,
  request: PortalRequest,
  mount: Mount,
  path: string,
): PortalResponse {
  const { switches } = context;
  const entry = findEntry(context, path);
  if (!entry) return refuse(context, request, mount, '', invalidUrl);
  const no = (refusal: Parameters<typeof refuse>[4]) => refuse(context, request, mount, entry.name, refusal);
  if (switches.alwaysRefuse.includes(entry.name)) return no(invalidToken);
  if (switches.sslRequired.includes(entry.name)) return no(sslRequired);
  const token = judgeToken(context, request, mount.server);
  // As on ArcGIS, even a public service refuses a wrong token.
  if (request.token && !token) return no(invalidToken);
  if (entry.access !== 'public' && !token) return no(tokenRequired);
  if (entry.access === 'private' && token && !mayReadPrivate(context, token)) return no(notPermitted);
  return (
    handleEntry(context, log, request, mount, entry, path, token) ??
    refuse(context, request, mount, entry.name, invalidUrl)
  );
}

function handleEntry(
  { steps, edits, switches, services }: PortalContext,
  log: RequestLog,
  request: PortalRequest,
  mount: Mount,
  entry: CatalogueEntry,
  path: string,
  token: TokenRecord | undefined,
): PortalResponse | undefined {
  switch (entry.type) {
    case 'Echo':
      return echo(log, request, token);
    case 'Big':
      return big(request);
    case 'Redirect':
      return redirectTo(request);
    case 'Archives':
      return archive(path.slice(entry.name.length + 1));
    case 'Files':
      return file(request, path.slice(entry.name.length + 1), steps);
    default: {
      const params = new URLSearchParams(request.params);
      params.delete('token');
      const isWms = path.endsWith('/WMSServer');
      if (isWms && isGetCapabilities(request))
        return capabilities(`${mount.root}/services/${path}`, entry.name);
      const exported = isWms ? asExport(params) : undefined;
      const response = services.handle({
        path: exported ? `${entry.name}/${entry.type}/export` : path,
        method: request.method,
        params: exported ?? params,
        headers: { ...request.headers },
        rootUrl: `${mount.root}/rest/services`,
        edits,
        ...(token?.user === undefined ? {} : { user: token.user }),
      });
      return response && { ...withMaxAge(response, path, entry, switches), conditional: true };
    }
  }
}

/** Answers that stay the same: tiles, what belongs to their style, attachments. */
const staticPath = /\/(?:tile\/|resources\/|attachments\/\d+$)/;

function withMaxAge(
  response: ServiceResponse,
  path: string,
  { access }: CatalogueEntry,
  { maxAgeS }: Switches,
): ServiceResponse {
  if (maxAgeS === null || !staticPath.test(path)) return response;
  const scope = access === 'public' ? 'public' : 'private';
  return { ...response, headers: { ...response.headers, 'cache-control': `${scope}, max-age=${maxAgeS}` } };
}

/** A path that cannot be decoded matches no service. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
