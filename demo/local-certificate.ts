/** The certificate of `npm run demo -- --https`: kept, so that a browser has to be told once to trust it. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate, type Certificate } from './portal/index.js';

const folder = fileURLToPath(new URL('../node_modules/.cache/identity-worker-demo', import.meta.url));

/** Shortest time that a certificate must still be valid, in ms. */
const LEFT_MS = 24 * 3600_000;

/** @returns The certificate, and the file that has its public part. */
export async function localCertificate(): Promise<{ certificate: Certificate; file: string }> {
  const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const read = async (): Promise<Certificate> => {
    const [cert, key] = await Promise.all([readFile(file, 'utf8'), readFile(keyFile, 'utf8')]);
    if (Date.parse(new X509Certificate(cert).validTo) < Date.now() + LEFT_MS) throw new Error('It is old.');
    return { cert, key };
  };
  const make = async (): Promise<Certificate> => {
    const made = await makeCertificate();
    await mkdir(folder, { recursive: true });
    await writeFile(keyFile, made.key, { mode: 0o600 });
    await writeFile(file, made.cert);
    return made;
  };
  return { certificate: await read().catch(make), file };
}
