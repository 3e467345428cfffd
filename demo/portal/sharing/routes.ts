// The routes of `/portal`. Operations are below `/sharing/rest` and, for old clients, below `/sharing`.

import type { PortalContext } from '../context.js';
import { json, jsonError, page, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { escapeHtml, layout } from '../pages/layout.js';
import { portalGenerateToken } from './generate-token.js';
import { communityGroups, communitySelf, communityUsers } from './community.js';
import { contentItem, groupContent, searchItems, userContent } from './items.js';
import { approval } from './oauth2/approval.js';
import { authorize } from './oauth2/authorize.js';
import { revokeToken } from './oauth2/revoke-token.js';
import { signIn } from './oauth2/sign-in.js';
import { signOut } from './oauth2/sign-out.js';
import { token } from './oauth2/token.js';
import { orgId } from './organisation.js';
import { portalSelf, sharingInfo } from './portal-self.js';
import { sessionUser } from './session.js';

type Operation = (context: PortalContext, request: PortalRequest) => PortalResponse;

/** By lower-case path, because ArcGIS ignores the case of operation names. */
const operations = new Map<string, Operation>([
  ['oauth2/authorize', authorize],
  ['oauth2/social/authorize', authorize],
  ['oauth2/signin', signIn],
  ['oauth2/approval', approval],
  ['oauth2/token', token],
  ['oauth2/revoketoken', revokeToken],
  ['oauth2/signout', signOut],
  ['generatetoken', portalGenerateToken],
  ['info', sharingInfo],
  ['portals/self', portalSelf],
  [`portals/${orgId.toLowerCase()}`, portalSelf],
  ['accounts/self', portalSelf],
  ['community/self', communitySelf],
  ['search', searchItems],
]);

type Resource = (
  context: PortalContext,
  request: PortalRequest,
  /** Path segments below the resource. */
  rest: readonly string[],
) => PortalResponse;

const resources = new Map<string, Resource>([
  ['content/items', contentItem],
  ['content/users', userContent],
  ['content/groups', groupContent],
  ['community/users', communityUsers],
  ['community/groups', communityGroups],
]);

export function handlePortal(context: PortalContext, request: PortalRequest): PortalResponse {
  const below = /^\/portal\/sharing(?:\/rest)?(?:\/(.*))?$/i.exec(request.path);
  if (!below) return request.path.toLowerCase() === '/portal' ? landing(context) : notFound(request);
  const path = below[1] ?? '';
  // With web-tier authentication everything but the sign-in needs the session.
  if (context.switches.webTier && !path.startsWith('oauth2/') && !sessionUser(context, request)) {
    return {
      ...page('<!doctype html><title>401</title><h1>Unauthorized</h1>', 401, {
        'WWW-Authenticate': 'Negotiate',
      }),
      cors: true,
    };
  }
  const operation = operations.get(path.toLowerCase());
  if (operation) return operation(context, request);
  const [first, second, ...rest] = path.split('/');
  const resource = resources.get(`${first}/${second}`.toLowerCase());
  if (resource) return resource(context, request, rest);
  if (path === '') return json(request, { currentVersion: context.switches.portalVersion });
  return notFound(request);
}

function notFound(request: PortalRequest): PortalResponse {
  return { ...jsonError(request, 404, 'Not found.'), status: 404 };
}

function landing({ urls }: PortalContext): PortalResponse {
  const links = [
    `${urls.portal}/sharing/rest/portals/self?f=pjson`,
    `${urls.server}/rest/services?f=pjson`,
    `${urls.hosted}/rest/services?f=pjson`,
    `${urls.alone}/rest/services?f=pjson`,
    `${urls.issuer}/.well-known/openid-configuration`,
  ].map((url) => `<li><a href="${escapeHtml(url)}">${escapeHtml(url)}</a></li>`);
  return page(
    layout({
      title: 'Demo Portal',
      main: `<h1>Demo Portal</h1>\n<p>A portal to test with: real sign-in, real tokens, invented data.</p>\n<ul>${links.join('')}</ul>`,
    }),
  );
}
