/**
 * `npm run bench`: measures all contenders, prints a table, writes `bench/results.json`. `--quick`: fewer and smaller rounds.
 * Names of workloads: only those.
 */
import { readdir, readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { budgets } from '../scripts/budgets.js';
import { buildAll } from './build.js';
import { environmentOf, single, table, write, type Row } from './report.js';
import { startTestbed } from './testbed.js';
import { workloads } from './workloads.js';
import { full, quick } from './workloads/amounts.js';

const isQuick = process.argv.includes('--quick');
const amounts = isQuick ? quick : full;
const all = Object.entries(workloads);
const chosen = all.filter(([name]) => process.argv.includes(name));

/** Compressed sizes of the ready files, in kB (1,000 bytes). */
async function sizes(): Promise<Row[]> {
  const sizeOf = async (file: string): Promise<number> =>
    brotliCompressSync(await readFile(`dist/${file}`)).length / 1000;
  const first = ['identity-worker.js', 'identity-client.js'].map(async (file) => {
    const budget = (budgets[file] ?? NaN) / 1000;
    return single(`${file}, brotli [kB]`, await sizeOf(file), `${budget} kB`, budget, 1);
  });
  const reference = await sizeOf('identity-client.js');
  const chunks = (await readdir('dist/identity-client')).filter((name) => name.endsWith('.js'));
  const later = chunks.map(async (chunk) => {
    const file = `identity-client/${chunk}`;
    const name = `${file}, loaded when needed, brotli [kB]`;
    return single(name, await sizeOf(file), 'identity-client.js', reference, null);
  });
  return Promise.all([...first, ...later]);
}

try {
  await buildAll();
  const startedAt = Date.now();
  const testbed = await startTestbed();
  try {
    const environment = await environmentOf(await testbed.browser.version(), isQuick);
    const rows: Row[] = [];
    for (const [name, run] of chosen.length > 0 ? chosen : all) {
      const beganAt = Date.now();
      rows.push(...(await run(testbed, amounts)));
      console.error(`${name}: ${((Date.now() - beganAt) / 1000).toFixed(1)} s`);
    }
    rows.push(...(await sizes()));
    environment['durationS'] = Math.round((Date.now() - startedAt) / 1000);
    const results = { environment, rows };
    await write(results);
    console.log(table(results));
  } finally {
    await testbed.close();
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
