/** The chunks of the client that few pages need at once: loaded when they are, or when the browser has nothing else to do. */
import {
  addErrorMessages,
  identityError,
  isIdentityError,
  lacksMessage,
  type IdentityError,
} from '../protocol/errors.js';
import { chunkMissingMessage } from '../protocol/chunk-missing-message.js';

/** Written out: bundlers split where they see a literal path. */
const chunks = {
  signIn: () => import('./sign-in/chunk.js'),
  inspectClients: () => import('./inspect-clients.js'),
  diagnosis: () => import('./diagnosis.js'),
  tracing: () => import('./tracing.js'),
  optionWarnings: () => import('./option-warnings.js'),
  errorMessages: () => import('../protocol/error-messages.js'),
};
type Chunks = typeof chunks;

/** So often a chunk has failed, by its URL. */
const failures = new Map<string, number>();

/**
 * Browsers remember that a module could not be loaded. Firefox does by its URL (HTML standard, module map), and names it: another fragment
 * is another URL there, and the same file. WebKit takes the failed response of a preload again, until its file is fetched anew.
 */
async function importAgain(load: () => Promise<unknown>, error: unknown): Promise<unknown> {
  const { message } = error as Error;
  if (message.startsWith('Importing a module script failed')) {
    const preloads = document.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]');
    await Promise.allSettled(Array.from(preloads, ({ href }) => fetch(href, { cache: 'reload' })));
    return load();
  }
  const [, url] = /^error loading dynamically imported module: (\S+)$/.exec(message) ?? [];
  if (url === undefined) throw error;
  const count = failures.get(url) ?? 1;
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ `${url}#${count}`);
  } catch (failure) {
    failures.set(url, count + 1);
    throw failure;
  }
}

/**
 * Loads a chunk; once, unless that failed.
 *
 * @throws ConfigurationError `client-chunk-missing`.
 */
export async function loadChunk<C extends keyof Chunks>(chunk: C): Promise<Awaited<ReturnType<Chunks[C]>>> {
  try {
    const load = chunks[chunk] as () => ReturnType<Chunks[C]>;
    return (await load().catch((error: unknown) => importAgain(load, error))) as Awaited<
      ReturnType<Chunks[C]>
    >;
  } catch {
    return chunkMissing();
  }
}

/** @throws ConfigurationError `client-chunk-missing`. */
export function chunkMissing(): never {
  addErrorMessages(chunkMissingMessage);
  throw identityError('client-chunk-missing');
}

/** Loads the sign-in ahead of need: a new deployment may remove the file while a page is open. */
export function preloadSignIn(): void {
  // Safari has no requestIdleCallback.
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => void loadChunk('signIn').catch(() => undefined));
}

/** The same error with its message: messages are loaded when something has failed. */
export async function explain(error: IdentityError): Promise<IdentityError> {
  if (!lacksMessage(error)) return error;
  try {
    addErrorMessages((await loadChunk('errorMessages')).errorMessages);
  } catch {
    // Code and facts still tell what happened.
  }
  return identityError(error.code, error.facts);
}

/** The outcome of a public call: its errors have their messages. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isIdentityError(error) ? await explain(error) : error;
  }
}
