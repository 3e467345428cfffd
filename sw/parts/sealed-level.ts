/** The persistence level `sealed`: keys that the app's server injected into the worker's script, where page script cannot read them. */
import { ConfigurationError } from '../../protocol/identity-error.js';
import { INJECTED_KEYS_PROPERTY } from '../../protocol/sealed-script.js';
import { Encrypter } from '../storage/encrypter.js';
import type { WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** The part. Its keys are taken when it is made: make it at the top level of the worker's script. */
export function sealedLevel(): WorkerPart {
  const keys = takeInjectedKeys(self as unknown as Record<string, unknown>);
  const sealed = injectedEncrypter(keys);
  return {
    name: 'sealed-level',
    sealed,
    check: (portals) => {
      if (keys.length > 0) for (const portal of portals) portal.sealedBy?.(sealed);
      // Never kept less securely than was asked for.
      else if (portals.some(({ persistence }) => persistence === 'sealed'))
        throw new ConfigurationError('injected-keys-missing');
    },
  };
}

/** Makes the encrypter of injected keys, the current one first. */
export const injectedEncrypter = (keys: readonly string[]) => async (): Promise<Encrypter> =>
  new Encrypter(await Promise.all(keys.map(importKey)));

/** Base64url of 32 bytes. */
const isInjectedKey = (key: unknown): key is string => typeof key === 'string' && /^[\w-]{43}$/.test(key);

/**
 * The keys in front of the worker's script, the current one first; none where no server injected any.
 * They are deleted, so that nothing else in the worker finds them.
 */
export function takeInjectedKeys(scope: Record<string, unknown>): readonly string[] {
  const keys = scope[INJECTED_KEYS_PROPERTY];
  delete scope[INJECTED_KEYS_PROPERTY];
  return Array.isArray(keys) && keys.every(isInjectedKey) ? keys : [];
}

/** The key of an injected text: base64url of 32 bytes. */
export function importKey(text: string): Promise<CryptoKey> {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
