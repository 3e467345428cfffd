/** What the app's server says to worker and page about a sealed script. */

/** Global property of the worker that holds the keys which the server injects: base64url of 32 bytes each, the current one first. */
export const INJECTED_KEYS_PROPERTY = '__identityWorkerKeys';

/** Header of every refusal of the script, with the reason as a stable code: it tells a sealed script from a missing one. */
export const REFUSAL_HEADER = 'Identity-Worker-Refusal';
