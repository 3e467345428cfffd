// Answers a message with its keys, as no real worker does, and fetches its own script for a page.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('message', (event) =>
  (event.ports[0] ?? self).postMessage(self.__identityWorkerKeys ?? null),
);
addEventListener('connect', (event) => event.ports[0].postMessage(self.__identityWorkerKeys ?? null));
addEventListener('fetch', (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (pathname === '/through-the-worker') event.respondWith(fetch('/worker.js', { cache: search.slice(1) }));
});
