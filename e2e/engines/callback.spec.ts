/** A code flow of hostile script's own in a frame, where the worker takes the answer: no code can be read, however the frame is watched. */
import { contentSecurityPolicy } from 'identity-worker/server';
import { onePortal, registeredWith } from '../support/fixtures.js';
import { ownRequest } from '../support/oauth-client.js';
import { expect, test, type EngineApp } from './fixtures.js';

/** How hostile script watches the frame. */
interface Watch {
  url: string;
  /** A policy that it puts on its page first. */
  policy?: string;
  /** Removes the worker first. */
  isAlone?: boolean;
}

/** Everything that the parent of a frame can read of it, until the frame shows the callback page or an error. */
const watchFrame = async ({ url, policy, isAlone }: Watch): Promise<string> => {
  const seen = new Set<string>();
  if (isAlone === true)
    for (const registration of await navigator.serviceWorker.getRegistrations())
      await registration.unregister();
  const end = { isBlocked: false };
  for (const target of [document, window])
    target.addEventListener('securitypolicyviolation', (event) => {
      const { blockedURI, documentURI, referrer, sourceFile } = event as SecurityPolicyViolationEvent;
      for (const address of [blockedURI, documentURI, referrer, sourceFile]) seen.add(address);
      end.isBlocked = true;
    });
  if ('ReportingObserver' in window)
    new ReportingObserver((reports) => seen.add(JSON.stringify(reports)), { buffered: true }).observe();
  if (policy !== undefined) {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = policy;
    document.head.append(meta);
  }
  const frame = document.createElement('iframe');
  frame.src = url;
  const look = (): boolean => {
    for (const { name } of performance.getEntries()) seen.add(name);
    try {
      const inner = frame.contentWindow;
      if (!inner || inner.location.href === 'about:blank') return false;
      seen.add(inner.location.href);
      for (const { name } of inner.performance.getEntries()) seen.add(name);
      seen.add(inner.document.referrer);
      seen.add(inner.document.documentElement.outerHTML);
      return inner.document.readyState === 'complete';
    } catch {
      return false;
    }
  };
  document.body.append(frame);
  // A frame that is blocked, or that a cookie does not reach, shows no callback page: all have this time.
  const endMs = performance.now() + 4_000;
  while (!look() && !end.isBlocked && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 10));
  look();
  return [...seen].join('\n');
};

/** The labels of the codes and tokens that it saw. */
async function seenCodes(app: EngineApp, watch: Omit<Watch, 'url'> = {}, more = {}): Promise<string[]> {
  const { url } = ownRequest(app.portal, `${app.url}/signed-in.html`, more);
  return app.portal.log.leaks(await app.page.run(watchFrame, { url, ...watch }));
}

// Of one site with the portal, as in an intranet: the portal's cookie comes along in frames too.
const host = '127.0.0.1';
const strict = registeredWith({ persistence: 'sealed', callback: 'worker' });
/** The callback page itself takes the answer. */
const lenient = { config: onePortal, isSealed: false, host } as const;

test.use({ isSealed: true });

test('strict callback: sign-in through the window', { tag: '@smoke' }, async ({ variant }) => {
  const app = await variant({ config: strict });
  await app.open();
  await app.signIn('ana');
  expect(await app.usernames()).toEqual(['ana']);
});

for (const [name, watch, more] of [
  ['', {}, {}],
  [', for a token in the fragment', {}, { response_type: 'token' }],
  [', without the worker', { isAlone: true }, {}],
] as const)
  test(
    `strict callback: a frame of hostile script yields no code${name}`,
    { tag: name === '' ? ['@smoke'] : [] },
    async ({ variant }) => {
      const control = await variant(lenient);
      await control.open();
      await control.signIn('ana');
      if (!('isAlone' in watch)) expect(await seenCodes(control, watch, more), 'control').not.toEqual([]);
      control.portal.control.endSessions();
      const app = await variant({ config: strict, host });
      await app.open();
      await app.signIn('ana');
      expect(await seenCodes(app, watch, more)).toEqual([]);
    },
  );

for (const [name, makePolicy] of [
  ['frame-src', (portal: string) => `frame-src ${portal}`],
  ['child-src', (portal: string) => `child-src ${portal}`],
  ['default-src', (portal: string) => `default-src 'unsafe-inline' 'unsafe-eval' ${portal}`],
] as const)
  test(`strict callback: a policy ${name} of hostile script that blocks it reports no code where the server’s allows no frames`, async ({
    variant,
    portal,
    engine,
  }) => {
    const attack = async (headers: Record<string, string>): Promise<string[]> => {
      const app = await variant({ config: strict, host, headers });
      await app.open();
      await app.signIn('ana');
      const seen = await seenCodes(app, { policy: makePolicy(app.portal.origin) });
      app.portal.control.endSessions();
      return seen;
    };
    // Firefox reports the address that was asked for, not the one that was blocked.
    const control = await attack({});
    if (engine !== 'firefox') expect(control, 'control').not.toEqual([]);
    const { page } = contentSecurityPolicy({ portals: [portal.url, portal.hostedUrl] });
    expect(await attack({ 'content-security-policy': page })).toEqual([]);
  });
