/** Reports of a Content-Security-Policy on the worker's script: they name what the worker requested, and must not name a token. */
import { readFileSync } from 'node:fs';
import { startRawServer } from '../support/raw-server.js';
import { countQuery } from '../support/services.js';
import { expect, test } from './fixtures.js';

for (const header of ['Content-Security-Policy', 'Content-Security-Policy-Report-Only'])
  test(`reports: ${header} on the worker’s script reports no token`, async ({
    variant,
    vulnerable,
    portal,
    engine,
  }) => {
    const reports: string[] = [];
    const collector = await startRawServer(({ request, response }) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        reports.push(Buffer.concat(chunks).toString());
        response.end();
      });
    });
    const type = 'text/javascript';
    // What the worker needs to sign in is allowed, the service is not.
    const policy = { [header]: `connect-src 'self' ${portal.url}/; report-uri ${collector.origin}/reports` };
    const read = (file: string): string => readFileSync(file, 'utf8');
    const app = await variant({
      intercept: (path) =>
        path === '/worker.js'
          ? { headers: { 'content-type': type, ...policy }, body: read('dist/e2e/worker.js') }
          : undefined,
    });
    await app.open();
    await app.signIn('ana');
    await app.fetch(app.hosted(countQuery(1)));
    await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1?index=1'));
    const ours = reports.splice(0);
    const victim = await vulnerable({
      files: {
        '/worker.js': { type, headers: policy, body: read('e2e/support/vulnerable-app/worker.js') },
      },
    });
    await victim.fetch(victim.hosted(countQuery(2)));
    // It was sent later: those of our worker have arrived. WebKit reports nothing of a worker's requests.
    if (engine !== 'webkit')
      await expect.poll(() => portal.log.leaks(reports.join('\n')), 'control').not.toEqual([]);
    await collector.close();
    expect(
      portal.log.leaks([...ours, ...reports.filter((report) => report.includes('index=1'))].join('\n')),
    ).toEqual([]);
  });
