/** One port that speaks `https:` and `http:`: two addresses that differ in their scheme only. */
import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { generate } from 'selfsigned';

/** First byte of a TLS connection (RFC 8446 §5.1, handshake). */
const HANDSHAKE = 0x16;

export interface TwoSchemes {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server with a self-signed certificate. */
export async function startTwoSchemes(answer: RequestListener): Promise<TwoSchemes> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const secure = createHttps({ key, cert }, answer);
  const plain = createHttp(answer);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (!first) return socket.destroy();
      socket.unshift(first);
      return (first[0] === HANDSHAKE ? secure : plain).emit('connection', socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
