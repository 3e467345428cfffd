/** A Content-Security-Policy of the worker's script reports what the worker sends, address and all: reports hold no token. */
import type { ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { expect, registeredWith, signedIn, test, type Portal, type TestApp } from '../support/attack.js';
import { aCount, countQuery, tile } from '../support/services.js';
import type { MaliciousServer } from '../support/malicious-server.js';

const enforced = 'content-security-policy';
const reportOnly = 'content-security-policy-report-only';

/** Collects what browsers report. */
const collects = {
  answer: ({ method }: { method: string }, response: ServerResponse): boolean => {
    response
      .writeHead(204, {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'content-type',
        'access-control-allow-methods': method,
      })
      .end();
    return true;
  },
};

/** @param portal - Origins of the portal's servers. */
type Policy = (origins: { portal: string; hosted: string; collector: string }) => Record<string, string>;

const policies: readonly [name: string, policy: Policy][] = [
  [
    'connect-src, report only',
    ({ collector }) => ({ [reportOnly]: `connect-src 'self'; report-uri ${collector}/report` }),
  ],
  [
    'default-src, report only',
    ({ collector }) => ({ [reportOnly]: `default-src 'self'; report-uri ${collector}/report` }),
  ],
  [
    'connect-src none, report only',
    ({ collector }) => ({ [reportOnly]: `connect-src 'none'; report-uri ${collector}/report` }),
  ],
  [
    'one path of the server, report only',
    ({ hosted, collector }) => ({
      [reportOnly]: `connect-src 'self' ${hosted}/elsewhere/; report-uri ${collector}/report`,
    }),
  ],
  [
    'report-to and report-uri',
    ({ collector }) => ({
      'reporting-endpoints': `all="${collector}/report"`,
      [reportOnly]: `connect-src 'self'; report-to all, connect-src 'self'; report-uri ${collector}/report`,
    }),
  ],
  [
    'one that allows the server, and one that does not',
    ({ portal, hosted, collector }) => ({
      [enforced]: `connect-src 'self' ${portal} ${hosted}`,
      [reportOnly]: `connect-src 'self'; report-uri ${collector}/report`,
    }),
  ],
];

/** Everything that a page can have the worker send. */
const everything = async (target: TestApp): Promise<void> => {
  await target.fetch(target.hosted(countQuery()));
  await target.fetch(target.hosted(tile()));
  await target.fetch(target.hosted(tile(1)), { mode: 'no-cors' });
  await target.fetch(target.hosted('Echo?f=json'), { method: 'POST', body: '{}' });
  await target.fetch(target.hosted('Echo'), { method: 'HEAD' });
  await target.loadImage(target.hosted('Terrain/MapServer/tile/1/1/1'));
  await target.loadImage(target.hosted('Terrain/MapServer/tile/1/1/0'), 'anonymous');
};

/** Serves the worker's script, and nothing else, with a policy. */
const withPolicy = (headers: Record<string, string>) => async (path: string) =>
  path === '/worker.js'
    ? {
        headers: { 'content-type': 'text/javascript', ...headers },
        body: await readFile('dist/e2e/worker.js', 'utf8'),
      }
    : undefined;

const originsOf = (portal: Portal, collector: MaliciousServer) => ({
  portal: portal.origin,
  hosted: new URL(portal.hostedUrl).origin,
  collector: collector.origin,
});

const reportsOf = ({ received }: MaliciousServer): string[] =>
  received.filter(({ method }) => method === 'POST').map(({ body }) => body);

for (const [name, policy] of policies)
  for (const tokenPlacement of ['auto', 'query'])
    test(
      `reports of the worker’s policy hold no token: ${name}, tokenPlacement ${tokenPlacement}`,
      { tag: ['@S1'] },
      async ({ variant, vulnerableApp, maliciousServer, portal }) => {
        portal.control.setCors('two-headers', 'hosted');
        const [theirs, collector] = [await maliciousServer(collects), await maliciousServer(collects)];
        // Control: the same policy on a worker that puts its token into addresses.
        const careless = await vulnerableApp({ headers: policy(originsOf(portal, theirs)) });
        await everything(careless);
        await expect.poll(() => portal.log.leaks(reportsOf(theirs).join()), 'control').not.toEqual([]);

        const ours = await signedIn(
          await variant({
            options: { tokenPlacement },
            intercept: withPolicy(policy(originsOf(portal, collector))),
          }),
        );
        await everything(ours);
        await ours.stopWorker();
        await everything(ours);
        // The policy was asked, and it reported.
        await expect.poll(() => reportsOf(collector).join()).toContain('MapServer');
        expect(portal.log.leaks(reportsOf(collector).join())).toEqual([]);
        const signed = portal.log.requests({ server: 'hosted', where: ({ user }) => user === 'ana' });
        expect(signed.length, 'they are signed all the same').toBeGreaterThan(0);
        expect(signed.filter(({ tokenPlacement: placed }) => placed === 'query')).toEqual([]);
        expect(
          ours.consoleLines.filter((line) => line.includes('Content-Security-Policy of the worker')).length,
        ).toBeGreaterThan(0);
      },
    );

test(
  'a policy that blocks the server is told so, and is told no token',
  { tag: ['@S1'] },
  async ({ variant, maliciousServer, portal }) => {
    const collector = await maliciousServer(collects);
    const headers = {
      [enforced]: `connect-src 'self' ${portal.url}/; report-uri ${collector.origin}/report`,
    };
    const ours = await signedIn(await variant({ intercept: withPolicy(headers) }));
    expect(await ours.fetch(ours.hosted(tile()))).toEqual({ error: 'TypeError' });
    await expect.poll(() => reportsOf(collector).join()).toContain('MapServer');
    expect(portal.log.leaks(reportsOf(collector).join())).toEqual([]);
  },
);

test(
  'with a policy that lists the portal requests are signed as ever, and nothing is asked over the network',
  { tag: ['@S12'] },
  async ({ variant, maliciousServer, portal }) => {
    const collector = await maliciousServer(collects);
    const { portal: own, hosted } = originsOf(portal, collector);
    const headers = {
      [enforced]: `connect-src 'self' ${own} ${hosted}; report-uri ${collector.origin}/report`,
    };
    const ours = await signedIn(await variant({ intercept: withPolicy(headers) }));
    expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
    expect(await ours.loadImage(ours.hosted(tile()))).toBe(256);
    expect(portal.log.requests({ server: 'hosted' })).toMatchObject([
      { tokenPlacement: 'query', user: 'ana' },
      { tokenPlacement: 'query', user: 'ana' },
    ]);
    expect(reportsOf(collector)).toEqual([]);
    expect(ours.consoleLines.filter((line) => line.includes('Policy'))).toEqual([]);
  },
);

test(
  'a policy that embeds strictly reports no token',
  { tag: ['@S1'] },
  async ({ variant, maliciousServer, portal }) => {
    const collector = await maliciousServer(collects);
    const headers = {
      'reporting-endpoints': `all="${collector.origin}/report"`,
      'cross-origin-embedder-policy': 'require-corp; report-to="all"',
      'cross-origin-embedder-policy-report-only': 'require-corp; report-to="all"',
    };
    const ours = await signedIn(
      await variant({ config: registeredWith({}), intercept: withPolicy(headers) }),
    );
    // What reports would hold is what the policy is asked about: a request with CORS is not.
    expect(await ours.loadImage(ours.hosted(tile()))).toBe(256);
    expect(portal.log.requests({ path: /\/tile\// }).at(-1)).toMatchObject({
      user: 'ana',
      requestHeaders: { 'sec-fetch-mode': 'cors' },
    });
    expect(portal.log.leaks(reportsOf(collector).join())).toEqual([]);
  },
);
