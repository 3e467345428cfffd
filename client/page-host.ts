/** What the sign-ins and sign-outs of a page share. */
import type { Connection } from './connection.js';
import type { LoginMode } from './options.js';

/** The page that a sign-in or a sign-out is part of. */
export interface PageHost {
  readonly connection: Pick<Connection, 'call' | 'ping'>;
  /** As it applies in this browser. */
  readonly login: LoginMode;
  /** The IdentityManager: dispatches the events, takes codes. */
  readonly identity: EventTarget & {
    readonly ready: Promise<void>;
    setOAuthCodeForUrl(authorizationUrl: string, code: string): Promise<void>;
  };
}
