/** HTTP/2 in front of the portal: browsers send streaming bodies over HTTP/2 only. */
import { once } from 'node:events';
import { request as forward } from 'node:http';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

export interface Http2Proxy {
  /** Origin of the proxy, `https://127.0.0.1:…`, with a self-signed certificate. */
  readonly origin: string;
  /** Resolves when the first bytes of a request's body have come in. */
  readonly bodyBegun: Promise<void>;
  close(): Promise<void>;
}

/** @param target - Origin that everything is passed on to. */
export async function startHttp2Proxy(target: string): Promise<Http2Proxy> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
  let begin: () => void = () => undefined;
  const bodyBegun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({ key, cert }, (incoming, outgoing) => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':')),
    );
    const passedOn = forward(target + incoming.url, { method: incoming.method, headers }, (answer) => {
      const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing.stream);
    });
    passedOn.on('error', () => outgoing.stream.close());
    incoming.once('data', begin);
    incoming.pipe(passedOn);
  });
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodyBegun,
    close: async () => {
      server.close();
      for (const session of sessions) session.destroy();
      await once(server, 'close');
    },
  };
}
