/** The page of every contender: the same workloads, and each contender's own way to sign a request. */
import { ArcGISIdentityManager, request as restRequest } from '@esri/arcgis-rest-request';
import { IdentityManager } from 'identity-worker';

/** The configuration of a contender, from the page's address. */
export interface Setup {
  contender: string;
  /** Script of its worker, if it has one. */
  worker?: string;
  /** Roots of the servers that need a token. */
  servers: string[];
  /** The portal that our worker signs in to. */
  portal: string;
}

/** Fetches a URL that needs a token. */
type Send = (url: string, init?: { method: 'POST'; body: Blob }) => Promise<Response>;

const TOKEN = 'token-of-the-bench';
const setup = JSON.parse(new URLSearchParams(location.search).get('setup') ?? '{}') as Setup;

/** The token of contenders that sign in the page. */
let token = TOKEN;

const withQuery = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}token=${token}`;
const inQuery: Send = (url, init) => fetch(withQuery(url), init);
const inHeader: Send = (url, init) => fetch(url, { ...init, headers: { authorization: `Bearer ${token}` } });
const unsigned: Send = (url, init) => fetch(url, init);

/** What apps write themselves: token in memory, one renewal in flight, one more attempt. */
const wrapped = (): Send => {
  let renewal: Promise<string> | undefined;
  const send: Send = (url, init) => fetch(withQuery(url), init);
  return async (url, init) => {
    const response = await send(url, init);
    if (response.status !== 401 && response.status !== 498) return response;
    renewal ??= Promise.resolve(TOKEN);
    token = await renewal;
    renewal = undefined;
    return send(url, init);
  };
};

/** Esri's library in the page, with a credential for each server. */
const restJs = (): Send => {
  const tokenExpires = new Date(Date.now() + 3_600_000);
  const managers = setup.servers.map(
    (server) => [server, new ArcGISIdentityManager({ server, token, tokenExpires })] as const,
  );
  return (url, init) => {
    const authentication = managers.find(([server]) => url.startsWith(server))?.[1];
    return restRequest(url, {
      httpMethod: init?.method ?? 'GET',
      rawResponse: true,
      ...(authentication ? { authentication } : {}),
      ...(init ? { params: { file: init.body } } : {}),
    }) as Promise<Response>;
  };
};

const sends: Record<string, () => Send> = {
  'none-query': () => inQuery,
  'none-header': () => inHeader,
  'pass-through': () => inQuery,
  rebuild: () => inQuery,
  'rest-js': restJs,
  wrapper: wrapped,
};
const makeSend = sends[setup.contender] ?? (() => unsigned);
let send = makeSend();

/** Resolves once the contender's worker controls this page. */
async function start(): Promise<void> {
  const { worker, contender } = setup;
  if (worker === undefined) return;
  if (contender.startsWith('ours')) return IdentityManager.instance({ worker }).ready;
  const container = navigator.serviceWorker;
  const controlled = new Promise((resolve) =>
    container.addEventListener('controllerchange', resolve, { once: true }),
  );
  await container.register(worker);
  const { active } = await container.ready;
  if (contender === 'axa' && active) await ask(active, { type: 'claim' });
  if (!container.controller) await controlled;
}

/** Sends a message to the axa worker. @returns Its reply. */
function ask(worker: ServiceWorker, message: object): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }) => resolve(data), { once: true });
    port1.start();
    worker.postMessage(message, [port2]);
  });
}

async function signIn(): Promise<void> {
  if (setup.contender.startsWith('ours')) await IdentityManager.instance().signIn({ portal: setup.portal });
  if (setup.contender === 'axa') await signInToAxa();
}

/** The messages that the axa page library sends to redeem a code. The axa worker keeps the token. */
async function signInToAxa(): Promise<void> {
  const worker = navigator.serviceWorker.controller;
  if (!worker) throw new Error('The page is not controlled.');
  const tokenEndpoint = `${new URL(setup.servers[0] ?? '').origin}/token`;
  const of = { tabId: 'default', configurationName: 'default' };
  const oidcServerConfiguration = {
    tokenEndpoint,
    revocationEndpoint: '',
    userInfoEndpoint: '',
    authorizationEndpoint: '',
    issuer: '',
  };
  await ask(worker, {
    ...of,
    type: 'init',
    data: { oidcServerConfiguration, oidcConfiguration: { token_renew_mode: 'access_token_invalid' } },
  });
  await ask(worker, { ...of, type: 'setCodeVerifier', data: { codeVerifier: 'verifier' } });
  const verifier = `CODE_VERIFIER_SECURED_BY_OIDC_SERVICE_WORKER_${encodeURIComponent('default#tabId=default')}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers,
    body: `grant_type=authorization_code&code_verifier=${verifier}`,
  });
  if (!response.ok) throw new Error(`The axa worker did not sign in: ${response.status}.`);
}

/** Reads a response to its end. @returns When its first bytes arrived, and how many there were. */
async function drain(response: Response): Promise<{ firstAtMs: number; bytes: number }> {
  if (!response.ok || !response.body) throw new Error(`The response was ${response.status}.`);
  const reader = response.body.getReader();
  let firstAtMs = 0;
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return { firstAtMs, bytes };
    firstAtMs ||= performance.now();
    bytes += value.byteLength;
  }
}

const bench = {
  ready: start(),
  signIn,

  /** Renews the token of a contender that signs in the page. */
  renew(): void {
    token = `${TOKEN}-${Math.random().toString(36).slice(2)}`;
    send = makeSend();
  },

  /** Fetches distinct tiles, `atOnce` of them at a time. @returns Duration in ms. */
  async tiles(job: {
    url: string;
    bytes: number;
    count: number;
    atOnce: number;
    unsigned?: boolean;
  }): Promise<number> {
    const get = job.unsigned === true ? unsigned : send;
    let next = 0;
    const row = async (): Promise<void> => {
      while (next < job.count) {
        const response = await get(`${job.url}/${next++}`);
        const { byteLength } = await response.arrayBuffer();
        if (byteLength !== job.bytes)
          throw new Error(`A tile had ${byteLength} bytes, status ${response.status}.`);
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: job.atOnce }, row));
    return performance.now() - startedAt;
  },

  /** Reads one long response. @returns Time to its first and to its last byte, in ms. */
  async big(url: string, bytes: number): Promise<{ firstMs: number; allMs: number }> {
    const startedAt = performance.now();
    const got = await drain(await send(url));
    const allMs = performance.now() - startedAt;
    if (got.bytes < bytes) throw new Error(`The response had ${got.bytes} bytes.`);
    return { firstMs: got.firstAtMs - startedAt, allMs };
  },

  /** Sends one long body. @returns Duration in ms. */
  async upload(url: string, bytes: number): Promise<number> {
    const body = new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' });
    const startedAt = performance.now();
    const response = await send(url, { method: 'POST', body });
    const { length } = (await response.json()) as { length: number };
    if (length < bytes) throw new Error(`The server got ${length} bytes.`);
    return performance.now() - startedAt;
  },
};

/** The functions that the bench calls in a page. */
export type BenchPage = typeof bench;

Object.assign(window, { bench });
