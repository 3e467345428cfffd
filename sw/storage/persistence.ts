/** How credentials are kept: not at all, encrypted under a key in IndexedDB, or under a key that only the worker's script holds. */
export type Persistence = 'memory' | 'persistent' | 'sealed';
