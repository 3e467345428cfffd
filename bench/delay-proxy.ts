/** A slow link: forwards bytes to a port of this machine, each way with a delay. */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface DelayProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** @param eachWayMs - Half of the round trip. */
export async function startDelayProxy(targetPort: number, eachWayMs: number): Promise<DelayProxy> {
  const open = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    from.setNoDelay(true);
    open.add(from);
    // Timers of equal length fire in the order in which they were set, so the bytes stay in order.
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), eachWayMs));
    from.on('end', () => setTimeout(() => to.end(), eachWayMs));
    from.on('error', () => to.destroy());
    from.on('close', () => open.delete(from));
  };
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
