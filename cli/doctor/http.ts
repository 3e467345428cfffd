/** Requests of the doctor: with a time limit, without following redirects, and with reasons in words. */

/** In ms. */
const timeLimitMs = 15_000;

/** Longer texts are not searched. */
const longestText = 20_000_000;

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where a redirect leads to. */
  readonly location?: URL;
  /** Without parameters, in lower case. */
  readonly mimeType: string;
}

/** A server that does not answer. The message says why. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** @throws {@link NoAnswer} */
export async function get(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(timeLimitMs);
    const response = await fetch(url, { redirect: 'manual', headers, signal });
    const location = response.headers.get('location');
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
    return {
      url,
      status: response.status,
      headers: response.headers,
      text: (await response.text()).slice(0, longestText),
      mimeType: (response.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase(),
      ...(isRedirect && URL.canParse(location, url) ? { location: new URL(location, url) } : {}),
    };
  } catch (error) {
    throw new NoAnswer(reasonOf(error, url), { cause: error });
  }
}

/** What a browser sends with a navigation that its user starts, and what servers look at. */
const navigation = {
  accept: 'text/html,*/*;q=0.8',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
};

/** Opens a page: follows redirects within the origin. @throws {@link NoAnswer} */
export async function visit(url: URL): Promise<Answer> {
  let answer = await get(url, navigation);
  for (let count = 0; answer.location?.origin === url.origin; count += 1) {
    if (count === 10) throw new NoAnswer(`${url.href} redirects again and again`);
    answer = await get(answer.location, navigation);
  }
  return answer;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNRESET: 'it closes the connection',
  ETIMEDOUT: 'it does not answer',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself; name it in the variable NODE_EXTRA_CA_CERTS if you trust it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate comes from an authority that Node does not know; name that in the variable NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the whole chain of its certificate',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

function reasonOf(error: unknown, { origin }: URL): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `${origin} does not answer within ${timeLimitMs / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return `${origin} cannot be reached: ${reasons[code] ?? (code || String(cause ?? error))}`;
}
