/** Whether an answer may be kept: a whole one that is what was asked for. A refusal that is kept would come back as a tile for good. */
import { isRecord } from '../../protocol/record.js';
import { readLimitedBytes } from '../oauth/read-limited.js';
import { discard } from '../request/send-request.js';

/** Longest body that is kept, in bytes, where a cache does not say. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** How much of a body shows whether it is HTML, or text at all. In bytes. */
const START_BYTES = 1024;

/** Whether an answer says that it is a page. */
export const isHtml = ({ headers }: Response): boolean =>
  /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '');

/**
 * Whether the head of an answer lets it be kept: status 200 of a GET that can be read, in a type that is not HTML, for everybody who
 * sends the same request.
 *
 * @see RFC 9111 §3, §4.1
 */
export function isStorable(request: Request, response: Response): boolean {
  const { status, type, headers } = response;
  return (
    request.method === 'GET' &&
    status === 200 &&
    !type.startsWith('opaque') &&
    !isHtml(response) &&
    !/(^|,)\s*\*/.test(headers.get('vary') ?? '')
  );
}

/**
 * The body of an answer that may be kept.
 *
 * @param response - Read to its end: a clone.
 * @param maxBytes - Longest body that is kept.
 * @returns `undefined` for a body that is too long, broke off, has another length than its server says, or is an error or a page.
 */
export async function readStorable(
  response: Response,
  maxBytes = MAX_BODY_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(response.headers.get('content-length') ?? NaN) > maxBytes) {
    discard(response);
    return undefined;
  }
  const body = await readLimitedBytes(response, maxBytes).catch(() => undefined);
  return body && isWhole(body, response.headers) && isContent(body) ? body : undefined;
}

/**
 * Whether a body has the length that its server says. That of a compressed one counts what was sent, and another origin's
 * Content-Encoding cannot be read (CORS): a longer body is whole there.
 *
 * @see RFC 9110 §8.6
 */
export function isWhole({ byteLength }: Uint8Array, headers: Headers): boolean {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') || byteLength >= Number(length);
}

/** A page, however its server calls it; spaces, a byte order mark, comments and an XML declaration may stand before it. */
const htmlStart = /^\uFEFF?\s*(<\?xml[^>]*>\s*|<!--[^]*?-->\s*)*<(!doctype\s+html|html|head|body)\b/i;

/** What data of text begins with: JSON, a call of JSONP. */
const dataStart = /^\uFEFF?\s*(\/\*[^]*?\*\/\s*)?([\w$.[\]]+\s*(&&\s*[\w$.[\]]+)?\s*\(|[{[])/;

/** The errors of ArcGIS REST (Handling errors), wherever they stand; of its administrator APIs, at the top; and of OGC services. */
const errorMember = /"error"\s*:\s*\{/;
const errorStatus = /"status"\s*:\s*"error"/;
const ogcError = /<(\w+:)?(ServiceException|Exception)Report\b/;

/**
 * Whether a body is content: no page, no error, and no JSON that was cut off. The name of the type is not believed: errors come as
 * pictures, too.
 */
export function isContent(body: Uint8Array): boolean {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const start = decoder.decode(body.subarray(0, START_BYTES));
  if (htmlStart.test(start)) return false;
  if (/^\uFEFF?\s*</.test(start)) return !ogcError.test(decoder.decode(body));
  if (!dataStart.test(start)) return true;
  const text = decoder.decode(body);
  return !errorMember.test(text) && !isFailure(text) && /[}\])]\s*;?\s*$/.test(text);
}

/** Data may have a member of that name, too: only one at the top is that of an error. */
function isFailure(text: string): boolean {
  if (!errorStatus.test(text)) return false;
  try {
    const json: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    return isRecord(json) && json['status'] === 'error';
  } catch {
    return true;
  }
}
