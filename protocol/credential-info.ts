/** What a page may know of a credential: never a token. */
export interface CredentialInfo {
  /** The portal's root URL as registered, such as `https://www.arcgis.com`. */
  readonly portal: string;
  /** The signed-in user, where the portal names one. */
  readonly username?: string;
  /** When the access token ends, in ms since the epoch by this machine's clock; absent where the portal does not say. */
  readonly expires?: number;
  /** When the refresh token ends, and the session with it, in ms since the epoch; absent where the portal does not say. */
  readonly sessionExpires?: number;
  /** Whether the worker can renew the access token without the user. */
  readonly renewable: boolean;
}

/** What a page may know of a registration. */
export interface PortalInfo {
  /** The portal's root URL; names the portal in every call. */
  readonly url: string;
  /** Name shown to the user. */
  readonly name: string;
  /** The session is in the worker's memory only: open pages keep the worker running. */
  readonly isMemoryOnly: boolean;
}
