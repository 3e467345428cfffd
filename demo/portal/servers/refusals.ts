// How services refuse requests: the styles and error envelopes of real servers.

import type { PortalContext } from '../context.js';
import { json, page, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { refusalPage } from '../pages/layout.js';
import type { EnvelopeShape, ErrorStyle } from '../switches.js';
import { exception } from './wms.js';
import type { Mount } from './mount.js';

export interface Refusal {
  readonly code: 400 | 403 | 498 | 499;
  readonly message: string;
  readonly details?: readonly string[];
  readonly messageCode?: string;
  readonly subcode?: number;
}

export const invalidToken: Refusal = { code: 498, message: 'Invalid token.', details: ['Invalid token.'] };
export const tokenRequired: Refusal = {
  code: 499,
  message: 'Token Required',
  messageCode: 'GWM_0003',
};
export const notPermitted: Refusal = {
  code: 403,
  message: 'You do not have permissions to access this resource or perform this operation.',
  messageCode: 'GWM_0003',
};
export const sslRequired: Refusal = { code: 403, message: 'SSL Required', subcode: 4 };
export const invalidUrl: Refusal = { code: 400, message: 'Invalid URL', details: ['Invalid URL'] };

const htmlHeadings: Record<Refusal['code'], string> = {
  400: 'Invalid URL',
  403: 'Not permitted',
  498: 'Invalid Token',
  499: 'Token Required',
};

export function refuse(
  { switches }: PortalContext,
  request: PortalRequest,
  mount: Mount,
  service: string,
  refusal: Refusal,
): PortalResponse {
  const style = switches.errorStyles[service] ?? switches.errorStyles['*'] ?? 'json200';
  if (style === 'exception200') return exception(refusal.message);
  const cacheControl = { 'Cache-Control': switches.envelopeCacheControl ?? 'no-store' };
  if (wantsPage(request) || (style === 'html200' && !wantsData(request))) {
    return {
      ...page(refusalPage(htmlHeadings[refusal.code], refusal.message), 200, cacheControl),
      cors: true,
    };
  }
  const error = {
    ...shaped(refusal, switches.envelopeShape),
    ...(style === 'status401' ? { restInfoUrl: `${mount.root}/rest/info` } : {}),
  };
  return json(request, { error }, statusOf(style, refusal.code), cacheControl);
}

/** Descriptions requested without `f` are pages of the services directory, except those of vector tiles. */
export function wantsPage({ path, params }: PortalRequest): boolean {
  const f = params.get('f');
  return (
    f === 'html' || (f === null && /\/(?:services|(?!VectorTile|WMS)[A-Za-z]+Server(?:\/\d+)?)$/.test(path))
  );
}

function wantsData({ params }: PortalRequest): boolean {
  return ['json', 'pjson', 'geojson', 'pbf'].includes(params.get('f') ?? '');
}

function statusOf(style: ErrorStyle, code: Refusal['code']): number {
  if (style.endsWith('200')) return 200;
  if (code === 400 || code === 403) return code;
  if (style === 'status401') return 401;
  return style === 'status403' ? 403 : code;
}

function shaped(refusal: Refusal, shape: EnvelopeShape): Record<string, unknown> {
  const { details = [], ...error } = refusal;
  if (shape === 'no-details') return error;
  if (shape === 'string-details') return { ...error, details: details.join(' ') };
  return { ...error, ...(shape === 'string-code' ? { code: String(error.code) } : {}), details };
}
