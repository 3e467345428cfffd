// Certificates for `https:`, made for one run and signed by nobody else.

import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** Key and certificate as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** @param hosts - Names and addresses beside `localhost` and `127.0.0.1`. */
export async function makeCertificate(hosts: readonly string[] = []): Promise<Certificate> {
  const names = [...new Set(['localhost', '127.0.0.1', ...hosts])];
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
        ),
      },
    ],
  });
  return { key, cert };
}
