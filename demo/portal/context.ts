// What all handlers of the portal share: URLs, clock, tables, switches.

import type { Clients, Users } from './accounts.js';
import type { Clock } from './clock.js';
import type { PendingSignIns } from './pages/pending-sign-ins.js';
import type { SecretRegister } from './secrets.js';
import type { LayerEdits, ServiceCatalogue } from './services/index.js';
import type { Steps } from './servers/files/steps.js';
import type { Switches } from './switches.js';
import type { TokenTable } from './tokens.js';

export interface PortalUrls {
  /** Origin of portal, hosted and standalone server. */
  readonly origin: string;
  readonly portal: string;
  readonly server: string;
  readonly server2: string;
  readonly server3: string;
  /** Root of the hosted server, without `/rest/services`. */
  readonly hosted: string;
  readonly alone: string;
  readonly issuer: string;
  readonly foreign: string;
}

export interface PortalContext {
  readonly urls: PortalUrls;
  readonly clock: Clock;
  readonly secrets: SecretRegister;
  readonly tokens: TokenTable;
  readonly clients: Clients;
  readonly users: Users;
  readonly services: ServiceCatalogue;
  readonly pendingSignIns: PendingSignIns;
  readonly switches: Switches;
  readonly steps: Steps;
  readonly edits: LayerEdits;
}
