/** Hostile script registers the app's own worker for another scope: it would have a sign-in of its own, and the callback page. */
import { expect, signedIn, test, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';

interface Attempt {
  script: string;
  options: RegistrationOptions;
}

/** Registers the worker. @returns Scopes of all registrations that have a worker when that is decided. */
const register = (target: TestApp, attempt: Attempt): Promise<string[]> =>
  target.run(async ({ script, options }) => {
    try {
      const registration = await navigator.serviceWorker.register(script, options);
      const worker = registration.installing ?? registration.waiting;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (!worker || worker.state === 'activated' || worker.state === 'redundant') resolve();
        };
        worker?.addEventListener('statechange', look);
        look();
      });
    } catch {
      // Refused.
    }
    const all = await navigator.serviceWorker.getRegistrations();
    return all
      .filter(({ installing, waiting, active }) => installing ?? waiting ?? active)
      .map(({ scope }) => new URL(scope).pathname + new URL(scope).search)
      .sort();
  }, attempt);

const callback = '/signed-in.html';
const attempts: Record<string, Attempt> = {
  'the callback page itself': { script: '/worker.js', options: { scope: callback } },
  'the beginning of a path': { script: '/worker.js', options: { scope: '/signed' } },
  'a query of the start page': { script: '/worker.js', options: { scope: '/?' } },
  'the page that ends a sign-in': {
    script: '/worker.js',
    options: { scope: `${callback}?identity-worker=signed-in` },
  },
  'the callback page, with a query of the script': { script: '/worker.js?1', options: { scope: callback } },
  'the callback page, with a fragment of the script': {
    script: '/worker.js#1',
    options: { scope: callback },
  },
  'the callback page, as another address of the script': {
    script: '/./x/../worker.js',
    options: { scope: callback },
  },
  'the callback page, with an encoded path of the script': {
    script: '/work%65r.js',
    options: { scope: callback },
  },
  'the callback page, with an encoded scope': { script: '/worker.js', options: { scope: '/sig%6eed' } },
  'the callback page, out of caches': {
    script: '/worker.js',
    options: { scope: callback, updateViaCache: 'all' },
  },
  'the callback page, past caches': {
    script: '/worker.js',
    options: { scope: callback, updateViaCache: 'none' },
  },
  'the callback page, as a module': { script: '/worker.js', options: { scope: callback, type: 'module' } },
};

const options = { callback: 'worker', persistence: 'sealed' } as const;

for (const [name, attempt] of Object.entries(attempts)) {
  test(`the app’s own worker is not registered for ${name}`, { tag: ['@S6'] }, async ({ variant }) => {
    // The browser tells the worker's scope to no server: without the check in the script it is registered.
    const unsealed = await variant({ options: { callback: 'worker' } });
    await unsealed.open();
    expect(await register(unsealed, attempt), 'control').toHaveLength(2);
    const ours = await variant({ options, isSealed: true });
    await ours.open();
    expect(await register(ours, attempt)).toEqual(['/']);
  });
}

test('the user can sign in after all these attempts', { tag: ['@S6'] }, async ({ variant }) => {
  const attack = async (target: TestApp): Promise<string> => {
    for (const attempt of Object.values(attempts)) await register(target, attempt);
    expect(await target.fetchJson(target.hosted(countQuery()))).toEqual(aCount);
    await target.run(() => window.identity.signOut());
    // The portal has a session with this browser: its window comes home at once.
    const popup = await target.openSignInWindow();
    if (!popup.isClosed()) await popup.waitForEvent('close');
    const user = (): Promise<string> => target.run(() => window.identity.credentials[0]?.username ?? '');
    // The app does not learn how it ended, and asks again.
    await expect.poll(async () => (await user()) !== '' || (await target.isPrompting())).toBe(true);
    return user();
  };
  const unsealed = await signedIn(await variant({ options: { callback: 'worker' } }), 'signInByWindow');
  expect(await attack(unsealed), 'control').toBe('');
  const ours = await signedIn(await variant({ options, isSealed: true }), 'signInByWindow');
  expect(await attack(ours)).toBe('ana');
});

test(
  'a page that asks for another scope is told which one the server allows',
  { tag: ['@A3'] },
  async ({ variant }) => {
    const ours = await variant({ options, isSealed: true });
    await ours.page.goto(`${ours.url}/?scope=${encodeURIComponent('/elsewhere/')}`);
    const error = await ours.run(async () => {
      while (!('identity' in window)) await new Promise(requestAnimationFrame);
      return window.identity.ready.then(
        () => undefined,
        (reason: unknown) =>
          window.isIdentityError(reason)
            ? { code: reason.code, name: reason.name, facts: reason.facts, message: reason.message }
            : reason,
      );
    });
    expect(error).toMatchObject({
      code: 'worker-scope-mismatch',
      name: 'ConfigurationError',
      facts: { path: '/worker.js', scope: '/elsewhere/', onlyScope: '/' },
      message: expect.stringMatching(/works under the scope \/ only, not under \/elsewhere\//),
    });
    expect(await ours.run(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  },
);
