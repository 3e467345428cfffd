// The organisation: its users, and three registered applications.

import { timingSafeEqual } from 'node:crypto';

export interface User {
  readonly username: string;
  readonly password: string;
  readonly fullName: string;
  readonly email: string;
  /** Whether the user may read private services and items. */
  readonly mayReadPrivate: boolean;
}

export interface Client {
  readonly clientId: string;
  /** Present only for a confidential client. */
  readonly clientSecret?: string;
  /** Compared as strings (RFC 9700 §2.1): no prefix, no pattern, no port wildcard. */
  readonly redirectUris: Set<string>;
}

/** Shows the code on the approval page instead of sending it to the application. */
export const oobRedirectUri = 'urn:ietf:wg:oauth:2.0:oob';

const portalClientId = 'idw-demo';
export const confidentialClientId = 'idw-app';
export const confidentialClientSecret = 'idw-app-demo-secret-0001';
export const genericClientId = 'idw-oauth';

const demoUsers: readonly User[] = [
  {
    username: 'ana',
    password: 'ana-demo-1',
    fullName: 'Ana Demo',
    email: 'ana@portal.example',
    mayReadPrivate: true,
  },
  {
    username: 'ben',
    password: 'ben-demo-1',
    fullName: 'Ben Demo',
    email: 'ben@portal.example',
    mayReadPrivate: false,
  },
];

/** The members of one portal's organisation: the demo's users where it gets no others. */
export class Users {
  constructor(readonly all: readonly User[] = demoUsers) {}

  /** Finds a user by the exact name, as generateToken does. */
  find(username: string | undefined): User | undefined {
    return this.all.find((user) => user.username === username);
  }

  /** Finds a user as the sign-in page does, without regard to case. */
  findIgnoringCase(username: string): User | undefined {
    const wanted = username.trim().toLowerCase();
    return this.all.find((user) => user.username.toLowerCase() === wanted);
  }
}

/** Compares two secrets in constant time. */
export function sameSecret(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

export class Clients {
  readonly #portal: Map<string, Client>;
  readonly #generic: Map<string, Client>;

  constructor(redirectUris: readonly string[]) {
    this.#portal = new Map([
      [
        portalClientId,
        { clientId: portalClientId, redirectUris: new Set([...redirectUris, oobRedirectUri]) },
      ],
      [
        confidentialClientId,
        {
          clientId: confidentialClientId,
          clientSecret: confidentialClientSecret,
          redirectUris: new Set([...redirectUris, oobRedirectUri]),
        },
      ],
    ]);
    this.#generic = new Map([
      [genericClientId, { clientId: genericClientId, redirectUris: new Set(redirectUris) }],
    ]);
  }

  ofPortal(clientId: string | null | undefined): Client | undefined {
    return this.#portal.get(clientId ?? '');
  }

  ofGenericServer(clientId: string | null | undefined): Client | undefined {
    return this.#generic.get(clientId ?? '');
  }

  /** Registers another redirect URI, without a client id for every public client. */
  addRedirectUri(uri: string, clientId?: string): void {
    const wanted =
      clientId === undefined
        ? [this.ofPortal(portalClientId), this.ofGenericServer(genericClientId)]
        : [this.ofPortal(clientId) ?? this.ofGenericServer(clientId)];
    for (const client of wanted) {
      if (!client) throw new Error(`No client "${clientId}" is registered.`);
      client.redirectUris.add(uri);
    }
  }
}
