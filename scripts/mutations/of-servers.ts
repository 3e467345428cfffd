/** Defences against servers that lie or flood, and of the script that the app’s own server seals; and what a credential is bound to. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const cutOff = (...names: string[]) =>
  attacks(
    'long-answers',
    ...names.map((name) => `${name} of fifty megabytes, or without an end, is cut off`),
  );

const seal = (from: string, to: string): Edit => ({ file: 'server/seal-worker-script.ts', from, to });
const cookie = (from: string, to: string): Edit => ({ file: 'server/cookie.ts', from, to });
const keys = (from: string, to: string): Edit => ({ file: 'server/keys.ts', from, to });

const refuses = attacks(
  'sealed-script',
  'requests with the wrong method, site, destination or cookie are refused',
);
const doesNotStart = attacks(
  'sealed-script',
  'a server without a secret, or with one that can be guessed, does not start',
);

const anyFetch = seal(
  "    headers.get('sec-fetch-dest') === 'serviceworker' &&\n    headers.get('sec-fetch-site') === 'same-origin' &&\n    headers.get('service-worker') === 'script'\n",
  "    headers.get('sec-fetch-site') !== 'cross-site'\n",
);

export const ofServers: readonly Mutation[] = [
  {
    rule: 'S8',
    without: 'the limit on the length of answers',
    edits: [
      { file: 'sw/oauth/read-limited.ts', from: '    if (size > maxBytes) {', to: '    if (maxBytes < 0) {' },
    ],
    tests: [
      cutOff(
        'a renewed token',
        'a server’s token',
        'a server’s description of itself',
        'a portal’s list of servers',
        'the metadata of an issuer',
      ),
      attacks('lying-servers', 'a token response that is larger than any token changes nothing'),
    ],
  },
  {
    rule: 'S8',
    without: 'the time limit of a portal’s token endpoint',
    edits: [
      {
        file: 'sw/oauth/arcgis-server.ts',
        from: '    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),\n',
        to: '    signal: new AbortController().signal,\n',
      },
    ],
    tests: [cutOff('a renewed token')],
  },
  {
    rule: 'S8',
    without: 'the time limit of server tokens',
    edits: [
      {
        file: 'sw/tokens/server-tokens.ts',
        from: '      signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),\n',
        to: '',
      },
    ],
    tests: [cutOff('a server’s token')],
  },
  {
    rule: 'S8',
    without: 'the time limit of server descriptions',
    edits: [
      {
        file: 'sw/parts/federation.ts',
        from: '      signal: AbortSignal.timeout(INFO_TIMEOUT_MS),\n',
        to: '',
      },
    ],
    tests: [cutOff('a server’s description of itself')],
  },
  {
    rule: 'S8',
    without: 'the time limit of a portal’s list of servers',
    edits: [
      { file: 'sw/parts/web-tier.ts', from: '    signal: AbortSignal.timeout(LIST_TIMEOUT_MS),\n', to: '' },
    ],
    tests: [cutOff('a portal’s list of servers')],
  },
  {
    rule: 'S8',
    without: 'the time limit of metadata',
    edits: [
      {
        file: 'sw/oauth/rfc-requests.ts',
        from: '  signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),\n',
        to: '  signal: new AbortController().signal,\n',
      },
    ],
    tests: [cutOff('the metadata of an issuer')],
  },
  {
    rule: 'S8',
    without: 'the reading of a token response’s own members alone',
    edits: [
      {
        file: 'sw/oauth/token-response.ts',
        from: '= json;\n  if (status >= 400',
        to: '= Object.assign({}, json) as Json;\n  if (status >= 400',
      },
    ],
    tests: [attacks('lying-servers', 'a token response that names the prototype changes nothing')],
  },
  {
    rule: 'S8',
    without: 'the tolerance for a token response that is no JSON',
    edits: [
      {
        file: 'sw/oauth/token-response.ts',
        from: 'const json = parseObject(text);',
        to: 'const json = JSON.parse(text) as Json | undefined;',
      },
    ],
    tests: [attacks('lying-servers', 'a token response that is nested without end changes nothing')],
  },
  {
    rule: 'S8',
    without: 'the reading of answers as they are: they are merged into an object of the worker’s',
    edits: [
      {
        file: 'sw/oauth/read-limited.ts',
        from: 'return JSON.parse(await readLimited(response, maxBytes)) as unknown;',
        to: `const merge = (into: any, from: any): any => {
    for (const name of Object.keys(from))
      if (typeof from[name] === 'object' && from[name] && into[name]) merge(into[name], from[name]);
      else into[name] = from[name];
    return into;
  };
  return merge({}, JSON.parse(await readLimited(response, maxBytes)));`,
      },
    ],
    tests: [attacks('lying-servers', 'answers and messages cannot write into the prototype of all objects')],
  },
  {
    rule: 'S10',
    without: 'the demand that the browser itself fetches the sealed script',
    edits: [anyFetch],
    tests: [
      attacks(
        'sealed-script',
        'page script gets the sealed script in none of more than eighty ways',
        'a service worker of the attacker’s cannot import the sealed script',
        'a module worker of the attacker’s cannot import the sealed script',
      ),
    ],
  },
  ...(
    [
      ['the destination', "    headers.get('sec-fetch-dest') === 'serviceworker' &&\n"],
      ['the site', "    headers.get('sec-fetch-site') === 'same-origin' &&\n"],
      ['the header of service workers', " &&\n    headers.get('service-worker') === 'script'"],
    ] as const
  ).map(([what, from]): Mutation => ({
    rule: 'S10',
    without: `the look at ${what} of a fetch of the sealed script`,
    edits: [seal(from, '')],
    tests: [refuses],
  })),
  {
    rule: 'S10',
    without: 'the refusal of other methods',
    edits: [seal("    if (request.method !== 'GET') return refusal('method-not-allowed');\n", '')],
    tests: [refuses],
  },
  {
    rule: 'S10',
    without: 'the authentication code of the cookie',
    edits: [cookie('return results.includes(true) ? {', 'return results.length > 0 ? {')],
    tests: [refuses],
  },
  {
    rule: 'S10',
    without: 'the refusal of two cookies',
    edits: [
      cookie(
        'values.length === 1 ? parse(value) : undefined;',
        'values.length >= 1 ? parse(value) : undefined;',
      ),
    ],
    tests: [refuses],
  },
  {
    rule: 'S10',
    without: 'the prefix by which no script sets the cookie',
    edits: [cookie("'__Host-Http-identity-worker'", "'__Host-identity-worker'")],
    tests: [attacks('sealed-script', 'page script cannot plant a cookie whose key it knows')],
  },
  {
    rule: 'S10',
    without: 'the rule that no cache keeps the sealed script',
    edits: [
      seal(
        'for (const [name, value] of Object.entries(neverStored)) headers.set(name, value);',
        "if (neverStored) headers.set('cache-control', 'max-age=3600');",
      ),
    ],
    tests: [attacks('sealed-script', 'page script gets the sealed script in none of more than eighty ways')],
  },
  {
    rule: 'S10',
    without: 'the demand for a secret of 32 bytes',
    edits: [
      keys(
        "  if (bytes.length < SECRET_BYTES) throw new ServerConfigurationError('secret-too-short');\n",
        '',
      ),
    ],
    tests: [doesNotStart],
  },
  {
    rule: 'S10',
    without: 'the demand for a secret of many different bytes',
    edits: [
      keys(
        "  if (new Set(bytes).size < FEWEST_DISTINCT_BYTES) throw new ServerConfigurationError('secret-weak');\n",
        '',
      ),
    ],
    tests: [doesNotStart],
  },
  {
    rule: 'S6',
    without: 'the resources in what a credential is bound to',
    edits: [
      {
        file: 'sw/portals/portal.ts',
        from: '    resources.map(({ href }) => href),\n',
        to: '    resources.length > 0,\n',
      },
    ],
    tests: [attacks('configuration', 'a registration that owns more does not get the old tokens')],
  },
];
