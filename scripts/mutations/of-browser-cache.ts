/** Defences of what browsers keep: nothing that was obtained with a token is shown to the next user. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const keptInCache: Edit = {
  file: 'sw/request/attach-token.ts',
  from: "method === 'GET' || method === 'HEAD' ? { cache: 'no-store' } : {};",
  to: "method === 'NONE' ? { cache: 'no-store' } : {};",
};

const afterSigningOut = (...ways: string[]) =>
  attacks(
    'browser-cache',
    ...ways.map((way) => `after signing out nobody is shown an answer out of the browser’s cache: ${way}`),
  );

export const ofBrowserCache: readonly Mutation[] = [
  {
    rule: 'S11',
    without: 'the rule that a response to a header stays out of the browser’s cache',
    edits: [keptInCache],
    tests: [
      afterSigningOut(
        'a header',
        'a redirect that is followed',
        'a redirect of an address with a token',
        'a redirect that is followed without CORS',
        'a redirect of an operation that is sent as a form',
      ),
      attacks('browser-cache', 'a signed request is not answered by what the browser has kept for everybody'),
      attacks(
        'side-channels',
        'the next user is not shown the last user’s answer out of the browser’s cache',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'that rule, for forms',
    edits: [keptInCache],
    tests: [afterSigningOut('a form', 'an operation that is sent as a form')],
    survives: 'Browsers keep no response to a POST.',
  },
  {
    rule: 'S11',
    without: 'the rule that what an element shows is not to be remembered',
    edits: [
      {
        file: 'sw/request/send-request.ts',
        from: "  if (destination !== '') headers.set('cache-control', 'no-store');\n",
        to: '',
      },
    ],
    tests: [attacks('browser-cache', 'a picture of the last user is not shown after signing out')],
  },
];
