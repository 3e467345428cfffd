/** Tells "sign in" and "token rejected" from every other response, ArcGIS errors inside HTTP 200 included, without buffering it. */
import { isRecord } from '../../protocol/record.js';
import { isOGCPath } from '../portals/ogc-path.js';
import type { PortalKind } from '../portals/portal.js';
import type { StepRecorder } from './request-trace.js';

/** `fine` is every response that concerns the page alone: success, not found, not allowed, broken. */
export type AuthStatus = 'ok' | 'auth-required' | 'token-rejected';

/** What of the request bears on its response. */
export interface SentRequest {
  readonly kind: PortalKind;
  readonly url: URL;
  /** Of an API: absent for 401 alone. */
  readonly refusalStatuses?: readonly number[] | undefined;
  /** Whether a token of ours was sent. */
  readonly isSigned: boolean;
  /** Told what the response is taken for. */
  readonly recorder?: StepRecorder | undefined;
}

/** ArcGIS's error envelope (ArcGIS REST: Handling errors), as far as it decides anything. */
export interface Envelope {
  readonly code: number;
  readonly messageCode?: string;
  readonly subcode?: number;
}

/** How much of a response shows whether it is an envelope, and how long an envelope gets. In bytes. */
const PEEK_BYTES = 256;
const ENVELOPE_BYTES = 4096;

/** Errors of the portal that are never a matter of signing in. */
const neverSignIn = new Set(['COM_0056', 'COM_0057', 'SB_0008']);

/**
 * The response stays readable; of a long one only its first bytes are read.
 *
 * @see ArcGIS REST API: Handling errors; RFC 6750 §3
 */
export async function classifyResponse(response: Response, sent: SentRequest): Promise<AuthStatus> {
  const as = await classify(response, sent);
  sent.recorder?.add({ step: 'classified', as, status: response.status });
  return as;
}

async function classify(response: Response, sent: SentRequest): Promise<AuthStatus> {
  const { status } = response;
  if (sent.kind === 'oauth')
    return (sent.refusalStatuses ?? [401]).includes(status) && !(sent.isSigned && isNotAboutToken(response))
      ? rejectedOrRequired(sent)
      : 'ok';
  const isErrorStatus = status === 401 || status === 403 || status === 498 || status === 499;
  if (!isErrorStatus && !canHoldEnvelope(response, sent)) return 'ok';
  const envelope = await readEnvelope(response);
  if (envelope) {
    // A number, too, is a text of the server's.
    sent.recorder?.add({ step: 'error-in-body', code: Math.min(envelope.code, 999) });
    return classifyEnvelope(envelope, sent);
  }
  return isErrorStatus && status !== 403 ? classifyEnvelope({ code: status }, sent) : 'ok';
}

/** The token is good: what is missing is a nonce (RFC 9449 §9), or more of the user's sign-in (RFC 6750 §3.1, RFC 9470 §3). */
const isNotAboutToken = ({ headers }: Response): boolean =>
  /error="?(use_dpop_nonce|insufficient_)/.test(headers.get('www-authenticate') ?? '');

/**
 * The status that a response has by its content: an error envelope inside HTTP 200 has that of its error, 500 where it names none.
 * Reads as little of it as {@link classifyResponse}.
 */
export async function statusByContent(
  response: Response,
  sent: Pick<SentRequest, 'kind' | 'url'>,
): Promise<number> {
  const { status } = response;
  if (sent.kind === 'oauth' || !canHoldEnvelope(response, sent)) return status;
  const envelope = await readEnvelope(response);
  if (!envelope) return status;
  return envelope.code >= 400 && envelope.code < 600 ? envelope.code : 500;
}

/** The envelope of a response; a page or an exception that says that the token is bad counts as one of 401. */
async function readEnvelope(response: Response): Promise<Envelope | undefined> {
  const start = await readStart(response);
  const isText = isHtml(response) || exceptionReport.test(start);
  return parseEnvelope(start) ?? (isText && saysTokenIsBad(start) ? { code: 401 } : undefined);
}

/** The root element of an OGC exception (OGC 06-042 WMS 1.3 §6.11, OGC 06-121r9 OWS Common §8). */
const exceptionReport = /^\uFEFF?\s*(<[?!][^>]*>\s*)*<(\w+:)?(Service)?ExceptionReport\b/;

const rejectedOrRequired = ({ isSigned }: SentRequest): AuthStatus =>
  isSigned ? 'token-rejected' : 'auth-required';

