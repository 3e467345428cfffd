/** What a wrong configuration of the broker throws: when it is put together, not when the first browser asks. */

/** Code → what to do. Codes are public API: renaming one is a breaking change, rewording is not. Never a part of a secret. */
const catalogue = {
  'secret-missing':
    'No secret is configured. Make one with "openssl rand -base64 32" and pass it as the option "secrets"; there is no default.',
  'secret-malformed':
    'A secret is not base64 or base64url text. Make one with "openssl rand -base64 32"; a password or phrase is not one.',
  'secret-too-short':
    'A secret has less than 32 bytes. Make one with "openssl rand -base64 32"; the length counts after base64 is decoded.',
  'secret-weak':
    'A secret repeats a few bytes, as a placeholder does. Make one with "openssl rand -base64 32".',
  'secret-duplicate':
    'The same secret is listed twice. List the current secret first, then each older one once.',
  'path-invalid':
    'The option "path" is not the path of a URL as browsers write it. Give one such as /worker.js, without origin, query or "..".',
} as const;

/** Every code a {@link BrokerError} can carry. */
export type BrokerErrorCode = keyof typeof catalogue;

/** All codes, in the order of the documentation. */
export const brokerErrorCodes = Object.keys(catalogue) as BrokerErrorCode[];

/** The developer or operator of the app's server must change something. Branch on `code`. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  /** @param code - What is wrong; stable. */
  constructor(readonly code: BrokerErrorCode) {
    super(catalogue[code]);
  }
}
