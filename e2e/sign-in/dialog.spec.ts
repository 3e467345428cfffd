/** The sign-in dialog: how every state of it looks, reads and works by keyboard, and its languages. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, registeredWith, test, type Page, type TestApp } from '../support/fixtures.js';
import { aCount } from '../support/services.js';
import { alertOf, dialogOf, forbidWindows, mainButtonOf, requestPrompt } from '../support/dialog.js';
import { takePictures } from '../support/pictures.js';

const outOfBand = { identityConfig: registeredWith({ redirectUri: 'urn:ietf:wg:oauth:2.0:oob' }) };

/** The state of the open challenge, for an authorization response that the test makes up. */
const stateOf = (app: TestApp): Promise<string> =>
  app.run(() => new URL(window.challenge?.authorizationUrl ?? '').searchParams.get('state') ?? '');

/** Keeps the challenge for the test, and leaves it to the dialog. */
const keepChallenge = (app: TestApp): Promise<void> =>
  app.run(() => {
    window.identity.addEventListener('oauth-code-required', (event) => {
      window.challenge = event;
    });
  });

interface State {
  name: string;
  isOutOfBand?: boolean;
  reach: (app: TestApp) => Promise<void>;
  focus: { role: 'button' | 'link' | 'textbox'; name: string };
  snapshot: string;
}

