import { IdentityManager } from 'identity-worker';
import { useSyncExternalStore } from 'react';
import { type, worker } from 'virtual:identity-worker';

export const identity = IdentityManager.instance({ worker, type });

function subscribe(changed: () => void): () => void {
  identity.addEventListener('credentials-changed', changed);
  return () => identity.removeEventListener('credentials-changed', changed);
}

/** Name of the user who is signed in. */
export const useUser = () => useSyncExternalStore(subscribe, () => identity.credentials[0]?.username);
