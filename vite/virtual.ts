declare module 'virtual:identity-worker' {
  /** Path of the worker's script, for `IdentityManager.instance({ worker, type })`. */
  export const worker: string;
  /** Type of the worker: `module` only for the development worker of vite-plugin-pwa. */
  export const type: 'classic' | 'module';
  /** Path of the callback page: the redirect URI of every registration. */
  export const redirectUri: string;
}
