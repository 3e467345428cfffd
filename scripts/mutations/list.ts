/** All mutations. */
import type { Mutation } from './mutation.js';
import { ofAddresses } from './of-addresses.js';
import { ofAppLogins } from './of-app-logins.js';
import { ofBrowserCache } from './of-browser-cache.js';
import { ofEdits } from './of-edits.js';
import { ofKeptAnswers } from './of-kept-answers.js';
import { ofMessages } from './of-messages.js';
import { ofNamedAddresses } from './of-named-addresses.js';
import { ofOAuthServers } from './of-oauth-servers.js';
import { ofResponses } from './of-responses.js';
import { ofServers } from './of-servers.js';
import { ofSignIn } from './of-sign-in.js';
import { ofStorage } from './of-storage.js';
import { ofStoredState } from './of-stored-state.js';
import { ofWorkers } from './of-workers.js';

export const mutations: readonly Mutation[] = [
  ...ofMessages,
  ...ofAddresses,
  ...ofNamedAddresses,
  ...ofServers,
  ...ofWorkers,
  ...ofResponses,
  ...ofBrowserCache,
  ...ofKeptAnswers,
  ...ofSignIn,
  ...ofStorage,
  ...ofStoredState,
  ...ofAppLogins,
  ...ofEdits,
  ...ofOAuthServers,
];