function classifyEnvelope({ code, messageCode, subcode }: Envelope, sent: SentRequest): AuthStatus {
  switch (code) {
    case 498:
    case 499:
    case 401:
      return rejectedOrRequired(sent);
    case 403:
      // Signed in but not allowed stays so after any number of logins; 4 asks for https, which we always send.
      if (sent.isSigned || subcode === 4 || (messageCode !== undefined && neverSignIn.has(messageCode)))
        return 'ok';
      return 'auth-required';
    default:
      return 'ok';
  }
}

const isHtml = (response: Response): boolean =>
  /^text\/html\b/i.test(response.headers.get('content-type') ?? '');

/** Responses of status 200 that may be an error in disguise: short, of a text type, or HTML where something else was requested. */
function canHoldEnvelope(response: Response, { url }: Pick<SentRequest, 'url'>): boolean {
  if (response.status !== 200 || response.body === null) return false;
  // A sign-in page may be long; what matters stands at its start.
  if (isHtml(response)) return url.searchParams.get('f')?.toLowerCase() !== 'html' && expectsData(url);
  const length = response.headers.get('content-length');
  if (length !== null && Number(length) > ENVELOPE_BYTES) return false;
  const type = response.headers.get('content-type') ?? '';
  return (
    /^(application\/(json|javascript|geo\+json|vnd\.geo\+json)|text\/(plain|javascript|json))/i.test(type) ||
    (/^[^;]*xml/i.test(type) && isOGCPath(url.pathname))
  );
}

/** HTML is what a browser gets that asks for no format; only a request for data is surprised by it. */
function expectsData({ pathname, search, searchParams }: URL): boolean {
  return (
    searchParams.has('f') ||
    // An OGC service gives HTML to those who ask for it (GetFeatureInfo).
    (isOGCPath(pathname) && !/=text(\/|%2f)html/i.test(search)) ||
    /\/tile\/|\.(pbf|png|jpe?g|json)$|\/(export|exportimage|attachments\/\d+)$/i.test(pathname)
  );
}

const saysTokenIsBad = (text: string): boolean => /(invalid token|token required)/i.test(text);

/** An envelope is the first thing in a body: data that merely mentions one is no error. */
const envelopeStart = /^\uFEFF?\s*(?:[\w$.]+\s*\(\s*)?\{\s*"(error"\s*:\s*\{|status"\s*:\s*"error")/;
const mayBecomeEnvelope = /^\uFEFF?\s*(?:[\w$.]*\s*\(?\s*)?\{?\s*("[a-z]*"?\s*:?\s*[{"]?[a-z]*)?$/;

/** Reads as far as it takes to tell, and leaves the response as readable as it was. */
async function readStart(response: Response): Promise<string> {
  const reader = response.clone().body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
      const limit =
        envelopeStart.test(text) ||
        isStartOfHtml(text) ||
        (text.length < PEEK_BYTES && mayBecomeEnvelope.test(text))
          ? ENVELOPE_BYTES
          : 0;
      if (text.length >= limit) return text;
    }
  } catch {
    return text;
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

const isStartOfHtml = (text: string): boolean => /^\s*</.test(text);

/** The envelope at the start of a text, whole or cut off; `undefined` where there is none. */
export function parseEnvelope(text: string): Envelope | undefined {
  if (!envelopeStart.test(text)) return undefined;
  const { code, messageCode, subcode } = parseError(text) ?? scanError(text);
  if (!/^\d+$/.test(String(code))) return undefined;
  return {
    code: Number(code),
    ...(typeof messageCode === 'string' ? { messageCode } : {}),
    ...(subcode === undefined ? {} : { subcode: Number(subcode) }),
  };
}

type Fields = Partial<Record<'code' | 'messageCode' | 'subcode', unknown>>;

/** The error object of a whole envelope; administrator APIs have its fields at the top. */
function parseError(text: string): Fields | undefined {
  try {
    const json: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    if (!isRecord(json)) return undefined;
    return isRecord(json['error']) ? json['error'] : json;
  } catch {
    return undefined;
  }
}

/** The first fields of these names in an envelope that is too long to be read whole. */
function scanError(text: string): Fields {
  const first = (name: string): string | undefined =>
    new RegExp(`"${name}"\\s*:\\s*"?(\\w+)`).exec(text)?.[1];
  return { code: first('code'), messageCode: first('messageCode'), subcode: first('subcode') };
}
