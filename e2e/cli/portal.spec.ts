/** `npx identity-worker portal`, and the command line where it is called wrongly. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { run, start } from '../support/command-line.js';

test('portal serves data of the user’s own, and ends by a signal', async () => {
  const portal = start(['portal', '--port', '0', '--data', 'e2e/testing/trees.geojson']);
  const [, layer = ''] = await portal.has(/Your data +(\S+)/);
  const response = await fetch(`${layer}/query?f=json&returnCountOnly=true`);
  expect(await response.json()).toMatchObject({ error: { code: 499 } });
  portal.process.kill('SIGTERM');
  expect(await portal.ended).toMatchObject({ exitCode: 0 });
});

test('portal says which port is in use, and what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const { exitCode, text } = await run(['portal', '--port', String(port)]);
  other.close();
  expect(exitCode).toBe(1);
  expect(text).toContain(`Port ${port} is in use`);
  expect(text).toContain('--port <n>');
});

test('arguments that make no sense end with the usage', async () => {
  for (const [args, problem] of [
    [[], 'Usage: npx identity-worker <command>'],
    [['prtal'], 'There is no command "prtal"'],
    [['portal', '--port', 'many'], 'not "many"'],
    [['portal', '--prot', '1'], "Unknown option '--prot'"],
    [['portal', '--redirect-uri', '/signed-in.html'], 'a whole address'],
    [['init', '--persistence', 'disk'], 'not "disk"'],
    [['doctor'], 'the whole address of one page'],
    [['doctor', 'maps.example.org'], 'the whole address of one page'],
  ] as const) {
    const { exitCode, text } = await run(args);
    expect(text).toContain(problem);
    expect(text).toContain('Usage:');
    expect(exitCode).toBe(2);
  }
});

test('portal names data that cannot be used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-worker-cli-'));
  const { exitCode, text } = await run(['portal', '--port', '0', '--data', 'gone.geojson'], folder);
  rmSync(folder, { recursive: true });
  expect(exitCode).toBe(1);
  expect(text).toContain('gone.geojson cannot be read (ENOENT)');
});

test('the example of a script runs with Node alone', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'e2e/testing/start.ts']);
  expect(JSON.parse(stdout)).toEqual({ count: 2 });
});
