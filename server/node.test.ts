import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { toNodeListener, toNodeMiddleware, type FetchHandler, type NodeListener } from './node.js';

const servers: Server[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(listener: NodeListener): Promise<number> {
  const server = createServer((message, response) => listener(message, response));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function get(
  listener: NodeListener,
  path = '/',
  options: { method?: string; headers?: Record<string, string | string[]> } = {},
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; text: string }> {
  const port = await listen(listener);
  return new Promise((resolve, reject) => {
    send({ port, host: '127.0.0.1', path, ...options }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      message.on('end', () => resolve({ status: message.statusCode, headers: message.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

const echo: FetchHandler = ({ url, method, headers }) =>
  Response.json({ url, method, headers: Object.fromEntries(headers) }, { status: 201 });

test('a handler gets method, path, query and every header', async () => {
  const { status, text } = await get(toNodeListener(echo), '/a%20b?c=d', {
    method: 'PUT',
    headers: { Cookie: ['a=1', 'b=2'], 'Sec-Fetch-Dest': 'serviceworker', 'Service-Worker': 'script' },
  });
  expect(status).toBe(201);
  expect(JSON.parse(text)).toMatchObject({
    url: 'http://localhost/a%20b?c=d',
    method: 'PUT',
    headers: { cookie: 'a=1; b=2', 'sec-fetch-dest': 'serviceworker', 'service-worker': 'script' },
  });
});

test('a header sent twice does not look like one sent once', async () => {
  const { text } = await get(toNodeListener(echo), '/', {
    headers: { 'Service-Worker': ['script', 'script'] },
  });
  expect(JSON.parse(text)).toMatchObject({ headers: { 'service-worker': 'script, script' } });
});

test.each([
  ['//evil.example/worker.js', 'http://localhost//evil.example/worker.js'],
  ['http://evil.example/worker.js', 'http://evil.example/worker.js'],
  ['/..//worker.js', 'http://localhost//worker.js'],
])('the path is the path that was asked for: %s', async (path, url) => {
  expect(JSON.parse((await get(toNodeListener(echo), path)).text)).toMatchObject({ url });
});

test('a Host header of somebody else’s choice does not matter', async () => {
  const { text } = await get(toNodeListener(echo), '/worker.js', { headers: { host: 'evil.example/x?' } });
  expect(JSON.parse(text)).toMatchObject({ url: 'http://localhost/worker.js' });
});

test.each([
  ['OPTIONS', '*'],
  ['TRACE', '/'],
])('%s %s is no request of the Fetch standard: not ours', async (method, path) => {
  expect((await get(toNodeListener(echo), path, { method })).status).toBe(404);
});

test('status, headers and cookies of the answer arrive, beside cookies of others', async () => {
  const listener = toNodeListener(() => {
    const headers = new Headers({ 'content-type': 'text/plain', 'x-a': '1' });
    headers.append('set-cookie', 'a=1; Path=/');
    headers.append('set-cookie', 'b=2, 3');
    return new Response('text', { status: 403, headers });
  });
  const answer = await get((message, response) => {
    response.setHeader('set-cookie', 'session=1');
    response.setHeader('x-a', '0');
    listener(message, response);
  });
  expect(answer).toMatchObject({ status: 403, text: 'text' });
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain',
    'x-a': '1',
    'set-cookie': ['session=1', 'a=1; Path=/', 'b=2, 3'],
  });
});

test('the first handler that answers is sent; none: not found', async () => {
  const none: FetchHandler = () => undefined;
  const late: FetchHandler = () => Promise.resolve(new Response('late'));
  expect((await get(toNodeListener(none, late, echo))).text).toBe('late');
  expect((await get(toNodeListener(none))).status).toBe(404);
  expect((await get(toNodeListener())).status).toBe(404);
});

test('in Connect what nobody answers goes on, under its whole path', async () => {
  const seen: string[] = [];
  const listener = toNodeListener(({ url }) => void seen.push(url));
  const { text } = await get((message, response) => {
    Object.assign(message, { originalUrl: '/mounted/worker.js', url: '/worker.js' });
    listener(message, response, (error) => void response.end(`next ${String(error)}`));
  });
  expect(text).toBe('next undefined');
  expect(seen).toEqual(['http://localhost/mounted/worker.js']);
});

test.each<[string, FetchHandler]>([
  [
    'throws',
    () => {
      throw new Error('secret detail');
    },
  ],
  ['rejects', () => Promise.reject(new Error('secret detail'))],
  [
    'answers with a body that fails',
    () => new Response(new ReadableStream({ start: (body) => body.error(new Error('secret detail')) })),
  ],
])('a handler that %s: logged, and status 500 without details', async (_, handler) => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  const { status, text } = await get(toNodeListener(handler));
  expect(status).toBe(500);
  expect(text).toBe('The server failed\n');
  expect(logged).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'secret detail' }));
});

test('in Connect the error goes on', async () => {
  const { text } = await get((message, response) =>
    toNodeListener(() => Promise.reject(new Error('mine')))(
      message,
      response,
      (error) => void response.end(String(error)),
    ),
  );
  expect(text).toBe('Error: mine');
});

test('an answer to HEAD has no body', async () => {
  const port = await listen(toNodeListener(echo));
  const text = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (chunk) => (received += chunk.toString())).on('end', () => resolve(received));
  });
  expect(text).toMatch(/^HTTP\/1.1 201 [^]*\r\n\r\n$/);
});

test('a middleware adds headers, and the next one answers', async () => {
  const add = toNodeMiddleware(({ url }, response) => {
    response.headers.append('set-cookie', `url=${url}`);
    return Promise.resolve(response);
  });
  const answer = await get((message, response) => {
    response.setHeader('set-cookie', 'session=1');
    add(message, response, () => void response.end('page'));
  }, '/page');
  expect(answer.text).toBe('page');
  expect(answer.headers['set-cookie']).toEqual(['session=1', 'url=http://localhost/page']);
});

test.each(['OPTIONS', 'GET'])(
  'a middleware lets pass what it cannot read, and its errors: %s',
  async (method) => {
    const add = toNodeMiddleware(() => Promise.reject(new Error('mine')));
    const { text } = await get(
      (message, response) => add(message, response, (error) => void response.end(`next ${String(error)}`)),
      method === 'OPTIONS' ? '*' : '/',
      { method },
    );
    expect(text).toBe(method === 'OPTIONS' ? 'next undefined' : 'next Error: mine');
  },
);
