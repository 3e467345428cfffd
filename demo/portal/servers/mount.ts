// A server with the services: federated, hosted, or standalone.

import type { FederatedName } from '../switches.js';

export interface Mount {
  readonly server: FederatedName | 'hosted' | 'alone';
  /** Absolute URL without `/rest/services`. */
  readonly root: string;
}
