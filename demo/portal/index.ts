// Starts the portal: five HTTP servers that share accounts, tokens and switches.

import {
  Clients,
  confidentialClientId,
  confidentialClientSecret,
  genericClientId,
  Users,
  type User,
} from './accounts.js';
import { createClock } from './clock.js';
import type { PortalContext, PortalUrls } from './context.js';
import { PortalControl } from './control.js';
import { Faults } from './faults.js';
import { handleForeign } from './foreign/recorder.js';
import { IdTokenSigner } from './generic/id-token.js';
import { handleGeneric } from './generic/routes.js';
import { makeCertificate, type Certificate } from './http/certificate.js';
import { createListener } from './http/listener.js';
import { Ports } from './http/ports.js';
import { PendingSignIns } from './pages/pending-sign-ins.js';
import { RequestLog } from './request-log.js';
import { SecretRegister } from './secrets.js';
import { LayerEdits, ownServices, ServiceCatalogue, type OwnService } from './services/index.js';
import { Steps } from './servers/files/steps.js';
import type { Mount } from './servers/mount.js';
import { handleServer } from './servers/routes.js';
import { orgId } from './sharing/organisation.js';
import { handlePortal } from './sharing/routes.js';
import { defaultSwitches, type FederatedName, type ServerName } from './switches.js';
import { TestEndpoints, testPrefix } from './test-endpoints.js';
import { TokenTable } from './tokens.js';

export type { User } from './accounts.js';
export type { PortalControl } from './control.js';
export { InvalidFault, type Fault, type Share, type Stage } from './fault.js';
export type { Hold, HoldOptions } from './faults.js';
export { makeCertificate, type Certificate } from './http/certificate.js';
export type { TokenPlacement } from './http/request.js';
export type { LogEntry, LogFilter, RequestLog } from './request-log.js';
export { InvalidService, type OwnService } from './services/index.js';
export type { CorsMode, EnvelopeShape, ErrorStyle, FederatedName, ServerName, Switches } from './switches.js';
export type { TokenFilter, TokenKind, TokenLabel } from './tokens.js';

export interface PortalOptions {
  /** Port of the portal, the hosted and the standalone server. Default 0: any free one. */
  readonly port?: number;
  /** Port of the federated server, another origin than the portal's. Default 0. */
  readonly serverPort?: number;
  /** Port of the generic OAuth server and its API. Default 0. */
  readonly oauthPort?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** All servers speak `https:`, with this key and certificate (PEM), or with one that is made at the start. Default: `http:`. */
  readonly tls?: Certificate | true;
  /** Redirect URIs of every client, besides the oob URI of the portal's. */
  readonly redirectUris?: readonly string[];
  /** Members of the organisation. Default: `ana` and `ben`. */
  readonly users?: readonly User[];
  /** Feature services beside those of the demo, on all servers, with data of the caller's own. */
  readonly services?: readonly OwnService[];
  /** Life of access tokens in seconds. Default 1800. */
  readonly accessTokenLifetimeS?: number;
  /** Receives one line per response, with labels in place of tokens. */
  readonly log?: (line: string) => void;
}

export interface Portal {
  readonly url: string;
  readonly origin: string;
  /** Root of the federated server: `{serverUrl}/rest/services`. */
  readonly serverUrl: string;
  /** Roots of all federated servers: `serverUrl`, one at an origin of its own, and one that shares the origin of the first. */
  readonly serverUrls: Readonly<Record<FederatedName, string>>;
  /** `rest/services` of the hosted server, which accepts the portal's token. */
  readonly hostedUrl: string;
  /** Root of the standalone server, with its own generateToken. */
  readonly aloneUrl: string;
  readonly oauth: { readonly issuer: string; readonly apiUrl: string; readonly clientId: string };
  /** The account of an app itself (`client_credentials`), at the portal and at the generic server. */
  readonly appAccount: { readonly clientId: string; readonly clientSecret: string };
  /** A server that claims to belong to the portal, and does not. */
  readonly foreign: { readonly origin: string };
  /** The members of its organisation. */
  readonly users: readonly User[];
  /** The certificate of the portal that speaks `https:` (PEM), for clients that are to trust it. */
  readonly certificate?: string;
  readonly log: RequestLog;
  readonly control: PortalControl;
  addRedirectUri(uri: string, clientId?: string): void;
  close(): Promise<void>;
}

/**
 * Starts the portal and resolves once all its servers listen.
 *
 * @throws The error of Node's `listen` when a port is taken, `InvalidService` where no service can be made of some data.
 * @example
 * const portal = await startPortal({ redirectUris: ['http://127.0.0.1:5173/signed-in'] });
 * const response = await fetch(`${portal.hostedUrl}/Places/FeatureServer/0/query?f=json&where=1=1`);
 * await portal.close();
 */
