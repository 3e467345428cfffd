/** Addresses of the OGC services of an ArcGIS Server, which stand beside its REST services: `/services/…/WMSServer`. Pure. */

/** @see ArcGIS Server: WMS, WFS, WCS, WPS and KML services */
const ogcService = /\/(w[cfmp]s|kml)server\/?$/i;

/** Whether a path is that of an OGC service. */
export const isOGCPath = (pathname: string): boolean => ogcService.test(pathname);

/** What stands before `services/` in the address of an OGC or a SOAP service, and what comes behind. */
const beside =
  /^(.*?)(\/services\/(?:[^/]+\/)+(?:(?:w[cfmp]s|kml|map|image|feature|geodata|geocode|geometry|globe|gp|na)server)\/?)$/i;

/** The path of a server's context and the REST path of the same service, for a path of an OGC or a SOAP service. */
export function besideRest(pathname: string): { context: string; restPath: string } | undefined {
  const [, context = '', service] = beside.exec(pathname) ?? [];
  return service === undefined ? undefined : { context, restPath: `${context}/rest${service}` };
}
