/** nginx and Apache on a port of this machine, with a configuration around the lines of docs/hosting.md. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWebServer } from '../../scripts/web-servers.js';

export interface Started {
  /** `http://localhost:…` without trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

interface Setup {
  /** Folder of the site's files. */
  root: string;
  /** Lines of the guide, for the server or virtual host. */
  server?: string;
  /** Lines of the guide, for the site's folder. Apache only. */
  folder?: string;
}

const nginx = (types: string, folder: string, port: number, { root, server = '' }: Setup): string => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/errors;
events {}
http {
  include ${types};
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    root ${root};
${server}
  }
}`;

const modules = ['mpm_event', 'authz_core', 'dir', 'headers', 'mime', 'proxy', 'proxy_http', 'rewrite'];

const apache = (types: string, run: string, port: number, setup: Setup): string => `
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DefaultRuntimeDir ${run}
PidFile ${run}/pid
ErrorLog ${run}/errors
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
ServerName localhost
Listen 127.0.0.1:${port}
StartServers 1
TypesConfig ${types}
DirectoryIndex index.html
DocumentRoot ${setup.root}
<VirtualHost *:${port}>
${setup.server ?? ''}
</VirtualHost>
<Directory ${setup.root}>
Require all granted
${setup.folder ?? ''}
</Directory>`;

const servers = {
  nginx: {
    write: nginx,
    args: (file: string, run: string) => ['-p', run, '-e', `${run}/errors`, '-c', file],
  },
  apache: { write: apache, args: (file: string, run: string) => ['-d', run, '-f', file, '-DFOREGROUND'] },
};

export type WebServerName = keyof typeof servers;

/** Starts a server and waits until it answers. */
export async function startWebServer(name: WebServerName, setup: Setup): Promise<Started> {
  const found = findWebServer(name);
  if (!found) throw new Error(`${name} is not installed.`);
  const { write, args } = servers[name];
  const run = mkdtempSync(join(tmpdir(), `${name}-`));
  // Its processes may run as another user.
  chmodSync(run, 0o755);
  const port = await freePort();
  const file = join(run, 'test.conf');
  writeFileSync(file, write(found.types, run, port, setup));
  const child = spawn(found.program, args(file, run), { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const url = `http://localhost:${port}`;
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)))
    if (child.exitCode !== null) throw new Error(`${name} did not start: see ${run}/errors`);
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(run, { recursive: true, force: true });
    },
  };
}

/** Neither server takes port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder of files that every server's user can read. */
export function writeSite(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'site-'));
  chmodSync(root, 0o755);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}
