/** Defences that decide which addresses are signed: look-alikes, schemes, and what a request names for its server to fetch. */
import { attacks, type Edit, type Mutation } from './mutation.js';

/** The entries of the index that a careless look at the origin finds. */
const byOrigin = (isFound: string): Edit => ({
  file: 'sw/portals/portal-index.ts',
  from: 'const list = this.#byOrigin.get(url.origin);',
  to: `const list = [...this.#byOrigin].filter(([text]) => { const own = new URL(text); return ${isFound}; }).flatMap(([, entries]) => entries);`,
});

const byPath = (path: string): Edit => ({
  file: 'sw/portals/portal-index.ts',
  from: 'const { pathname } = url;',
  to: `const pathname = ${path};`,
});

const anySpelling: Edit = {
  file: 'sw/request/match-request.ts',
  from: '  if (ambiguous.test(pathname)) return true;\n',
  to: '',
};

const named = (from: string, to: string): Edit => ({ file: 'sw/request/named-addresses.ts', from, to });

const forwards = (...titles: string[]) =>
  attacks(
    'forwarding-servers',
    ...titles.map((title) => `a server that passes tokens on is sent none: ${title}`),
  );

export const ofAddresses: readonly Mutation[] = [
  {
    rule: 'S4',
    without: 'the comparison of hosts and ports: paths are compared alone',
    edits: [byOrigin('own.protocol === url.protocol')],
    tests: [
      attacks(
        'look-alikes',
        'no token goes to a host that begins with the portal’s',
        'no token goes to a host that ends with the portal’s',
        'no token goes to a host below the portal’s',
        'no token goes to the domain above the portal’s',
        'no token goes to the portal’s host with a trailing dot',
        'no token goes to an international name that looks the same',
        'no token goes to another host name of the portal’s machine',
        'no token goes to another port of the portal’s host',
      ),
    ],
  },
  {
    rule: 'S4',
    without: 'the comparison of hosts, for an address with the portal’s host as its user',
    edits: [byOrigin('own.protocol === url.protocol')],
    tests: [
      attacks('look-alikes', 'no token goes to an address with the portal’s host as the user of another'),
    ],
    survives: 'Browsers hand an address with user information to no worker (Fetch standard).',
  },
  {
    rule: 'S4',
    without: 'the parser: the portal’s address may stand anywhere in a URL',
    edits: [
      {
        file: 'sw/portals/portal-index.ts',
        from: '    const portal = this.#suffix;\n',
        to: `    for (const [origin, entries] of this.#byOrigin)
      for (const entry of entries)
        if (url.href.includes(origin.replace(/^.*:\\/\\//, '') + entry.folder.replace('sharing/', ''))) return entry;
    const portal = this.#suffix;
`,
      },
    ],
    tests: [
      attacks('look-alikes', 'no token goes to an address with the portal’s in its path, query or fragment'),
    ],
  },
  {
    rule: 'S3',
    without: 'the comparison of schemes',
    edits: [byOrigin('own.host === url.host')],
    tests: [attacks('look-alikes', 'no token goes to the portal’s address with http in place of https')],
  },
  {
    rule: 'S3',
    without: 'the demand for https in registrations',
    edits: [
      {
        file: 'protocol/registration.ts',
        from: "  if (url.protocol !== 'https:' && !isHttp) {",
        to: "  if (url.protocol !== 'https:' && url.protocol !== 'http:') {",
      },
    ],
    tests: [{ file: 'protocol/registration.test.ts', titles: ['names the origin of an insecure portal'] }],
  },
  {
    rule: 'S4',
    without: 'the comparison of paths: an origin is the portal’s as a whole',
    edits: [
      {
        file: 'sw/portals/portal-index.ts',
        from: 'list.push({ ...target, folder: asFolder(pathname) });',
        to: "list.push({ ...target, folder: pathname && '/' });",
      },
    ],
    tests: [
      attacks(
        'look-alikes',
        'no token goes to what answers beside the sharing API',
        'no token goes to the path in other cases',
        'no token goes to an address whose steps upwards the browser resolves',
      ),
    ],
  },
  {
    rule: 'S4',
    without: 'the comparison by whole segments of a path',
    edits: [
      {
        file: 'sw/portals/portal-index.ts',
        from: 'list.push({ ...target, folder: asFolder(pathname) });',
        to: "list.push({ ...target, folder: pathname.replace(/(\\/sharing)?\\/$/, '') });",
      },
    ],
    tests: [attacks('look-alikes', 'no token goes to a longer name of the portal’s folder')],
  },
  {
    rule: 'S4',
    without: 'the spelling of paths as it is: doubled slashes are taken for one',
    edits: [byPath("url.pathname.replace(/\\/{2,}/g, '/')")],
    tests: [attacks('look-alikes', 'no token goes to a path with doubled slashes')],
  },
  {
    rule: 'S4',
    without: 'the refusal of paths that a server may read as another one',
    edits: [anySpelling],
    tests: [
      attacks(
        'look-alikes',
        'no token goes to a path with steps upwards in encodings that browsers leave alone',
        'no token goes to a path with control characters',
      ),
    ],
  },
  {
    rule: 'S4',
    without: 'the refusal of such paths, where separators are encoded',
    edits: [anySpelling],
    tests: [
      attacks(
        'look-alikes',
        'no token goes to a path with slashes encoded once or twice',
        'no token goes to a path with encoded backslashes',
      ),
    ],
    survives:
      'Paths are compared as they are written: an encoded separator ends no segment, so the path is not the portal’s.',
  },
  {
    rule: 'S4',
    without: 'the refusal of such paths, and their comparison as they are written',
    edits: [
      anySpelling,
      byPath("decodeURIComponent(decodeURIComponent(url.pathname)).replaceAll('\\\\', '/')"),
    ],
    tests: [
      attacks(
        'look-alikes',
        'no token goes to a path with slashes encoded once or twice',
        'no token goes to a path with encoded backslashes',
      ),
    ],
  },
  {
    rule: 'S4',
    without: 'the refusal of segments that are a step upwards to some servers',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: '  if (/(^|\\/)[\\s.]+(;|\\/|$)/.test(path)) return true;\n',
        to: '',
      },
    ],
    tests: [attacks('look-alikes', 'no token goes to a path with steps upwards and path parameters')],
  },
  {
    rule: 'S9',
    without: 'the exception for endpoints that issue tokens',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: 'return alwaysIssuing.test(plain) || tokenIssuing.test(',
        to: 'return tokenIssuing.test(',
      },
    ],
    tests: [attacks('own-code-flow', 'endpoints that issue tokens give page script none through the worker')],
  },
  {
    rule: 'S9',
    without: 'the look at such endpoints in other cases',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: '    .toLowerCase()\n    .replace(/[\\s.]+',
        to: '    .replace(/[\\s.]+',
      },
    ],
    tests: [attacks('own-code-flow', 'endpoints that issue tokens give page script none through the worker')],
  },
  {
    rule: 'S2',
    without: 'the look for foreign addresses in path and query',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: '  if (target && tellsForeign(request, url, target, portalIndex)) return undefined;\n',
        to: '',
      },
    ],
    tests: [
      forwards(
        'an image of the portal’s proxy',
        'a style sheet of the portal’s proxy',
        'a beacon to the portal’s proxy',
        'the proxy under rest',
        'an encoded address',
        'an address without a scheme',
        'backslashes',
        'a proxy in another spelling',
        'proxy.ashx',
        'proxy.jsp',
        'url=',
        'targetUrl=',
        'a parameter of any name',
        'a user’s name in the address',
      ),
    ],
  },
  {
    rule: 'S2',
    without: 'the distrust of a proxy whose query is no address',
    edits: [named('  if (isProxy(pathname) && !addressStart.test(query)) return true;\n', '')],
    tests: [forwards('a host alone')],
  },
  {
    rule: 'S2',
    without: 'the second and third decoding of a query',
    edits: [named('times < 3 &&', 'times < 1 &&')],
    tests: [forwards('an address encoded twice')],
  },
  {
    rule: 'S2',
    without: 'the look at the path of a request',
    edits: [named('  if (/https?:/i.test(pathname)) return true;\n', '')],
    tests: [forwards('an address in the path')],
    survives: 'A proxy whose query is no address gets no token, whatever stands in its path.',
  },
  {
    rule: 'S2',
    without: 'the look at the path of a request, and the distrust of proxies',
    edits: [
      named('  if (/https?:/i.test(pathname)) return true;\n', ''),
      named('  if (isProxy(pathname) && !addressStart.test(query)) return true;\n', ''),
    ],
    tests: [forwards('an address in the path')],
  },
  {
    rule: 'S2',
    without: 'the look at what an own address names in turn',
    edits: [named("(!isOwn(address) || namesForeignAddress(address, 'GET', isOwn))", '!isOwn(address)')],
    tests: [forwards('a proxy behind a proxy')],
  },
  {
    rule: 'S2',
    without: 'the look at the names of parameters',
    edits: [named('  if (addressStart.test(name)) return holdsForeign(name, url, isOwn);\n', '')],
    tests: [forwards('an address in place of a name')],
  },
  {
    rule: 'S2',
    without: 'the look at more than the first address of a text',
    edits: [named('(text.match(addresses) ?? []).some(', '(text.match(addresses) ?? []).slice(0, 1).some(')],
    tests: [forwards('an own address before it')],
  },
  {
    rule: 'S2',
    without: 'the look into documents that operations fetch from',
    edits: [named('  if (fetchingPath.test(url.pathname))\n', '  if (fetchingPath.test("/"))\n')],
    tests: [
      forwards(
        'a print as an image',
        'a print by fetch',
        'a print by form',
        'a print with escaped slashes',
        'a print with an escaped scheme',
        'a geoprocessing parameter',
        'a raster function',
      ),
    ],
  },
  {
    rule: 'S2',
    without: 'the undoing of JSON’s escapes',
    edits: [named('holdsForeign(unescape(value), url, isOwn)', 'holdsForeign(value, url, isOwn)')],
    tests: [forwards('a print with escaped slashes', 'a print with an escaped scheme')],
    survives:
      'What looks like an address in a document and is not known to be the portal’s own is taken for a foreign one.',
  },
  {
    rule: 'S2',
    without: 'the look for foreign addresses in forms',
    edits: [
      {
        file: 'sw/request/handle-request.ts',
        from: '(body !== undefined && formNamesForeignAddress(body, mediaType(request), url, method, isOwn))',
        to: '(body !== undefined && mediaType(request) === "" && formNamesForeignAddress(body, mediaType(request), url, method, isOwn))',
      },
    ],
    tests: [
      forwards(
        'a form',
        'a part of an upload',
        'a part behind a large one',
        'a print by form',
        'a file for a new item',
      ),
    ],
  },
  {
    rule: 'S2',
    without: 'the look at a request’s query and at its form: proxies',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: '  if (target && tellsForeign(request, url, target, portalIndex)) return undefined;\n',
        to: '',
      },
      {
        file: 'sw/request/handle-request.ts',
        from: "  if (target.portal.kind !== 'arcgis') return false;\n",
        to: '  if (target !== undefined) return false;\n',
      },
    ],
    tests: [forwards('proxy.php by form')],
  },
  {
    rule: 'S2',
    without: 'the look at more than the first piece of an upload',
    edits: [named('start < body.size; start += PIECE_BYTES', 'start < 1; start += PIECE_BYTES')],
    tests: [forwards('a part behind a large one')],
  },
  {
    rule: 'S2',
    without: 'the look at what is fetched of a new item',
    edits: [named(' && !fetchedField.test(name)) return false;', ') return false;')],
    tests: [forwards('a file for a new item')],
  },
  {
    rule: 'S2',
    without: 'the exception for words that are searched for and stored',
    edits: [named('  if (harmlessField.test(name)) return false;\n', '')],
    tests: [attacks('forwarding-servers', 'ordinary calls stay signed')],
  },
  {
    rule: 'S2',
    without: 'the comparison of paths with what a registration lets its servers fetch',
    edits: [
      named(
        'origin === address.origin && isUnder(address.pathname, pathname)',
        'origin === address.origin && isUnder(pathname, pathname)',
      ),
    ],
    tests: [attacks('forwarding-servers', 'a registration may name servers that the portal fetches')],
  },
];
