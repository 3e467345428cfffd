/** What belongs together of edits: those of one service depend on each other's order. */

/** An ArcGIS service: everything behind it is an operation, or a layer. */
const arcgisService = /^.*?\/[a-z]+server(?=\/|$)/i;

/** The address of the service of an edit: an ArcGIS service, or the whole server where it is none. */
export function serviceOf({ origin, pathname }: URL): string {
  return origin + (/\/rest\/services\//i.test(pathname) ? (arcgisService.exec(pathname)?.[0] ?? '') : '');
}
