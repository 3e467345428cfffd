/** Starts the portal with the options of a user: data from files, users in short, errors that say what to do. */
import { readFile } from 'node:fs/promises';
import {
  InvalidService,
  startPortal as start,
  type Certificate,
  type OwnService,
  type Portal,
  type PortalOptions,
  type User,
} from '../demo/portal/index.js';

/** A member of the portal's organisation. */
export interface TestUser {
  readonly username: string;
  readonly password: string;
  /** Default: the name. */
  readonly fullName?: string;
  /** Default: an address at `portal.example`. */
  readonly email?: string;
  /** Whether the user may read services and items that are `private`. Default false. */
  readonly mayReadPrivate?: boolean;
}

/** A feature service with data of your own, at `…/rest/services/{name}/FeatureServer` of all servers. */
export interface TestService {
  /** Letters, digits and underscores. A service of the portal with the same name is replaced. */
  readonly name: string;
  /** A GeoJSON FeatureCollection (RFC 7946 §3.3) in degrees, of points, lines or polygons; or the path of a file that has one. */
  readonly data: string | URL | object;
  /** Who may read it; `private`: users with `mayReadPrivate`. Default `signed-in`. */
  readonly access?: 'public' | 'signed-in' | 'private';
}

/** Options of {@link startPortal}. */
export interface TestPortalOptions extends Omit<PortalOptions, 'tls' | 'users' | 'services'> {
  /** Speak `https:`, with a certificate that is made at the start and that browsers have to be told to accept, or with one of your own. Default false. */
  readonly https?: boolean | Certificate;
  /** Who can sign in. Default: `ana` (password `ana-demo-1`), who may read everything, and `ben` (`ben-demo-1`), who may not read what is private. */
  readonly users?: readonly TestUser[];
  readonly services?: readonly TestService[];
}

/** Why a portal did not start. */
export type PortalStartErrorCode = 'port-in-use' | 'port-not-allowed' | 'invalid-data' | 'invalid-users';

/** The portal cannot be started with these options. The message says what to change. */
export class PortalStartError extends Error {
  override readonly name = 'PortalStartError';

  constructor(
    readonly code: PortalStartErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Starts a portal and resolves once all its servers listen.
 *
 * @param options - Ports, `https`, redirect URIs, users and services.
 * @throws {@link PortalStartError} for a port that is in use or not allowed, and for users or data that cannot be used.
 * @example
 * const portal = await startPortal({ port: 7180, redirectUris: ['http://localhost:5173/signed-in.html'] });
 * portal.control.expireAccessTokens({ user: 'ana' });
 * await portal.close();
 */
export async function startPortal(options: TestPortalOptions = {}): Promise<Portal> {
  const { https = false, users, services = [], ...others } = options;
  try {
    return await start({
      ...others,
      ...(https === false ? {} : { tls: https }),
      ...(users === undefined ? {} : { users: membersOf(users) }),
      services: await Promise.all(services.map(withData)),
    });
  } catch (error) {
    throw explained(error);
  }
}

function membersOf(users: readonly TestUser[]): User[] {
  const refuse = (message: string): never => {
    throw new PortalStartError('invalid-users', message);
  };
  if (users.length === 0) refuse('`users` is empty: name those who can sign in, or leave it out.');
  const names = new Set<string>();
  return users.map(({ username, password, fullName, email, mayReadPrivate }) => {
    // An invalid option in JavaScript has any type.
    if (typeof username !== 'string' || username === '' || typeof password !== 'string' || password === '')
      refuse('Each of `users` needs a `username` and a `password`.');
    // The sign-in page does not tell them apart.
    if (names.has(username.toLowerCase())) refuse(`Two of \`users\` have the name "${username}".`);
    names.add(username.toLowerCase());
    return {
      username,
      password,
      fullName: fullName ?? username,
      email: email ?? `${username}@portal.example`,
      mayReadPrivate: mayReadPrivate ?? false,
    };
  });
}

async function withData({ data, ...service }: TestService): Promise<OwnService> {
  if (typeof data !== 'string' && !(data instanceof URL)) return { ...service, data };
  const refuse = (problem: string, cause: unknown): never => {
    const message = `The data of the service ${service.name} cannot be used: ${problem}`;
    throw new PortalStartError('invalid-data', message, { cause });
  };
  const text = await readFile(data, 'utf8').catch((error: unknown) =>
    refuse(`${String(data)} cannot be read (${codeOf(error) ?? String(error)}).`, error),
  );
  try {
    return { ...service, data: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    return refuse(`${String(data)} is not JSON. Convert it to GeoJSON.`, error);
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

/** Errors of Node's `listen`, and of the portal, in words that say what to do. */
function explained(error: unknown): unknown {
  if (error instanceof InvalidService)
    return new PortalStartError('invalid-data', error.message, { cause: error });
  const port = error instanceof Error && 'port' in error ? String(error.port) : '';
  switch (codeOf(error) ?? '') {
    case 'EADDRINUSE':
      return new PortalStartError(
        'port-in-use',
        `Port ${port} is in use: another program listens there, maybe another portal. End it, or choose another port; 0 takes any free one.`,
        { cause: error },
      );
    case 'EACCES':
      return new PortalStartError(
        'port-not-allowed',
        `Port ${port} may not be used by this account. Choose one above 1023.`,
        { cause: error },
      );
    case 'ERR_SOCKET_BAD_PORT':
      return new PortalStartError('port-not-allowed', 'A port is a number from 0 to 65535.', {
        cause: error,
      });
    default:
      return error;
  }
}
