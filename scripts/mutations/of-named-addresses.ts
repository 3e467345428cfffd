/** Defences of what a request names for its server to fetch: the token must not be passed on there. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const named = (from: string, to: string): Edit => ({ file: 'sw/request/named-addresses.ts', from, to });

const forwards = (...titles: string[]) =>
  attacks(
    'forwarding-servers',
    ...titles.map((title) => `a server that passes tokens on is sent none: ${title}`),
  );

export const ofNamedAddresses: readonly Mutation[] = [
  {
    rule: 'S2',
    without: 'the look for foreign addresses in path and query',
    edits: [
      {
        file: 'sw/request/match-request.ts',
        from: "  if (target && tellsForeign(request, url, target, portalIndex))\n    return recorder?.add({ step: 'not-signed', reason: 'foreign-address' });\n",
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
    tests: [forwards('a parameter encoded twice')],
  },
  {
    rule: 'S2',
    without: 'the second and third decoding of a query, for proxies',
    edits: [named('times < 3 &&', 'times < 1 &&')],
    tests: [forwards('an address encoded twice')],
    survives: 'A proxy whose query is no address gets no token: what is encoded twice looks like none.',
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
        from: "  if (target && tellsForeign(request, url, target, portalIndex))\n    return recorder?.add({ step: 'not-signed', reason: 'foreign-address' });\n",
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
