/** A project outside the repository that has the packed package in its `node_modules`, as a user's has. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Packages that the package and the project import. */
const dependencies = [
  'comlink',
  'idb',
  'oauth4webapi',
  'workbox-core',
  'workbox-routing',
  'vite',
  'vite-plugin-pwa',
];

export interface DevelopmentServer {
  /** `http://localhost:…` without trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PackedProject {
  /**
   * Starts Vite's development server.
   *
   * @param config - File name of its configuration.
   * @param env - Variables that are added to the environment.
   */
  develop(config: string, env: Readonly<Record<string, string>>): Promise<DevelopmentServer>;
  /** Ends the servers that still run, and deletes the project. */
  remove(): Promise<void>;
}

/**
 * Packs the package as it is built, and installs it into a copy of a folder.
 *
 * @param source - The folder with the project's own files.
 */
export function createPackedProject(source: string): PackedProject {
  const folder = mkdtempSync(join(tmpdir(), 'identity-worker-project-'));
  cpSync(source, folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'identity-worker'));
  for (const name of dependencies) symlinkSync(resolve('node_modules', name), join(modules, name));

  const running = new Set<ChildProcess>();
  const end = async (server: ChildProcess): Promise<void> => {
    running.delete(server);
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((done) => server.once('exit', done));
    server.kill();
    await ended;
  };
  return {
    develop: async (config, added) => {
      const env: NodeJS.ProcessEnv = { ...process.env, ...added };
      // The test runner sets both; a user's shell sets neither.
      delete env['NODE_ENV'];
      delete env['FORCE_COLOR'];
      // Colours would stand within the address; `CI` alone turns them on.
      env['NO_COLOR'] = '1';
      const server = spawn(
        process.execPath,
        ['node_modules/vite/bin/vite.js', '--config', config, '--host', '127.0.0.1', '--port', '0'],
        { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      running.add(server);
      return { url: `http://localhost:${await portOf(server)}`, close: () => end(server) };
    },
    remove: async () => {
      await Promise.all(Array.from(running, end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the server prints its address. */
function portOf(server: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = '';
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined) found(port);
    });
    server.once('exit', () => failed(new Error(`The development server ended.\n${output}`)));
  });
}
