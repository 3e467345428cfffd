/** Defences of the app’s own server against other registrations of service workers: other scopes, other scripts. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const withoutScopeCheck: Edit = {
  file: 'server/inject-keys.ts',
  from: '${registration}${scopeCheck(scope)}\\n${rest}`;',
  to: '${registration}${scopeCheck(scope) && ""}\\n${rest}`;',
};

const notRegistered = (...scopes: string[]) =>
  attacks('other-scope', ...scopes.map((scope) => `the app’s own worker is not registered for ${scope}`));

export const ofWorkers: readonly Mutation[] = [
  {
    rule: 'S6',
    without: 'the check of the scope in front of the sealed script',
    edits: [withoutScopeCheck],
    tests: [
      notRegistered(
        'the callback page itself',
        'the beginning of a path',
        'a query of the start page',
        'the page that ends a sign-in',
        'the callback page, with a query of the script',
        'the callback page, with a fragment of the script',
        'the callback page, as another address of the script',
        'the callback page, with an encoded scope',
        'the callback page, out of caches',
        'the callback page, past caches',
      ),
      attacks('other-scope', 'the user can sign in after all these attempts'),
    ],
  },
  {
    rule: 'S6',
    without: 'that check, for registrations whose script the server refuses itself',
    edits: [withoutScopeCheck],
    tests: [
      notRegistered(
        'the callback page, as a module',
        'the callback page, with an encoded path of the script',
      ),
    ],
    survives:
      'Chromium fetches the script of a module worker without cookies, and under another path it is another worker: the server sends it to neither.',
  },
  {
    rule: 'S6',
    without: 'the scope in the refusal of the script',
    edits: [
      {
        file: 'server/seal-worker-script.ts',
        from: '{ headers: { [SCOPE_HEADER]: onlyScope } }',
        to: '{ headers: {} }',
      },
    ],
    tests: [attacks('other-scope', 'a page that asks for another scope is told which one the server allows')],
  },
  {
    rule: 'S7',
    without: 'the refusal of other service workers',
    edits: [
      {
        file: 'server/guards.ts',
        from: "return isWorkerFetch && !paths.includes(new URL(url).pathname) ? refusal('another-worker') : undefined;",
        to: "return isWorkerFetch && url === '' ? refusal('another-worker') : undefined;",
      },
    ],
    tests: [
      attacks(
        'other-worker',
        'a worker of the attacker’s cannot take the code at the callback page, registered',
      ),
      attacks(
        'configuration',
        'the ready worker cannot be registered with other attributes where the server names its workers',
      ),
    ],
  },
];
