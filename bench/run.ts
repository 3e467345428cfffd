/** `npm run bench`: measures all contenders in one run, prints a table, writes `bench/results.json`. `--quick`: less of everything. */
import { readdir, readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { buildAll } from './build.js';
import { environmentOf, single, table, write, type Row } from './report.js';
import { setStage } from './stage.js';
import { full, quick, works } from './works.js';

const isQuick = process.argv.includes('--quick');
const amounts = isQuick ? quick : full;
const order = [
  'tiles',
  'link',
  'json',
  'binary',
  'upload',
  'coldStart',
  'unregistered',
  'registrations',
  'expiry',
  'heap',
] as const;
const only = order.filter((name) => process.argv.includes(name));

/** Compressed sizes of the ready files, in kB (1,000 bytes). */
async function sizes(): Promise<Row[]> {
  const sizeOf = async (file: string): Promise<number> =>
    brotliCompressSync(await readFile(`dist/${file}`)).length / 1000;
  const limits = { 'identity-worker.js': 12, 'identity-client.js': 5 };
  const first = Object.entries(limits).map(async ([file, limit]) =>
    single(`${file}, brotli [kB]`, await sizeOf(file), `${limit} kB`, limit, 1),
  );
  const reference = await sizeOf('identity-client.js');
  const parts = (await readdir('dist/identity-client')).filter((name) => name.endsWith('.js'));
  const later = parts.map(async (part) => {
    const file = `identity-client/${part}`;
    const name = `${file}, loaded when needed, brotli [kB]`;
    return single(name, await sizeOf(file), 'identity-client.js', reference, null);
  });
  return Promise.all([...first, ...later]);
}

try {
  await buildAll();
  const startedAt = Date.now();
  const stage = await setStage();
  try {
    const environment = await environmentOf(await stage.browser.version(), isQuick);
    const rows: Row[] = [];
    for (const name of only.length > 0 ? only : order) {
      const workStartedAt = Date.now();
      rows.push(...(await works[name](stage, amounts)));
      console.error(`${name}: ${((Date.now() - workStartedAt) / 1000).toFixed(1)} s`);
    }
    rows.push(...(await sizes()));
    environment['durationS'] = Math.round((Date.now() - startedAt) / 1000);
    const results = { environment, rows };
    await write(results);
    console.log(table(results));
  } finally {
    await stage.close();
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
