// The WMS of a map service: its capabilities, and its maps, which are drawn as by `export`.

import type { PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';

/** Path of a WMS below a server's root; its first group is the path of the service, and of the WMS below it. */
export const wmsPath = /^services\/(.+\/MapServer\/WMSServer)$/i;

/** @returns What the map service is asked for, `undefined` for requests that are no GetMap. */
export function asExport(params: URLSearchParams): URLSearchParams | undefined {
  const given = new Map([...params].map(([name, value]) => [name.toLowerCase(), value]));
  if (given.get('request')?.toLowerCase() !== 'getmap') return undefined;
  const crs = given.get('crs') ?? given.get('srs') ?? '';
  const box = (given.get('bbox') ?? '').split(',');
  // WMS 1.3 has latitude first for EPSG:4326.
  const isLatitudeFirst = given.get('version') === '1.3.0' && crs === 'EPSG:4326';
  return new URLSearchParams({
    bbox: (isLatitudeFirst ? [1, 0, 3, 2].map((index) => box[index]) : box).join(','),
    bboxSR: /4326|CRS:84/.test(crs) ? '4326' : '102100',
    size: `${given.get('width')},${given.get('height')}`,
    f: 'image',
  });
}

export const isGetCapabilities = ({ params }: PortalRequest): boolean =>
  [...params].some(([name, value]) => /^request$/i.test(name) && /^getcapabilities$/i.test(value));

/** @param url - Of the WMS. */
export const capabilities = (url: string, name: string): PortalResponse => ({
  status: 200,
  headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Cache-Control': 'no-cache' },
  body: `<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>${name}</Title><OnlineResource xlink:href="${url}"/></Service>
<Capability><Request><GetMap><Format>image/png</Format><DCPType><HTTP><Get><OnlineResource xlink:href="${url}?"/></Get></HTTP></DCPType></GetMap></Request>
<Exception><Format>XML</Format></Exception><Layer><Title>${name}</Title><CRS>EPSG:3857</CRS><CRS>CRS:84</CRS><Layer><Name>0</Name><Title>${name}</Title></Layer></Layer></Capability>
</WMS_Capabilities>`,
});

/** An exception of OGC 06-042 §6.11, for a server that refuses in XML. */
export const exception = (message: string): PortalResponse => ({
  status: 200,
  headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Cache-Control': 'no-store' },
  body: `<?xml version="1.0" encoding="UTF-8"?>
<ServiceExceptionReport version="1.3.0" xmlns="http://www.opengis.net/ogc"><ServiceException code="NoApplicableCode">${message}</ServiceException></ServiceExceptionReport>`,
});
