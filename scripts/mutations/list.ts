/** All mutations. */
import type { Mutation } from './mutation.js';
import { ofAddresses } from './of-addresses.js';
import { ofMessages } from './of-messages.js';
import { ofResponses } from './of-responses.js';
import { ofServers } from './of-servers.js';
import { ofSignIn } from './of-sign-in.js';
import { ofStoredState } from './of-stored-state.js';

export const mutations: readonly Mutation[] = [
  ...ofMessages,
  ...ofAddresses,
  ...ofServers,
  ...ofResponses,
  ...ofSignIn,
  ...ofStoredState,
];
