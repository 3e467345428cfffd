// The organisation of the demo's users: its id and its groups.

import type { User } from '../accounts.js';

export const orgId = 'AbCdEf';

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly access: 'public' | 'org' | 'private';
  readonly members: readonly string[];
  /** Ids of the items that are shared with it. */
  readonly items: readonly string[];
}

export const groups: readonly Group[] = [
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e901',
    title: 'Everybody',
    owner: 'ana',
    access: 'org',
    members: ['ana', 'ben'],
    items: ['0a1b2c3d4e5f60718293a4b5c6d7e8f1', '0a1b2c3d4e5f60718293a4b5c6d7e8f5'],
  },
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e902',
    title: 'Surveyors',
    owner: 'ana',
    access: 'private',
    members: ['ana'],
    items: ['0a1b2c3d4e5f60718293a4b5c6d7e8f3'],
  },
];

export const groupsOf = (user: User): readonly Group[] =>
  groups.filter(({ members }) => members.includes(user.username));
