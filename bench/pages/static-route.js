/** A worker that is not started for requests: a static route sends them all to the network. */
self.addEventListener('install', (event) => {
  event.waitUntil(event.addRoutes?.([{ condition: { urlPattern: new URLPattern({}) }, source: 'network' }]));
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));
