/** All mutations. */
import type { Mutation } from './mutation.js';
import { ofMessages } from './of-messages.js';
import { ofStoredState } from './of-stored-state.js';
import { ofSignIn } from './of-sign-in.js';
import { ofResponses } from './of-responses.js';
import { ofServers } from './of-servers.js';
import { ofAddresses } from './of-addresses.js';

export const mutations: readonly Mutation[] = [
  ...ofMessages,
  ...ofAddresses,
  ...ofServers,
  ...ofResponses,
  ...ofSignIn,
  ...ofStoredState,
];
