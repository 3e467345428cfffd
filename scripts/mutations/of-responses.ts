/** Defences of what comes back, and of what goes along: addresses of responses, redirects, reports. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const attach = (from: string, to: string): Edit => ({ file: 'sw/request/attach-token.ts', from, to });
const sending = (from: string, to: string): Edit => ({ file: 'sw/request/send-request.ts', from, to });

const networkResponse = sending(
  'return changesUrl ? rebuild(response, replayable) : forElement(response, replayable);',
  'return changesUrl && replayable === undefined ? rebuild(response, replayable) : response;',
);

const redirectsPage = sending(
  "  if (placement !== 'query') requireNetwork(replayable);\n",
  "  if (placement === 'query') return Response.redirect(request.url, 307);\n  requireNetwork(replayable);\n",
);

const browserFollows = attach(
  "request.redirect === 'follow' ? { redirect: 'manual' } : {};",
  "request.redirect === 'manual' ? { redirect: 'manual' } : {};",
);

const ownKindOfHeader = attach(
  "headers.set('authorization', `Bearer ${token}`);",
  "headers.set('x-esri-authorization', `Bearer ${token}`);",
);

const unsentReport = sending(
  "const isReported = typeof known === 'boolean' ? known : await known;",
  'const isReported = (await known) && false;',
);

const addressOf = (...titles: string[]) =>
  attacks(
    'addresses-of-answers',
    ...titles.map((title) => `the address of an answer holds no token: ${title}`),
  );

const redirected = (...titles: string[]) =>
  attacks('redirects', ...titles.map((title) => `a redirect to another origin carries no token: ${title}`));

const copied = (...placements: string[]) =>
  attacks(
    'redirects',
    ...placements.map(
      (placement) =>
        `a server that copies its query into a redirect gives no token away: tokenPlacement ${placement}`,
    ),
  );

const withinOrigin = (...placements: string[]) =>
  attacks(
    'side-channels',
    ...placements.map(
      (placement) =>
        `a redirect within the server’s own origin shows the page no token: tokenPlacement ${placement}`,
    ),
  );

const reports = (...policies: string[]) =>
  attacks(
    'policy-reports',
    ...policies.map((policy) => `reports of the worker’s policy hold no token: ${policy}`),
  );

export const ofResponses: readonly Mutation[] = [
  {
    rule: 'S1',
    without: 'the address of the worker in place of the server’s, which holds the ID token at a sign-out',
    edits: [
      {
        file: 'sw/worker-api.ts',
        from: '      return portal.authorizationServer.concealedSignOutUrl?.(portal) ?? url;\n',
        to: "      const address = portal.authorizationServer.concealedSignOutUrl?.(portal);\n      const leading = address && portal.authorizationServer.leadToSignOut?.(portal, new URL(address));\n      return (await leading)?.headers.get('location') ?? url;\n",
      },
    ],
    tests: [attacks('sign-out-hint', 'does not see the ID token: window', 'does not see the ID token: form')],
  },
  {
    rule: 'S1',
    without: 'the rebuilding of responses: the page gets the network’s own',
    edits: [networkResponse],
    tests: [
      addressOf(
        'fetch',
        'XMLHttpRequest',
        'an answer put into a cache and read back',
        'import()',
        'a module script that imports',
        'a module worker that imports',
      ),
      attacks(
        'side-channels',
        'the address of an answer holds no token: fetch',
        'the address of an answer holds no token: XMLHttpRequest',
        'the address of an answer holds no token: an answer that was put into a cache and read back',
        'a module’s own address, and that of an error in it, hold no token',
        'the referrer of what a style sheet loads holds no token',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'requests of the worker’s own: the page is redirected to the address with the token',
    edits: [redirectsPage],
    tests: [
      addressOf(
        'fetch',
        'XMLHttpRequest',
        'an answer put into a cache and read back',
        'import()',
        'a module script that imports',
        'a module worker that imports',
        'importScripts',
        '<script',
        '<link rel=stylesheet>',
        '<img',
        '<track>',
      ),
      attacks(
        'addresses-of-answers',
        'the parts of a film are asked for at an address without a token: <audio>',
        'the parts of a film are asked for at an address without a token: <audio crossorigin>',
        'the parts of a film are asked for at an address without a token: <video>',
        'the parts of a film are asked for at an address without a token: <video crossorigin>',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'requests of the worker’s own, for event streams',
    edits: [redirectsPage],
    tests: [addressOf('EventSource')],
    survives:
      'An EventSource tells no address but the one that it was made with, and its own requests look like those of the worker.',
  },
  {
    rule: 'S1',
    without: 'CORS: requests without it are sent as they are',
    edits: [
      sending(
        "if (replayable.request.mode !== 'no-cors') return sendPlaced(",
        'if (replayable.request !== undefined) return sendPlaced(',
      ),
    ],
    tests: [
      addressOf('fetch without CORS', '<script>', '<link rel=stylesheet>', '<img> of png', '<img> of svg'),
      attacks('policy-reports', 'a policy that embeds strictly reports no token'),
    ],
  },
  {
    rule: 'S1',
    without: 'the renunciation of a token where a server forbids reading',
    edits: [
      sending(
        'if (!(error instanceof NetworkFailure) || !isRepeatable(replayable)) throw error;\n    return sendAnonymously(replayable);',
        'if (!(error instanceof NetworkFailure) || !isRepeatable(replayable)) throw error;\n    return sendPlaced(token, replayable, portal, services);',
      ),
    ],
    tests: [
      attacks(
        'addresses-of-answers',
        'the answer of a server that forbids reading is obtained without a token',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'the rebuilding of responses, for the browser’s timing entries',
    edits: [networkResponse],
    tests: [attacks('side-channels', 'timing entries hold no token')],
    survives:
      'The browser writes down the address that the page has asked for, whatever the worker responds with.',
  },
  {
    rule: 'S1',
    without: 'placements other than the query, care with redirects, and the rebuilding of responses',
    edits: [
      attach(
        "if (portal.tokenPlacement === 'header') return 'header';",
        "if (portal.tokenPlacement !== undefined) return 'query';",
      ),
      browserFollows,
      networkResponse,
    ],
    tests: [withinOrigin('auto', 'query', 'header', 'form'), copied('auto', 'query', 'header', 'form')],
  },
  {
    rule: 'S1',
    without: 'care with redirects of an address with a token to the server’s own origin',
    edits: [browserFollows],
    tests: [withinOrigin('auto', 'query')],
    survives:
      'The response to an address with a token is rebuilt: it has the page’s own, wherever it came from.',
  },
  {
    rule: 'S5',
    without: 'care with redirects: the browser follows them, with the form or the query',
    edits: [browserFollows],
    tests: [
      redirected('a form, 307', 'a form, 308', 'a form in place of a query, 307'),
      copied('auto', 'query'),
    ],
  },
  {
    rule: 'S5',
    without: 'the header that browsers drop at another origin',
    edits: [ownKindOfHeader],
    tests: [redirected('a header of its own kind, 302', 'a header of its own kind, 307')],
  },
  {
    rule: 'S5',
    without: 'that header, and the query for bodies of other types',
    edits: [
      ownKindOfHeader,
      attach(
        "return type === 'multipart/form-data' && boundaryOf(request) !== undefined ? 'multipart' : withoutForm;",
        "return type === 'multipart/form-data' && boundaryOf(request) !== undefined ? 'multipart' : 'header';",
      ),
    ],
    tests: [redirected('a body of another type, 307')],
  },
  {
    rule: 'S1',
    without: 'the look at what the policy of the worker’s script reports',
    edits: [unsentReport],
    tests: [
      reports(
        'connect-src, report only',
        'default-src, report only',
        'connect-src none, report only',
        'one path of the server, report only',
        'report-to and report-uri',
        'one that allows the server, and one that does not',
      ),
      attacks('policy-reports', 'a policy that blocks the server is told so, and is told no token'),
    ],
  },
  {
    rule: 'S12',
    without: 'a check of the policy that costs no request',
    edits: [
      {
        file: 'sw/request/reported-services.ts',
        from: "await fetch(address, { mode: 'same-origin', cache: 'only-if-cached' })",
        to: "await fetch(address, { mode: 'no-cors' })",
      },
    ],
    tests: [
      attacks(
        'policy-reports',
        'with a policy that lists the portal requests are signed as ever, and nothing is asked over the network',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'the rule that the text of a server’s error is not logged',
    edits: [
      {
        file: 'sw/request/classify-response.ts',
        from: "isErrorStatus && !canHoldEnvelope(response, sent)) return 'ok';\n",
        to: "isErrorStatus && !canHoldEnvelope(response, sent)) return 'ok';\n  console.warn(await readStart(response));\n",
      },
    ],
    tests: [
      attacks(
        'lying-servers',
        'an error text that holds the token reaches no error of the library and no console',
      ),
    ],
  },
];
