/** Content-Security-Policy as far as the doctor reads it: whether a directive lets an address in. */

/** Directive → its sources. */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** All policies of a response: several headers, or one with commas. */
export const policiesOf = (value: string | null): Policy[] =>
  (value ?? '')
    .split(',')
    .map(parse)
    .filter(({ size }) => size > 0);

function parse(text: string): Policy {
  const policy = new Map<string, readonly string[]>();
  for (const directive of text.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    // The first of two counts (CSP3 §2.2.1).
    if (name !== '' && !policy.has(name.toLowerCase())) policy.set(name.toLowerCase(), sources);
  }
  return policy;
}

/** What takes the place of a directive that is not there (CSP3 §6.8.3). */
const fallbacks: Readonly<Record<string, readonly string[]>> = {
  'worker-src': ['worker-src', 'child-src', 'script-src', 'default-src'],
  'frame-src': ['frame-src', 'child-src', 'default-src'],
  'connect-src': ['connect-src', 'default-src'],
};

/** @returns The directive that forbids the address, or `undefined` where all let it in. */
export function forbids(policy: Policy, wanted: string, url: URL, self: URL): string | undefined {
  const name = (fallbacks[wanted] ?? [wanted]).find((each) => policy.has(each));
  if (name === undefined) return undefined;
  const sources = policy.get(name) ?? [];
  return sources.some((source) => matches(source.toLowerCase(), url, self)) ? undefined : name;
}

const hostSource =
  /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*|(?:\*\.)?[\w.-]+|\[[\da-f:]+\])(?::(\d+|\*))?(\/[^?#]*)?$/;

function matches(source: string, url: URL, self: URL): boolean {
  if (source === '*') return /^(?:https?|wss?):$/.test(url.protocol);
  if (source === "'self'") return url.origin === self.origin;
  if (/^[a-z][a-z\d+.-]*:$/.test(source)) return sameScheme(source, url.protocol);
  const [, scheme, host = '', port, path] = hostSource.exec(source) ?? [];
  if (host === '') return false;
  const isHost =
    host === '*' || (host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host);
  const own = url.port || (url.protocol === 'https:' ? '443' : '80');
  const isPort = port === '*' || (port ?? (url.port === '' ? own : '')) === own;
  const isPath =
    path === undefined ||
    path === '/' ||
    (path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path);
  return isHost && isPort && isPath && sameScheme(`${scheme ?? self.protocol.slice(0, -1)}:`, url.protocol);
}

/** `http:` lets `https:` in too. */
const sameScheme = (allowed: string, scheme: string): boolean =>
  allowed === scheme || (allowed === 'http:' && scheme === 'https:');
