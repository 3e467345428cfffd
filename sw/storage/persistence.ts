/** The levels at which an app can have its credentials kept. */
import type { StoredLevel } from './database.js';

/** How credentials are kept: not at all, encrypted under a key in IndexedDB, or under a key that only the worker's script holds. */
export type Persistence = 'memory' | 'persistent' | 'sealed';

/** Where what is not secret is kept at a level, such as that the user has cancelled: `memory` has no place of its own. */
export const storedLevelOf = ({ persistence }: { readonly persistence: Persistence }): StoredLevel =>
  persistence === 'sealed' ? 'sealed' : 'persistent';
