/** What the app's server says to worker and page about a sealed script. */

/** Global property of the worker in which its script brings the seals: base64url of 32 bytes each, the current one first. */
export const INJECTED_KEYS_PROPERTY = '__identityWorkerKeys';

/** Header of every answer without the script, with the reason as a stable code: it tells a sealed script from a missing one. */
export const REFUSAL_HEADER = 'Identity-Worker-Refusal';
