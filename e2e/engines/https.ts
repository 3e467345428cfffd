/** `https:` in front of the servers of the tests. */
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from '../../demo/portal/index.js';

export interface SecureFront {
  /** `https://localhost:…` */
  readonly url: string;
  close(): Promise<void>;
}

/** Ends TLS in front of a server that speaks `http:`. @param port - Port of that server, on the loopback interface. */
export async function startSecureFront(port: number, certificate: Certificate): Promise<SecureFront> {
  const sockets = new Set<Socket>();
  const server = createServer(certificate, (socket) => {
    const inner = connect(port, '127.0.0.1');
    sockets.add(socket);
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
