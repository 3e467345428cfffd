/** The address of a server of others: notes what it is asked, and changes the answers that a test wants changed. */
import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer, before it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

/** A request that was answered, or that hangs. */
export interface NotedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** 0 while there is no answer. */
  status: number;
}

/** Changes an answer; one that takes its time holds it back. */
export type Change = (answer: Answer, request: NotedRequest) => unknown;

/** Answers in the server's place; `undefined` leaves it to the server, `hang` answers nothing. */
export type Reply = (request: NotedRequest) => Answer | undefined | 'hang';

interface Rule {
  readonly path: RegExp;
  readonly change: Change;
  left: number;
}

export class Front {
  readonly #server: Server;
  readonly #requests: NotedRequest[] = [];
  #rules: Rule[] = [];
  #replies: { path: RegExp; reply: Reply }[] = [];
  /** The server behind, on a port of its own. */
  #behind: Server | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#respond(request, response).catch(() => response.destroy());
    });
  }

  /** Starts on a free port. */
  static async start(): Promise<Front> {
    const front = new Front();
    await listen(front.#server);
    return front;
  }

  /** `http://127.0.0.1:…` */
  get origin(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  /** Puts a server behind this address. It sees this address as its own. */
  async open(listener: RequestListener): Promise<void> {
    this.#behind = createServer(listener);
    await listen(this.#behind);
  }

  /** From now on answers at a path are changed. @param times - How many of them; default all. */
  change(path: RegExp, change: Change, times = Infinity): void {
    this.#rules.unshift({ path, change, left: times });
  }

  /** From now on requests at a path do not reach the server. */
  reply(path: RegExp, reply: Reply): void {
    this.#replies.unshift({ path, reply });
  }

  /** Answers are as the server behind gives them again. */
  restore(): void {
    this.#rules = [];
    this.#replies = [];
  }

  /** Requests at a path, without preflights. */
  requests(path: RegExp, isWanted: (request: NotedRequest) => boolean = () => true): NotedRequest[] {
    return this.#requests.filter(
      (request) => path.test(request.path) && request.method !== 'OPTIONS' && isWanted(request),
    );
  }

  /** Forgets the requests so far. */
  clear(): void {
    this.#requests.length = 0;
  }

  async close(): Promise<void> {
    for (const server of [this.#server, this.#behind]) {
      if (!server) continue;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? '/', this.origin);
    const noted: NotedRequest = {
      method: request.method ?? 'GET',
      path: pathname,
      query: searchParams,
      form: new URLSearchParams(body.toString('utf8')),
      headers: request.headers,
      status: 0,
    };
    this.#requests.push(noted);
    const isPreflight = noted.method === 'OPTIONS';
    const applies = ({ path }: { path: RegExp }): boolean => !isPreflight && path.test(noted.path);
    const replied = this.#replies.find(applies)?.reply(noted);
    if (replied === 'hang') return;
    const answer = replied ?? (await this.#ask(request, body));
    for (const rule of this.#rules) {
      if (!applies(rule) || rule.left <= 0) continue;
      rule.left -= 1;
      await rule.change(answer, noted);
    }
    noted.status = answer.status;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #ask(request: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { method, url, headers } = request;
      if (!this.#behind) return reject(new Error('There is no server behind.'));
      const options = { host: '127.0.0.1', port: portOf(this.#behind), path: url, method, headers };
      const asked = forward(options, (answered) => {
        const chunks: Buffer[] = [];
        answered.on('data', (chunk: Buffer) => chunks.push(chunk));
        answered.on('error', reject);
        answered.on('end', () => {
          const { connection: _, 'transfer-encoding': __, 'content-length': ___, ...kept } = answered.headers;
          resolve({
            status: answered.statusCode ?? 500,
            headers: kept as Answer['headers'],
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
