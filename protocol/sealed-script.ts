/** What the app's server says to worker and page about a sealed script. */

/** Global property of the worker to which its script assigns the keys: base64url of 32 bytes each, the current one first. */
export const INJECTED_KEYS_PROPERTY = '__identityWorkerKeys';

/** Global property of the ready worker with its registration as a query, where the server says which one it is. */
export const INJECTED_QUERY_PROPERTY = '__identityWorkerQuery';

/** Header of every refusal of the script, with a stable code. It also tells a page that the script is sealed, not missing. */
export const REFUSAL_HEADER = 'Identity-Worker-Refusal';

/** Header of a refusal with the only scope that the script works under, for the page's error. */
export const SCOPE_HEADER = 'Identity-Worker-Scope';
