/** The key that the tokens of a registration are bound to, and the proofs of having it (RFC 9449). */
import * as oauth from 'oauth4webapi';
import { isRecord } from '../../protocol/record.js';
import type { Database } from '../storage/database.js';
import type { Proofs } from './authorization-server.js';

const ALGORITHM: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };

/** A new pair of keys (ES256); script can export its public half alone. */
const createKeyPair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);

/** Another key may have been planted: one that could be exported is not used. */
const isHalf = (key: unknown, type: KeyType, usage: KeyUsage): boolean =>
  key instanceof CryptoKey &&
  key.type === type &&
  key.extractable === (type === 'public') &&
  key.algorithm.name === ALGORITHM.name &&
  (key.algorithm as EcKeyGenParams).namedCurve === ALGORITHM.namedCurve &&
  key.usages.includes(usage);

const isKeyPair = (found: unknown): found is CryptoKeyPair =>
  isRecord(found) &&
  isHalf(found['privateKey'], 'private', 'sign') &&
  isHalf(found['publicKey'], 'public', 'verify');

/** One per registration, and made when it is first needed. */
export class ProofKey implements Proofs {
  readonly #portal: string;
  #database: Pick<Database, 'key'> | undefined;
  #keyPair: CryptoKeyPair | undefined;
  #handle: oauth.DPoPHandle | undefined;

  /** @param portal - Names the registration. */
  constructor(portal: string) {
    this.#portal = portal;
  }

  keepIn(database: Pick<Database, 'key'>): void {
    this.#database = database;
  }

  /** For a token request: what the database has lost meanwhile, or could not keep, is written again. */
  async handle(): Promise<oauth.DPoPHandle> {
    const known = this.#keyPair;
    const create = async (): Promise<CryptoKeyPair> => known ?? createKeyPair();
    const kept = await this.#database
      ?.key(`proof ${this.#portal}`, isKeyPair, create)
      // Its failure is told with that of the credentials, which are in memory alone then too.
      .catch(() => undefined);
    const keyPair = kept ?? (await create());
    this.#keyPair ??= keyPair;
    return (this.#handle ??= oauth.DPoP({}, this.#keyPair));
  }

  async send(
    token: string,
    make: () => Request,
    fetchFrom: (request: Request) => Promise<Response>,
    isRepeatable = true,
  ): Promise<Response> {
    const DPoP = this.#handle ?? (await this.handle());
    for (let isLast = !isRepeatable; ; isLast = true) {
      const request = make();
      let response: Response | undefined;
      try {
        return await oauth.protectedResourceRequest(
          token,
          request.method,
          new URL(request.url),
          undefined,
          undefined,
          {
            DPoP,
            // oxlint-disable-next-line no-deprecated -- marked so as a warning by its authors; registrations admit loopback alone
            [oauth.allowInsecureRequests]: true,
            [oauth.customFetch]: async (_: string, { headers }: { headers: Record<string, string> }) => {
              for (const name of ['authorization', 'dpop']) request.headers.set(name, headers[name] ?? '');
              response = await fetchFrom(request);
              return response;
            },
          },
        );
      } catch (error) {
        // The library throws where a response has a challenge.
        if (!response) throw error;
        if (isLast || !oauth.isDPoPNonceError(error)) return response;
        void response.body?.cancel();
      }
    }
  }
}