const states: State[] = [
  {
    name: 'prompt',
    reach: async (app) => void (await requestPrompt(app)),
    focus: { role: 'button', name: 'Sign in' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph: This page shows content that Demo Portal protects. Signing in opens a window of its own.
        - button "Cancel"
        - button "Sign in"`,
  },
  {
    name: 'expired',
    reach: async (app) => {
      await app.signIn('ana');
      app.portal.control.revokeRefreshTokens();
      app.portal.control.revokeAccessTokens();
      await app.consumeUserActivation();
      await requestPrompt(app);
    },
    focus: { role: 'button', name: 'Sign in' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph: Your session at Demo Portal has ended. Sign in again to go on where you were.
        - button "Cancel"
        - button "Sign in"`,
  },
  {
    name: 'waiting',
    reach: async (app) => {
      await requestPrompt(app);
      await app.waitForPopup(() => mainButtonOf(app).click());
      await app.page.bringToFront();
    },
    focus: { role: 'button', name: 'Open the window again' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph: Finish signing in to Demo Portal in the other window. This page goes on by itself.
        - button "Cancel"
        - button "Open the window again"`,
  },
  {
    name: 'blocked',
    reach: async (app) => {
      await forbidWindows(app);
      await requestPrompt(app);
      await mainButtonOf(app).click();
      await expect(dialogOf(app).getByRole('link')).toBeVisible();
    },
    focus: { role: 'link', name: 'Open in a new tab' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - alert: /The browser did not let the window open/
        - button "Cancel"
        - button "Sign in again"
        - link "Open in a new tab"`,
  },
  {
    name: 'unreachable',
    reach: async (app) => {
      app.portal.control.fault('/oauth2/token', { html: '<h1>Gateway</h1>' });
      await requestPrompt(app);
      await app.fillIn(await app.waitForPopup(() => mainButtonOf(app).click()), 'ana');
      await expect(alertOf(app)).not.toBeEmpty();
    },
    focus: { role: 'button', name: 'Sign in again' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - alert: Demo Portal cannot be reached at the moment. Please try again in a little while.
        - button "Cancel"
        - button "Sign in again"`,
  },
  {
    name: 'refused',
    reach: async (app) => {
      await keepChallenge(app);
      await requestPrompt(app);
      const tab = await app.page.context().newPage();
      await tab.goto(`${app.url}/signed-in.html?error=unauthorized_client&state=${await stateOf(app)}`);
      await expect(alertOf(app)).not.toBeEmpty();
      await app.page.bringToFront();
    },
    focus: { role: 'button', name: 'Sign in again' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - alert: /Demo Portal did not let this app sign you in/
        - button "Cancel"
        - button "Sign in again"`,
  },
  {
    name: 'code',
    isOutOfBand: true,
    reach: async (app) => void (await requestPrompt(app)),
    focus: { role: 'button', name: 'Sign in' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph: Sign in to Demo Portal in the window that opens, copy the code it shows, and paste it here.
        - text: Code
        - textbox "Code"
        - button "Cancel"
        - button "Sign in"
        - button "Continue"`,
  },
  {
    name: 'code unclear',
    isOutOfBand: true,
    reach: async (app) => {
      await requestPrompt(app);
      await dialogOf(app).getByRole('textbox').fill('the code from the page');
      await dialogOf(app).getByRole('textbox').press('Enter');
      await expect(alertOf(app)).not.toBeEmpty();
    },
    focus: { role: 'textbox', name: 'Code' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph
        - alert: There is no code in this text. Copy the whole code from the sign-in page and paste it here.
        - text: Code
        - textbox "Code": the code from the page
        - button "Cancel"
        - button "Sign in"
        - button "Continue"`,
  },
  {
    name: 'code being checked',
    isOutOfBand: true,
    reach: async (app) => {
      const hold = app.portal.control.hold('/oauth2/token', { before: true });
      await requestPrompt(app);
      await dialogOf(app).getByRole('textbox').fill('mistyped');
      await dialogOf(app).getByRole('textbox').press('Enter');
      await hold.reached(1);
    },
    focus: { role: 'textbox', name: 'Code' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph: Checking the code…
        - text: Code
        - textbox "Code": mistyped
        - button "Cancel"
        - button "Sign in"
        - button "Continue" [disabled]`,
  },
  {
    name: 'code refused',
    isOutOfBand: true,
    reach: async (app) => {
      await requestPrompt(app);
      await dialogOf(app).getByRole('textbox').fill('mistyped');
      await dialogOf(app).getByRole('textbox').press('Enter');
      await expect(alertOf(app)).not.toBeEmpty();
    },
    focus: { role: 'button', name: 'Sign in again' },
    snapshot: `
      - dialog "Sign in to Demo Portal":
        - heading "Sign in to Demo Portal" [level=2]
        - paragraph
        - alert: Demo Portal did not accept this code. Please sign in again to get a new one.
        - text: Code
        - textbox "Code"
        - button "Cancel"
        - button "Sign in again"
        - button "Continue"`,
  },
];

/** Folder for pictures of all states, for review. */
const pictures = process.env['DIALOG_PICTURES'];

/** No violation, nothing cut off, nothing too small to be touched. @param isLookedThrough - Whether axe can find anything new. */
async function expectGood(app: TestApp, name: string, isLookedThrough = true): Promise<void> {
  const { page } = app;
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png` });
  if (isLookedThrough) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
      [],
    );
  }
  const { overflow, outside, small } = await page.evaluate(() => {
    const root = document.querySelector('identity-worker-dialog')?.shadowRoot;
    const dialog = root?.querySelector('dialog');
    const { left = 0, right = 0, top = 0, bottom = 0 } = dialog?.getBoundingClientRect() ?? {};
    const targets = [...(root?.querySelectorAll('button, a, input') ?? [])].map((part) =>
      part.getBoundingClientRect(),
    );
    return {
      overflow: (dialog?.scrollWidth ?? 0) - (dialog?.clientWidth ?? 0),
      outside: left < 0 || top < 0 || right > innerWidth || bottom > innerHeight,
      small: targets.filter(({ width, height }) => width > 0 && (width < 44 || height < 44)).length,
    };
  });
  expect({ overflow, outside, small }).toEqual({ overflow: 0, outside: false, small: 0 });
}

/** Axe computes contrasts from the style sheet: forced colours and sizes change nothing that it looks at. */
const looks: [name: string, put: (page: Page) => Promise<void>, isLookedThrough: boolean][] = [
  ['light', (page) => page.emulateMedia({ colorScheme: 'light' }), true],
  ['dark', (page) => page.emulateMedia({ colorScheme: 'dark' }), true],
  ['forced colours', (page) => page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' }), false],
  [
    'forced dark colours',
    (page) => page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' }),
    false,
  ],
  ['less motion', (page) => page.emulateMedia({ forcedColors: 'none', reducedMotion: 'reduce' }), false],
  ['400 percent', (page) => page.setViewportSize({ width: 320, height: 256 }), false],
];

for (const { name, isOutOfBand, reach, focus, snapshot } of states) {
  test.describe(name, () => {
    if (isOutOfBand === true) test.use(outOfBand);

    test(
      'focuses what comes next, reads and looks as it should, closes with Escape, and gives the focus back',
      { tag: name === 'prompt' ? ['@user-interface', '@picture'] : ['@user-interface'] },
      async ({ app }) => {
        await app.open();
        await app.run(() => document.querySelector<HTMLElement>('#sign-in')?.focus());
        await reach(app);
        const next = dialogOf(app).getByRole(focus.role, { name: focus.name, exact: true });
        await expect(next).toBeFocused();
        await expect(dialogOf(app)).toMatchAriaSnapshot(snapshot);
        if (name === 'prompt') await takePictures(app.page, 'dialog', { shown: dialogOf(app) });
        for (const [look, put, isLookedThrough] of looks) {
          await put(app.page);
          await expectGood(app, `${name}, ${look}`, isLookedThrough);
        }
        await expect(next).toBeFocused();
        await app.page.keyboard.press('Escape');
        await expect(dialogOf(app)).toHaveCount(0);
        expect(await app.run(() => document.activeElement?.id)).toBe('sign-in');
        // The browser tells of Escape a moment after it has closed the dialog.
        await expect.poll(() => app.isPrompting()).toBe(false);
      },
    );

    test('runs from right to left in Arabic', { tag: ['@user-interface'] }, async ({ app }) => {
      await app.open('/?language=ar');
      await reach(app);
      await expect(dialogOf(app)).toHaveCSS('direction', 'rtl');
      await expect(dialogOf(app)).toHaveAccessibleName('تسجيل الدخول إلى Demo Portal');
      await expectGood(app, `${name}, Arabic`);
      await app.page.setViewportSize({ width: 320, height: 640 });
      await expectGood(app, `${name}, Arabic, phone`, false);
      const words = (await dialogOf(app).innerText()).replaceAll(
        /Demo Portal|mistyped|the code from the page/g,
        '',
      );
      expect(words).not.toMatch(/[a-z]/i);
    });
  });
}

test(
  'the keyboard alone is enough, and cannot leave the dialog',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    await app.run(() => document.querySelector<HTMLElement>('#sign-in')?.focus());
    const answer = await requestPrompt(app);
    const focused = (): Promise<string> =>
      app.page.evaluate(() => {
        const { activeElement } = document.querySelector('identity-worker-dialog')?.shadowRoot ?? {};
        return activeElement?.textContent ?? document.activeElement?.tagName ?? '';
      });
    expect(await focused()).toBe('Sign in');
    const seen = new Set<string>();
    for (let step = 0; step < 6; step += 1) {
      await app.page.keyboard.press('Tab');
      seen.add(await focused());
    }
    // The browser's own buttons are the only others that can be reached.
    expect([...seen].toSorted()).toEqual(expect.arrayContaining(['Cancel', 'Sign in']));
    expect([...seen].every((name) => ['Cancel', 'Sign in', 'BODY', 'HTML'].includes(name))).toBe(true);
    while ((await focused()) !== 'Sign in') await app.page.keyboard.press('Tab');
    const popup = await app.waitForPopup(() => app.page.keyboard.press('Enter'));
    await app.fillIn(popup, 'ana');
    expect(await answer()).toEqual(aCount);
    await expect(dialogOf(app)).toHaveCount(0);
    expect(await app.run(() => document.activeElement?.id)).toBe('sign-in');
  },
);

test(
  'Escape gives the waiting request the portal’s own answer, and rejects signIn',
  { tag: ['@H3', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = await requestPrompt(app);
    const outcome = await app.startSignIn();
    await app.page.keyboard.press('Escape');
    await expect(dialogOf(app)).toHaveCount(0);
    expect(await answer()).toMatchObject({ error: { code: 499 } });
    expect(await outcome()).toBe('challenge-cancelled');
  },
);

test.describe('languages', () => {
  const title = (app: TestApp): Promise<string | null> => dialogOf(app).getByRole('heading').textContent();

  for (const [page, browser, expected, lang] of [
    ['de', 'en-US', 'Bei Demo Portal anmelden', 'de'],
    ['es-MX', 'en-US', 'Iniciar sesión en Demo Portal', 'es'],
    ['fr-CA', 'de-DE', 'Se connecter à Demo Portal', 'fr'],
    ['ja', 'en-US', 'Demo Portal にサインイン', 'ja'],
    ['', 'de-AT', 'Bei Demo Portal anmelden', 'de'],
    ['it', 'fr-FR', 'Se connecter à Demo Portal', 'fr'],
    ['it', 'nl-NL', 'Sign in to Demo Portal', 'en'],
  ] as const) {
    test.describe(() => {
      test.use({ locale: browser });

      test(
        `a page in “${page}” and a browser in ${browser}: “${expected}”`,
        { tag: ['@user-interface'] },
        async ({ app }) => {
          await app.open();
          await app.run((language) => document.documentElement.setAttribute('lang', language), page);
          await requestPrompt(app);
          expect(await title(app)).toBe(expected);
          await expect(dialogOf(app)).toHaveAttribute('lang', lang);
          await expect(dialogOf(app)).toHaveCSS('direction', 'ltr');
        },
      );
    });
  }

  test(
    'the app names the language and has texts of its own',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      const texts = encodeURIComponent(JSON.stringify({ title: 'Accedi a {portal}', signIn: 'Accedi' }));
      await app.open(`/?language=it&texts=${texts}`);
      await requestPrompt(app);
      expect(await title(app)).toBe('Accedi a Demo Portal');
      await expect(dialogOf(app)).toHaveAttribute('lang', 'it');
      await expect(dialogOf(app).getByRole('button', { name: 'Accedi' })).toBeVisible();
      await expect(dialogOf(app).getByRole('button', { name: 'Cancel' })).toBeVisible();
    },
  );

  test(
    'a language that cannot be loaded leaves the dialog in English',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.page.context().route(/\/de-\w+\.js$|\/de-[\w-]+\.js$/, (route) => route.abort());
      await app.open('/?language=de');
      await requestPrompt(app);
      expect(await title(app)).toBe('Sign in to Demo Portal');
      await expect(dialogOf(app)).toHaveAttribute('lang', 'en');
    },
  );

  test('errors are described in the same language', async ({ app }) => {
    await app.open('/?language=fr');
    const told = await app.run(async () => {
      const failure = await window.identity
        .setOAuthCodeForUrl('https://nowhere.example/', 'x')
        .catch((error: unknown) => error);
      return [
        await window.identity.describeError(failure),
        await window.identity.describeError(new Error('x')),
      ];
    });
    expect(told).toEqual([
      'La connexion à Demo Portal a été interrompue. Veuillez réessayer.',
      'La connexion n’est pas possible ici pour le moment. Veuillez recharger la page.',
    ]);
  });

  const name = `<img src=x onerror="document.title='run'"> $& {portal} ${'Donaudampfschifffahrtsgesellschaft'.repeat(4)}`;
  test.describe(() => {
    // The server that writes the name into the worker takes `$` for a sign of its own.
    test.use({ identityConfig: registeredWith({ name: name.replace('$', '$$$$') }) });

    test(
      'a portal’s name is text, whatever its length and characters',
      { tag: ['@user-interface'] },
      async ({ app }) => {
        await app.open();
        await requestPrompt(app);
        expect(await title(app)).toBe(`Sign in to ${name}`);
        await expect(dialogOf(app).locator('img')).toHaveCount(0);
        await expectGood(app, 'long name');
        await app.page.setViewportSize({ width: 320, height: 256 });
        await expectGood(app, 'long name, 400 percent');
        expect(await app.page.title()).toBe('Test app');
      },
    );
  });
});

test.describe('a strict policy', () => {
  test.use({
    appHeaders: {
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; worker-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types identity-worker",
    },
  });

  test(
    'the dialog has its style and its language under a strict policy',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open('/?language=ar');
      const violations = app.run(
        () =>
          new Promise<string>((resolve) => {
            document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
              resolve(violatedDirective),
            );
            document.addEventListener('all-done', () => resolve('none'));
          }),
      );
      const answer = await requestPrompt(app);
      await expect(mainButtonOf(app)).toHaveCSS('background-color', 'rgb(11, 92, 173)');
      await expect(dialogOf(app)).toHaveAttribute('dir', 'rtl');
      await app.fillIn(await app.waitForPopup(() => mainButtonOf(app).click()), 'ana');
      expect(await answer()).toEqual(aCount);
      await app.run(() => document.dispatchEvent(new Event('all-done')));
      expect(await violations).toBe('none');
    },
  );
});
