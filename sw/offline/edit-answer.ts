/** What a service's answer to an edit says: taken, refused, or ask again. An edit must not be lost to an answer that looks like success. */
import { IdentityError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';
import type { PortalKind } from '../portals/portal.js';
import { isHtml } from './storable.js';

/** `taken`: it is done with. `later`: the service was not reached, or is in trouble. Otherwise it is kept until the user decides. */
export type EditOutcome = 'taken' | { readonly later: boolean; readonly error: IdentityError };

/**
 * Whether a network that wants something of the user first answered in place of the service.
 *
 * @param isJsonExpected - A page of HTML is no answer of the service then.
 * @see RFC 6585 §6 (511 Network Authentication Required)
 */
export const isOfCaptivePortal = (response: Response, isJsonExpected: boolean): boolean =>
  response.status === 511 || (response.ok && isJsonExpected && isHtml(response));

/** Whether a request asks for JSON: by ArcGIS's parameter `f`, in its query or form, or by its Accept header. */
export async function asksForJson(request: Request): Promise<boolean> {
  const { url, headers } = request;
  if (/[?&]f=p?(geo)?json\b/i.test(url) || /\bjson\b/i.test(headers.get('accept') ?? '')) return true;
  const type = headers.get('content-type') ?? '';
  if (/urlencoded/i.test(type)) return /(^|&)f=p?(geo)?json(&|$)/i.test(await request.clone().text());
  // The files of a form may be long: its fields stand before or behind them.
  if (!/^multipart\//i.test(type)) return false;
  const body = await request.clone().blob();
  const ends = await Promise.all([body.slice(0, 65_536).text(), body.slice(-65_536).text()]);
  return ends.some((text) => /name="?f"?\s*\r?\n(?:[^\r\n]+\r?\n)*\r?\n\s*p?(geo)?json\b/i.test(text));
}

/**
 * @param request - The edit.
 * @param response - Of `identity.fetch`: an error inside HTTP 200 is its status.
 * @throws what reading its body throws: the answer was lost on its way.
 */
export async function outcomeOf(
  request: Request,
  response: Response,
  kind: PortalKind,
): Promise<EditOutcome> {
  const { status, ok, headers } = response;
  const facts = { origin: new URL(request.url).origin, status };
  const unconfirmed = (mimeType: string): EditOutcome => ({
    later: false,
    error: new IdentityError('edit-unconfirmed', { origin: facts.origin, mimeType }),
  });
  // Of a request without CORS that was sent without a token, or of a redirect that is not to be followed.
  if (response.type.startsWith('opaque')) return unconfirmed('');
  if (status >= 500 || status === 429 || status === 408 || status === 425)
    return { later: true, error: new IdentityError('edit-delayed', facts) };
  if (!ok) {
    const code = status === 404 || status === 410 ? 'edit-service-gone' : 'edit-refused';
    return { later: false, error: new IdentityError(code, facts) };
  }
  if (isHtml(response) && (await asksForJson(request)))
    return { later: true, error: new IdentityError('edit-delayed', facts) };
  const mimeType = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (isHtml(response)) return unconfirmed(mimeType);
  // To the end, whatever the server: an answer that breaks off may be of another network.
  const text = await response.text();
  if (kind !== 'arcgis') return 'taken';
  try {
    const { refused, error } = readResults(JSON.parse(text));
    if (error) return { later: false, error: new IdentityError('edit-refused', facts) };
    if (refused === 0) return 'taken';
    return {
      later: false,
      error: new IdentityError('edit-partly-refused', { origin: facts.origin, count: refused }),
    };
  } catch {
    return unconfirmed(mimeType);
  }
}

/**
 * How many changes a service refused: `success: false` in the results of applyEdits (of a layer, or of each layer of a service),
 * addFeatures, updateFeatures, deleteFeatures, calculate and the operations of attachments.
 *
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/apply-edits-feature-service-layer/
 */
function readResults(json: unknown): { refused: number; error: boolean } {
  let refused = 0;
  let error = false;
  const look = (value: unknown, isTop: boolean): void => {
    if (Array.isArray(value)) for (const each of value) look(each, isTop);
    else if (isRecord(value)) {
      if (value['success'] === false) refused += 1;
      else if (isTop && isRecord(value['error'])) error = true;
      for (const [name, member] of Object.entries(value))
        // Not into the features themselves, which may have members of any name.
        if (/results?$|^attachments$/i.test(name)) look(member, false);
    }
  };
  look(json, true);
  return { refused, error };
}
