// A worker without the defences that the attacks are about; the query of its URL says its weaknesses.
// Never use it for anything but to see that an attack would work.
const weaknesses = new URL(location.href).searchParams;
const words = (name) => (weaknesses.get(name) ?? '').split(' ').filter(Boolean);
const does = (word) => words('does').includes(word);

const registered = ['__PORTAL_URL__', '__HOSTED_URL__'];
const configured = [];
let token = '';

if (does('comlink')) {
  importScripts('/comlink.min.js');
  const api = {
    get token() {
      return token;
    },
    state: () => ({ portals: registered, credentials: [{ portal: registered[0], token }] }),
    signIn: () => ({ token }),
    submitCode: ({ code }) => send(code),
    challengeState: () => 'open',
  };
  addEventListener('message', ({ data, ports: [port] }) => {
    if (data?.type === 'identity:connect' && port) Comlink.expose(api, port);
  });
}

addEventListener('install', (event) => event.waitUntil(start().then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

// A token for a password: how it was got does not matter to the attacks.
async function start() {
  const form = new URLSearchParams({ username: 'ana', password: 'ana-demo-1', f: 'json' });
  const answer = await fetch(`${registered[0]}/sharing/rest/generateToken`, { method: 'POST', body: form });
  ({ token } = await answer.json());
  for (const place of words('keep')) await keep[place]();
}

function openStore() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('vulnerable-app', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('credentials');
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', reject);
  });
}

async function put(values) {
  const db = await openStore();
  const tx = db.transaction('credentials', 'readwrite');
  for (const [key, value] of Object.entries(values)) tx.objectStore('credentials').put(value, key);
  await new Promise((resolve) => {
    tx.oncomplete = resolve;
  });
  db.close();
}

const keep = {
  idb: () => put({ credential: { portal: registered[0], token } }),
  cache: async () => {
    const cache = await caches.open('vulnerable-app');
    await cache.put(`${registered[0]}/sharing/rest/portals/self?token=${token}`, new Response('{}'));
  },
  opfs: async () => {
    const file = await (await navigator.storage.getDirectory()).getFileHandle('session', { create: true });
    const stream = await file.createWritable();
    await stream.write(JSON.stringify({ token }));
    await stream.close();
  },
  cookie: () => cookieStore.set('session', token),
  // Sealed, under a key that may be exported, and not bound to the record.
  key: async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
      'encrypt',
      'decrypt',
    ]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(token));
    await put({ key, credential: { iv, data } });
  },
};

const withoutScheme = (url) => url.replace(/^https?:\/\//, '');
const decoded = (text) => {
  try {
    return decodeURIComponent(decodeURIComponent(text));
  } catch {
    return text;
  }
};

// Ways to match the portal's URLs that are found in real code.
const owners = {
  everything: () => true,
  startsWith: (url, prefix) => url.startsWith(prefix),
  includes: (url, prefix) => url.includes(withoutScheme(prefix)),
  caseless: (url, prefix) => url.toLowerCase().startsWith(prefix.toLowerCase()),
  decoded: (url, prefix) =>
    decoded(url)
      .replace(/\\/g, '/')
      .replace(/([^:])\/{2,}/g, '$1/')
      .startsWith(prefix),
  hostname: (url, prefix) => new URL(url).hostname === new URL(prefix).hostname,
  beginning: (url, prefix) => new URL(url).hostname.startsWith(new URL(prefix).hostname),
  suffix: (url, prefix) => new URL(url).hostname.endsWith(new URL(prefix).hostname),
  parent: (url, prefix) => new URL(prefix).hostname.endsWith(new URL(url).hostname),
};

const owns = (url) => {
  const isOwned = owners[weaknesses.get('match') ?? 'startsWith'];
  return [...registered, ...configured, ...words('more')].some((prefix) => isOwned(url, prefix));
};

async function sign(request) {
  const url = new URL(request.url);
  const body = ['GET', 'HEAD'].includes(request.method) ? undefined : await request.blob();
  const init = {
    method: request.method,
    mode: request.mode,
    credentials: request.credentials,
    redirect: request.redirect,
  };
  const headers = new Headers(request.headers);
  switch (weaknesses.get('placement') ?? 'query') {
    case 'header':
      headers.set('authorization', `Bearer ${token}`);
      return new Request(url, { ...init, headers, body });
    case 'esri':
      headers.set('x-esri-authorization', `Bearer ${token}`);
      return new Request(url, { ...init, headers, body });
    case 'form':
      headers.set('content-type', 'application/x-www-form-urlencoded');
      return new Request(url, {
        ...init,
        method: 'POST',
        headers,
        body: [await body?.text(), `token=${token}`].filter(Boolean).join('&'),
      });
    default:
      url.search += `${url.search === '' ? '?' : '&'}token=${token}`;
      return new Request(url, { ...init, headers, body });
  }
}

// Believes whatever a server says about its owner.
async function isBelieved(url) {
  const root = /^(.*?)\/rest\/services/.exec(url)?.[1];
  if (!does('believes') || root === undefined) return false;
  const info = await (await fetch(`${root}/rest/info?f=json`)).json().catch(() => ({}));
  return String(info.owningSystemUrl).toLowerCase().includes(registered[0]);
}

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate' || new URL(request.url).origin === location.origin) return;
  if (!owns(request.url) && !does('believes')) return;
  event.respondWith(
    (async () => {
      if (!owns(request.url) && !(await isBelieved(request.url))) return fetch(request);
      const signed = await sign(request);
      if (does('reports')) {
        new BroadcastChannel('identity-worker:activity').postMessage({ url: signed.url });
        const page = await clients.get(event.clientId);
        page?.postMessage({ type: 'identity:request-traced', traced: { url: signed.url } });
      }
      return fetch(signed);
    })(),
  );
});

let queue = Promise.resolve();

addEventListener('message', ({ data, ports: [port], source }) => {
  if (does('tells') && data === 'token') (port ?? source).postMessage(token);
  // Any page may say what is signed.
  if (does('configurable'))
    for (const url of [data?.configuration?.resources, data?.payload?.urlsToCache].flat())
      if (url) configured.push(url);
  // Answers one page after the other, and waits for each to finish.
  if (does('queues')) {
    queue = queue.then(async () => {
      port?.postMessage('your turn');
      await new Promise((resolve) => {
        port.addEventListener('message', resolve);
        port.start();
      });
    });
  }
  if (data === 'marker') port.postMessage('marker');
});

// Sends whatever code it is handed, as often as it is.
function send(code) {
  return fetch(`${registered[0]}/sharing/rest/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'idw-demo', code, f: 'json' }),
  }).then((answer) => answer.json());
}
