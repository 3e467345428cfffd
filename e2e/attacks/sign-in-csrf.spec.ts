/** Login CSRF (RFC 6749 §10.12): somebody signs in elsewhere with the app's own authorization request, and brings the response home. */
import { expect, signedIn, test, type TestApp } from '../support/attack.js';
import { authorize } from '../support/oauth-client.js';

// Of one site with the portal, as in an intranet.
const strict = {
  options: { callback: 'worker', persistence: 'sealed' },
  isSealed: true,
  host: '127.0.0.1',
} as const;
const lenient = { host: '127.0.0.1' } as const;

/** Shows the response in a frame. In an object or embed not even the page takes it: browsers load those past the worker. */
const showIn = (kind: 'frame' | 'frame of a frame') => `async ([callback]) => {
  const made = document.createElement('iframe');
  if ('${kind}' === 'frame of a frame') {
    const outer = document.createElement('iframe');
    document.body.append(outer);
    outer.contentDocument.body.append(made);
  } else document.body.append(made);
  const loaded = new Promise((resolve) => made.addEventListener('load', resolve));
  made.src = callback;
  await loaded;
}`;

/** Ways to bring a response home without a window that the user sees. Page code with the callback URL and the authorization URL. */
const ways: Readonly<Record<string, string>> = {
  'in a hidden frame': showIn('frame'),
  'in a frame of a frame': showIn('frame of a frame'),
  'by a form in a frame': `async ([callback]) => {
    const frame = document.createElement('iframe');
    frame.name = 'target';
    document.body.append(frame);
    const form = document.createElement('form');
    form.action = callback.split('?')[0];
    form.target = 'target';
    for (const [name, value] of new URL(callback).searchParams) {
      const input = document.createElement('input');
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    const loaded = new Promise((resolve) => frame.addEventListener('load', () => frame.contentDocument?.URL.includes('signed-in') && resolve()));
    form.submit();
    await loaded;
  }`,
  'in a call of the library': `([callback, authorizationUrl]) =>
    window.identity.setOAuthCodeForUrl(authorizationUrl, new URL(callback).searchParams.get('code')).catch(String)`,
  'in a message of another window': `async ([callback]) => {
    const { code, state } = Object.fromEntries(new URL(callback).searchParams);
    const response = { code, state, redirectUri: callback.split('?')[0] };
    const settled = new Promise((resolve) => setTimeout(resolve, 1500));
    postMessage({ type: 'identity:callback-relay', version: 1, response }, location.origin);
    await settled;
  }`,
};

const userOf = (target: TestApp): Promise<string> =>
  target.run(() => window.identity.credentials[0]?.username ?? 'nobody');

/** Brings the response home. */
async function attack(target: TestApp, way: string): Promise<void> {
  await target.open();
  await target.handleChallengesInApp();
  await target.startSignIn();
  const authorizationUrl = (await target.challengeUrl()).href;
  const callback = await authorize(authorizationUrl, 'ben');
  await target.runText(`(${ways[way]})(${JSON.stringify([callback.href, authorizationUrl])})`);
  // Redeemed or refused: the worker answers calls after what came before them.
  await target.run(() => window.identity.inspectClients());
}

for (const way of Object.keys(ways)) {
  test(
    `a response of another user’s is not taken ${way} where the worker takes it`,
    { tag: ['@S7', '@S11'] },
    async ({ variant }) => {
      const control = await variant(lenient);
      await attack(control, way);
      await expect.poll(() => userOf(control), 'control').toBe('ben');
      const ours = await variant(strict);
      await attack(ours, way);
      expect(await userOf(ours)).toBe('nobody');
    },
  );
}

test(
  'a silent sign-in does not put another user in the place of the one who is signed in',
  { tag: ['@S7', '@S11'] },
  async ({ variant }) => {
    /** The attacker's page script opens a silent challenge, and brings the response home in its frame. */
    const attackSilently = async (target: TestApp): Promise<string> => {
      await target.run(() => {
        // Its frame is the attacker's own: the one of the library never comes home.
        const append = document.body.append.bind(document.body);
        document.body.append = (...nodes) => {
          for (const node of nodes)
            if (node instanceof HTMLIFrameElement) {
              sessionStorage.setItem('authorization URL', node.src);
              node.src = 'about:blank';
            }
          append(...nodes);
        };
        void window.identity.signIn({ silent: true }).catch(String);
      });
      const read = (): Promise<string> => target.run(() => sessionStorage.getItem('authorization URL') ?? '');
      await expect.poll(read).toContain('/authorize');
      const callback = await authorize(await read(), 'ben');
      await target.runText(`(${ways['in a hidden frame']})(${JSON.stringify([callback.href, ''])})`);
      await target.run(() => window.identity.inspectClients());
      return userOf(target);
    };
    // Control: where nobody is signed in, nothing tells the users apart.
    const signedOut = await variant(strict);
    await signedOut.open();
    expect(await attackSilently(signedOut)).toBe('ben');
    const ours = await signedIn(await variant(strict), 'signInByWindow');
    expect(await attackSilently(ours)).toBe('ana');
  },
);

test(
  'the user is told in whose account the page works',
  { tag: ['@S11', '@user-interface'] },
  async ({ variant }) => {
    const target = await variant(strict);
    await target.open();
    const other = await target.newTab();
    // A window cannot be told from the one that the app has opened.
    await target.startSignIn();
    const popup = await target.openWindowFromDialog();
    const callback = await authorize(popup.url(), 'ben');
    await Promise.all([popup.waitForEvent('close'), popup.goto(callback.href).catch(() => undefined)]);
    for (const { page } of [target, other])
      await expect(page.locator('identity-worker-status p[aria-live]')).toHaveText(
        /^Signed in to .Demo Portal.: .ben.$/,
      );
    expect(await userOf(target)).toBe('ben');
  },
);
