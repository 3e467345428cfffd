/** A registered server redirects to the attacker: the token does not go along, in any placement. */
import {
  expect,
  registeredWith,
  signedIn,
  stolen,
  test,
  type Weaknesses,
  type TestApp,
} from '../support/attack.js';
import { anyOrigin } from '../support/malicious-server.js';

const form = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'f=json',
};
const json = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' };

/** Has the portal's own service redirect to the foreign server. */
const redirectAway = async (target: TestApp, status: number, init: RequestInit): Promise<string[]> => {
  const { portal } = target;
  portal.log.clear();
  const to = encodeURIComponent(`${portal.foreign.origin}/landing`);
  await target.fetch(target.hosted(`Redirect?to=${to}&status=${status}&f=json`), init);
  return stolen(portal);
};

const cases: readonly [
  name: string,
  options: Record<string, unknown>,
  weaknesses: Weaknesses,
  status: number,
  init: RequestInit,
][] = [
  ['a header of its own kind, 302', { tokenPlacement: 'header' }, { placement: 'esri' }, 302, {}],
  ['a header of its own kind, 307', { tokenPlacement: 'header' }, { placement: 'esri' }, 307, {}],
  ['a form, 307', {}, { placement: 'form' }, 307, form],
  ['a form, 308', {}, { placement: 'form' }, 308, form],
  ['a form in place of a query, 307', { tokenPlacement: 'form' }, { placement: 'form' }, 307, form],
  ['a body of another type, 307', {}, { placement: 'esri' }, 307, json],
];

for (const [name, options, weaknesses, status, init] of cases) {
  test(
    `a redirect to another origin carries no token: ${name}`,
    { tag: ['@S5'] },
    async ({ variant, vulnerableApp, portal }) => {
      // Both headers pass the preflight at either server.
      portal.control.setCors('two-headers', 'hosted');
      expect(await redirectAway(await vulnerableApp(weaknesses), status, init), 'control').not.toEqual([]);
      const ours = await signedIn(await variant({ options }));
      expect(await redirectAway(ours, status, init)).toEqual([]);
      // It was signed: there was something to lose.
      expect(portal.log.requests({ path: /Redirect/ }).flatMap(({ secrets }) => secrets)).not.toEqual([]);
    },
  );
}

for (const placement of ['auto', 'query', 'header', 'form']) {
  test(
    `a server that copies its query into a redirect gives no token away: tokenPlacement ${placement}`,
    { tag: ['@S5'] },
    async ({ variant, vulnerableApp, maliciousServer, portal }) => {
      const echo = await maliciousServer({
        answer: ({ url }, response) => {
          response
            .writeHead(302, { ...anyOrigin, location: `${portal.foreign.origin}/landing${url.search}` })
            .end();
          return true;
        },
      });
      const attack = async (target: TestApp): Promise<string[]> => {
        portal.log.clear();
        for (const path of ['a/query?f=json', 'b/export?f=image', 'c'])
          await target.fetch(`${echo.origin}/rest/services/${path}`);
        return stolen(portal);
      };
      expect(await attack(await vulnerableApp({ more: echo.origin })), 'control').not.toEqual([]);
      const options = { tokenPlacement: placement, resources: [portal.hostedUrl, echo.origin] };
      const ours = await signedIn(await variant({ config: registeredWith(options) }));
      expect(await attack(ours)).toEqual([]);
      // It was signed: there was something to lose.
      expect(echo.secrets()).not.toEqual([]);
    },
  );
}
