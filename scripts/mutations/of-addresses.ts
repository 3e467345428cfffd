/** Defences that decide which addresses are signed: look-alikes, schemes, endpoints that issue tokens. */
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
  file: 'protocol/unsignable-path.ts',
  from: '  if (ambiguous.test(pathname)) return true;\n',
  to: '',
};

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
        file: 'protocol/unsignable-path.ts',
        from: '  if (stepUp.test(path)) return true;\n',
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
        file: 'protocol/unsignable-path.ts',
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
        file: 'protocol/unsignable-path.ts',
        from: '    .toLowerCase()\n    .replace(/[\\s.]+',
        to: '    .replace(/[\\s.]+',
      },
    ],
    tests: [attacks('own-code-flow', 'endpoints that issue tokens give page script none through the worker')],
  },
];
