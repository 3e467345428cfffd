/** Finds the web servers that the tests of docs/hosting.md run. Installs them on Debian as root, where that cannot surprise anybody. */
import { existsSync } from 'node:fs';
import { installPackages } from './debian-packages.js';

/** Paths of a server's program, and of its list of media types. */
interface WebServer {
  readonly program: string;
  readonly types: string;
}

const places: Readonly<Record<'nginx' | 'apache', readonly WebServer[]>> = {
  nginx: [
    { program: '/usr/sbin/nginx', types: '/etc/nginx/mime.types' },
    { program: '/opt/homebrew/bin/nginx', types: '/opt/homebrew/etc/nginx/mime.types' },
  ],
  apache: [{ program: '/usr/sbin/apache2', types: '/etc/mime.types' }],
};

export const findWebServer = (name: keyof typeof places): WebServer | undefined =>
  places[name].find(({ program, types }) => existsSync(program) && existsSync(types));

/** For a build server: the package of nginx starts it, which somebody's own machine should not do for a test. */
export function installWebServers(): void {
  if (process.env['CI'] === undefined) return;
  installPackages([
    ...(findWebServer('nginx') ? [] : ['nginx']),
    ...(findWebServer('apache') ? [] : ['apache2-bin', 'media-types']),
  ]);
}
