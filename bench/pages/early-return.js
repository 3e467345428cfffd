/** The floor of a worker that is asked and does not answer. Its listener looks at the request: browsers leave an empty one out. */
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.url.endsWith('/never')) event.respondWith(Response.error());
});
