/** What the sign-ins and sign-outs of a page share. */
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import type { IdentityError, WireError } from '../protocol/errors.js';
import type { Connection } from './connection.js';
import type { LoginMode } from './login-mode.js';

/** The page that a sign-in or a sign-out is part of. */
export interface PageHost {
  readonly connection: Pick<Connection, 'call' | 'ping' | 'delayUpdate'>;
  /** As it applies in this browser. */
  readonly login: LoginMode;
  /** Makes an error of the page's own classes: a chunk may have a copy of them. */
  readonly error: (wire: WireError) => IdentityError;
  /** Tells the page's developer of an error that no caller gets. */
  readonly report: (error: IdentityError | undefined) => Promise<void>;
  /** Reads who is signed in. */
  readonly readState: () => Promise<void>;
  /** The IdentityManager: dispatches the events, takes codes. */
  readonly identity: EventTarget & {
    readonly ready: Promise<void>;
    readonly credentials: readonly CredentialInfo[];
    readonly portals: readonly PortalInfo[];
    setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void>;
  };
}
