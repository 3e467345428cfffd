// A place where the services are served: federated, hosted, or standing alone.

export interface Mount {
  readonly server: 'server' | 'hosted' | 'alone';
  /** Absolute URL without `/rest/services`. */
  readonly root: string;
}
