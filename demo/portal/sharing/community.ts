// community: the user, other users, groups.

import type { User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { groups, groupsOf, orgId, type Group } from './organisation.js';
import { found, searchTest } from './search-query.js';
import { viewerOf, type Viewer } from './viewer.js';

const createdMs = Date.UTC(2026, 0, 1);

/** What a user sees of their own account. */
export function describeUser(user: User): Record<string, unknown> {
  return {
    ...describeProfile(user),
    email: user.email,
    role: user.mayReadPrivate ? 'org_publisher' : 'org_user',
    privileges: ['portal:user:viewOrgItems', 'features:user:edit'],
    groups: groupsOf(user).map(describeGroup),
  };
}

const describeProfile = ({ username, fullName }: User): Record<string, unknown> => ({
  username,
  fullName,
  orgId,
  access: 'org',
  created: createdMs,
  modified: createdMs,
  thumbnail: null,
  description: null,
  tags: [],
  culture: 'en',
  region: 'WO',
  units: 'metric',
});

const describeGroup = ({ id, title, owner, access }: Group): Record<string, unknown> => ({
  id,
  title,
  owner,
  access,
  isInvitationOnly: true,
  tags: ['demo'],
  thumbnail: null,
  created: createdMs,
  modified: createdMs,
});

export function communitySelf(context: PortalContext, request: PortalRequest): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  if (viewer.kind !== 'user') {
    return jsonError(request, 499, 'Token Required', { messageCode: 'GWM_0003' });
  }
  return { ...json(request, describeUser(viewer.user)), cors: 'credentials' };
}

/** @param rest - Path segments below `community/users`; none: the search. */
export function communityUsers(
  context: PortalContext,
  request: PortalRequest,
  rest: readonly string[],
): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const [username, ...below] = rest;
  if (username === undefined) {
    const matches = searchTest(request.params.get('q') ?? '');
    // Profiles of the organisation are shown to its members only.
    const visible = viewer.kind === 'user' ? context.users.all : [];
    const wanted = visible.filter((user) => matches({ ...user, orgid: orgId }));
    return json(request, found(request.params, wanted.map(describeProfile)));
  }
  const user = context.users.findIgnoringCase(username);
  if (!user || viewer.kind !== 'user' || below.length > 0) {
    return jsonError(request, 400, 'User does not exist or is inaccessible.', { messageCode: 'COM_0018' });
  }
  const isSelf = viewer.user === user;
  return json(request, isSelf ? describeUser(user) : { ...describeProfile(user), groups: [] });
}

/** @param rest - Path segments below `community/groups`; none: the search. */
export function communityGroups(
  context: PortalContext,
  request: PortalRequest,
  rest: readonly string[],
): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const visible = groups.filter((group) => maySee(group, viewer));
  const [id, operation, ...below] = rest;
  if (id === undefined) {
    const matches = searchTest(request.params.get('q') ?? '');
    const wanted = visible.filter((group) => matches({ ...group, orgid: orgId }));
    return json(request, found(request.params, wanted.map(describeGroup)));
  }
  const group = visible.find((candidate) => candidate.id === id);
  if (!group || below.length > 0 || (operation !== undefined && operation !== 'users')) {
    return jsonError(request, 400, 'Group does not exist or is inaccessible.', { messageCode: 'COM_0003' });
  }
  return json(
    request,
    operation === 'users'
      ? { owner: group.owner, admins: [group.owner], users: group.members }
      : describeGroup(group),
  );
}

export const maySee = ({ access, members }: Group, viewer: Viewer): boolean =>
  access === 'public' ||
  (viewer.kind === 'user' && (access === 'org' || members.includes(viewer.user.username)));
