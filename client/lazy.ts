/** The chunks of the client that few pages need at once: loaded when they are, or when the browser has nothing else to do. */
import {
  addErrorMessages,
  identityError,
  isIdentityError,
  lacksMessage,
  type IdentityError,
} from '../protocol/errors.js';
import { chunkMissingMessage } from '../protocol/chunk-missing-message.js';

/** Written out: bundlers split where they see the path. */
const chunks = {
  signIn: () => import('./sign-in/chunk.js'),
  inspectClients: () => import('./inspect-clients.js'),
  diagnosis: () => import('./diagnosis.js'),
  errorMessages: () => import('../protocol/error-messages.js'),
};
type Chunks = typeof chunks;

/**
 * Loads a chunk; once, unless that failed.
 *
 * @throws ConfigurationError `client-chunk-missing`.
 */
export async function loadChunk<C extends keyof Chunks>(chunk: C): Promise<Awaited<ReturnType<Chunks[C]>>> {
  try {
    return await (chunks[chunk] as () => ReturnType<Chunks[C]>)();
  } catch {
    addErrorMessages(chunkMissingMessage);
    throw identityError('client-chunk-missing');
  }
}

/** Loads the sign-in before anybody has to sign in: a new deployment may take the file away from under an open page. */
export function preloadSignIn(): void {
  // Safari has no requestIdleCallback.
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => void loadChunk('signIn').catch(() => undefined));
}

/** The same error with its message; most messages are loaded when something has failed. */
export async function explain(error: IdentityError): Promise<IdentityError> {
  if (!lacksMessage(error)) return error;
  try {
    addErrorMessages((await loadChunk('errorMessages')).errorMessages);
  } catch {
    // The code still says what happened.
  }
  return identityError(error.code, error.facts);
}

/** What a public call answers: its errors have their messages. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isIdentityError(error) ? await explain(error) : error;
  }
}
