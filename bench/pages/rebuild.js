/** The floor of a worker whose answers must not show the URL they came from: passes the bytes on in a Response of its own. */
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  event.respondWith(
    fetch(event.request).then(
      ({ body, status, statusText, headers }) => new Response(body, { status, statusText, headers }),
    ),
  );
});
