// The ports of the portal: opened together, and closed and opened again while it runs.

import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ServerName } from '../switches.js';
import type { Certificate } from './certificate.js';

interface Port {
  readonly server: Server;
  readonly number: number;
  readonly names: readonly ServerName[];
}

export interface PortsOptions {
  readonly host: string;
  /** All ports speak https, with this certificate. */
  readonly tls: Certificate | undefined;
}

export class Ports {
  readonly #host: string;
  readonly #tls: Certificate | undefined;
  readonly #ports: Port[] = [];

  constructor({ host, tls }: PortsOptions) {
    this.#host = host;
    this.#tls = tls;
  }

  /**
   * Opens a port.
   *
   * @param wanted - Its number; 0: any free one.
   * @param names - The servers that it has.
   * @returns Its origin, and what takes its requests.
   * @throws The error of Node's `listen` when the port is taken.
   */
  async open(
    wanted: number,
    names: readonly ServerName[],
  ): Promise<{ origin: string; onRequest: (listener: RequestListener) => void }> {
    const host = this.#host;
    // Longer than any pause in a test: a request on a connection that closes at the same time fails.
    const options = { keepAliveTimeout: 65_000 };
    const server: Server = this.#tls
      ? createSecureServer({ ...this.#tls, ...options })
      : createServer(options);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const address = server.address();
    const number = typeof address === 'object' && address !== null ? address.port : wanted;
    this.#ports.push({ server, number, names });
    const scheme = this.#tls ? 'https' : 'http';
    return {
      origin: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${number}`,
      onRequest: (listener) => server.on('request', listener),
    };
  }

  /** Closes the port of a server, with its connections. @returns A function that opens it again. */
  close(name: ServerName): () => void {
    const port = this.#ports.find(({ names }) => names.includes(name));
    if (!port) throw new TypeError(`There is no server "${name}".`);
    port.server.close();
    port.server.closeAllConnections();
    return () => this.#openAgain(port);
  }

  /** Opens all ports that are closed. */
  openAll(): void {
    for (const port of this.#ports) this.#openAgain(port);
  }

  /** Closes all for good. Also closes the connections that browsers keep open, which closing would wait for. */
  async closeAll(): Promise<void> {
    await Promise.all(
      this.#ports.map(
        ({ server }) =>
          new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
          }),
      ),
    );
  }

  #openAgain({ server, number }: Port): void {
    if (!server.listening) server.listen(number, this.#host);
  }
}
