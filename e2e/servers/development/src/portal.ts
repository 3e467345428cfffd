/** What page and worker share. */
export const portal = { url: 'https://gis.example.org/portal', clientId: 'my-client-id' };
