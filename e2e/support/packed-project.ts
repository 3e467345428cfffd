/** A project outside the repository that has the packed package in its `node_modules`, as a user's has. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What projects without a `package.json` of their own import beside what the package depends on. */
const tools = ['workbox-precaching', 'vite', 'vite-plugin-pwa'];

export interface ProjectServer {
  /** `http://localhost:…` without trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PackedProject {
  readonly folder: string;
  /**
   * Starts a server of Vite.
   *
   * @param command - `dev`, or `preview` for what was built.
   * @param config - File name of its configuration.
   * @param env - Variables that are added to the environment.
   */
  serve(
    command: 'dev' | 'preview',
    config?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<ProjectServer>;
  /** Builds for production with Vite. @returns What the build prints. */
  build(config?: string, env?: Readonly<Record<string, string>>): string;
  /** Runs a script of the project's with Node, to its end. @returns What it prints. */
  run(script: string, ...args: readonly string[]): string;
  /** Starts a server of the project's own, which prints its address and takes its port from `PORT`. */
  start(script: string, env?: Readonly<Record<string, string>>): Promise<ProjectServer>;
  /** Ends the servers that still run, and deletes the project. */
  remove(): Promise<void>;
}

export interface PackedProjectOptions {
  /** Texts of the sources, and what they become. */
  replacements?: Readonly<Record<string, string>>;
  /**
   * Has npm install the package, as a user does; tools of the project that npm would download are linked. Otherwise all is put where npm
   * would put it, which is faster.
   */
  isInstalled?: boolean;
  /** A folder `node_modules` that what the project names is linked from where it is there, before that of the repository. */
  packages?: string;
}

/**
 * Packs the package as it is built, and installs it into a copy of a folder.
 *
 * @param source - The folder with the project's own files.
 */
export function createPackedProject(
  source: string,
  { replacements = {}, isInstalled = false, packages }: PackedProjectOptions = {},
): PackedProject {
  const folder = mkdtempSync(join(tmpdir(), 'identity-worker-project-'));
  cpSync(source, folder, { recursive: true });
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) continue;
    const text = readFileSync(file, 'utf8');
    const filled = Object.entries(replacements).reduce((all, [from, to]) => all.replaceAll(from, to), text);
    if (filled !== text) writeFileSync(file, filled);
  }
  const tarball = (packed ??= pack());
  if (isInstalled) installByNpm(folder, tarball);
  else install(folder, tarball, packages);

  const running = new Set<ChildProcess>();
  const end = async (server: ChildProcess): Promise<void> => {
    running.delete(server);
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((done) => server.once('exit', done));
    server.kill();
    await ended;
  };
  const vite = ['node_modules/vite/bin/vite.js'];
  const serve = async (
    args: readonly string[],
    added?: Readonly<Record<string, string>>,
  ): Promise<ProjectServer> => {
    const server = spawn(process.execPath, args, {
      cwd: folder,
      env: environment(added),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(server);
    return { url: `http://localhost:${await portOf(server)}`, close: () => end(server) };
  };
  const run = (args: readonly string[], added?: Readonly<Record<string, string>>): string =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      env: environment(added),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const configured = (config: string | undefined): string[] =>
    config === undefined ? [] : ['--config', config];
  return {
    folder,
    serve: (command, config, added) =>
      serve([...vite, command, ...configured(config), '--host', '127.0.0.1', '--port', '0'], added),
    build: (config, added) => run([...vite, 'build', ...configured(config)], added),
    run: (script, ...args) => run([script, ...args]),
    start: (script, added) => serve([script], { PORT: '0', ...added }),
    remove: async () => {
      await Promise.all(Array.from(running, end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Path of the tarball: made once in a process, deleted with its end. */
let packed: string | undefined;

function pack(): string {
  const folder = mkdtempSync(join(tmpdir(), 'identity-worker-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const list = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(list) as [{ filename: string }];
  return join(folder, filename);
}

/** Unpacks the package, and links what it and the project import. */
function install(folder: string, tarball: string, packages = 'node_modules'): void {
  const named = [...namedPackages('.', ['dependencies']), ...namedPackages(folder), ...tools];
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'identity-worker'));
  for (const name of new Set(named)) {
    const target = join(modules, name);
    mkdirSync(dirname(target), { recursive: true });
    const own = resolve(packages, name);
    symlinkSync(existsSync(own) ? own : resolve('node_modules', name), target);
  }
}

/** What a `package.json` names, but for the package itself; a project without one is given one. */
function namedPackages(folder: string, kinds = ['dependencies', 'devDependencies']): string[] {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) writeFileSync(file, '{ "type": "module" }');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  return kinds
    .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
    .filter((name) => name !== 'identity-worker');
}

function installByNpm(folder: string, tarball: string): void {
  execFileSync(
    'npm',
    [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      tarball,
      ...namedPackages(folder).map((name) => resolve('node_modules', name)),
    ],
    { cwd: folder, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

function environment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...added };
  // The test runner sets both; a user's shell sets neither.
  delete env['NODE_ENV'];
  delete env['FORCE_COLOR'];
  // Colours would stand within the address; `CI` alone turns them on.
  env['NO_COLOR'] = '1';
  return env;
}

/** Waits until the server prints its address. */
function portOf(server: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = '';
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const port = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(output)?.[1];
      if (port !== undefined) found(port);
    });
    server.once('exit', () => failed(new Error(`The server ended.\n${output}`)));
  });
}