export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const { port = 0, serverPort = 0, oauthPort = 0, host = '127.0.0.1' } = options;
  const tls = options.tls === true ? await makeCertificate([host]) : options.tls;
  const defaults = () => defaultSwitches(options.accessTokenLifetimeS ?? 1800, tls !== undefined);
  const switches = defaults();
  const clock = createClock(() => switches.clockOffsetMs);
  const secrets = new SecretRegister();
  secrets.register('client-secret', confidentialClientSecret);
  const tokens = new TokenTable(clock, secrets);
  const clients = new Clients(options.redirectUris ?? []);
  const users = new Users(options.users);
  const services = new ServiceCatalogue(ownServices(options.services ?? []));
  const pendingSignIns = new PendingSignIns(clock);
  const faults = new Faults();
  const log = new RequestLog(secrets, tokens);
  const edits = new LayerEdits(() => clock.now());
  const ports = new Ports({ host, tls });
  const control = new PortalControl({
    switches,
    defaults,
    tokens,
    pendingSignIns,
    faults,
    log,
    edits,
    ports,
  });
  const addRedirectUri = (uri: string, clientId?: string) => clients.addRedirectUri(uri, clientId);

  const close = async () => {
    faults.clear();
    await ports.closeAll();
  };
  try {
    // Responses contain the URLs of all servers, so all ports are opened first.
    const main = await ports.open(port, ['portal', 'hosted', 'alone']);
    const federated = await ports.open(serverPort, ['server', 'server3']);
    const federated2 = await ports.open(0, ['server2']);
    const generic = await ports.open(oauthPort, ['oauth']);
    const foreign = await ports.open(0, ['foreign']);
    const urls: PortalUrls = {
      origin: main.origin,
      portal: `${main.origin}/portal`,
      server: `${federated.origin}/server`,
      server2: `${federated2.origin}/server`,
      server3: `${federated.origin}/image`,
      hosted: `${main.origin}/hosted/${orgId}/arcgis`,
      alone: `${main.origin}/alone`,
      issuer: generic.origin,
      foreign: foreign.origin,
    };
    const steps = new Steps();
    const context: PortalContext = {
      urls,
      clock,
      secrets,
      tokens,
      clients,
      users,
      services,
      pendingSignIns,
      switches,
      steps,
      edits,
    };
    const signer = new IdTokenSigner();
    const testEndpoints = new TestEndpoints({
      control,
      log,
      addRedirectUri,
      host: new URL(main.origin).host,
    });
    const shared = { log, faults, switches, writeLine: options.log ?? (() => undefined) };
    const mounts: Record<Mount['server'], Mount> = {
      server: { server: 'server', root: urls.server },
      server2: { server: 'server2', root: urls.server2 },
      server3: { server: 'server3', root: urls.server3 },
      hosted: { server: 'hosted', root: urls.hosted },
      alone: { server: 'alone', root: urls.alone },
    };
    main.onRequest(
      createListener({
        ...shared,
        serverAt: mainServerAt,
        intercept: (request) =>
          request.path.startsWith(testPrefix) ? testEndpoints.handle(request) : undefined,
        handle: (request) =>
          request.server === 'hosted' || request.server === 'alone'
            ? handleServer(context, log, request, mounts[request.server])
            : handlePortal(context, request),
      }),
    );
    const federatedListener = (serverAt: (path: string) => FederatedName) =>
      createListener({
        ...shared,
        serverAt,
        handle: (request) => handleServer(context, log, request, mounts[serverAt(request.path)]),
      });
    federated.onRequest(federatedListener((path) => (/^\/image(\/|$)/.test(path) ? 'server3' : 'server')));
    federated2.onRequest(federatedListener(() => 'server2'));
    generic.onRequest(
      createListener({
        ...shared,
        serverAt: () => 'oauth',
        handle: (request) => handleGeneric(context, signer, request),
      }),
    );
    foreign.onRequest(
      createListener({
        ...shared,
        serverAt: () => 'foreign',
        handle: (request) => handleForeign(context, request),
      }),
    );
    return {
      url: urls.portal,
      origin: urls.origin,
      serverUrl: urls.server,
      serverUrls: { server: urls.server, server2: urls.server2, server3: urls.server3 },
      hostedUrl: `${urls.hosted}/rest/services`,
      aloneUrl: urls.alone,
      appAccount: { clientId: confidentialClientId, clientSecret: confidentialClientSecret },
      oauth: { issuer: urls.issuer, apiUrl: `${urls.issuer}/api/`, clientId: genericClientId },
      foreign: { origin: urls.foreign },
      users: users.all,
      ...(tls ? { certificate: tls.cert } : {}),
      log,
      control,
      addRedirectUri,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function mainServerAt(path: string): ServerName {
  if (/^\/hosted(\/|$)/.test(path)) return 'hosted';
  return /^\/alone(\/|$)/.test(path) ? 'alone' : 'portal';
}
