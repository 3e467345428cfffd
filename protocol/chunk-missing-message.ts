/** What to do where the file with all the other messages may be missing too. */
import type { ErrorCode, ErrorMessage } from './error-codes.js';

export const chunkMissingMessage = {
  'client-chunk-missing': () =>
    'A chunk of the client is missing: put the folder identity-client beside identity-client.js, or keep the files of the last deployment for open pages.',
} satisfies Partial<Record<ErrorCode, ErrorMessage>>;
