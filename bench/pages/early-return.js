/** A worker that never responds. Its listener reads the URL, because browsers skip an empty listener. */
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.url.endsWith('/never')) event.respondWith(Response.error());
});
