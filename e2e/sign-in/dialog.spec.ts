/** The sign-in dialog: every state of it, as it looks, reads and is worked by keyboard, in its languages; and what follows when things go wrong. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, registration, test, type IdentityConfig, type Page, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const aCount = { count: expect.any(Number) as unknown };

const withOptions = (options: Record<string, unknown>): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }) },
});
const outOfBand = withOptions({ redirectUri: 'urn:ietf:wg:oauth:2.0:oob' });

const dialogOf = (app: TestApp) => app.page.getByRole('dialog');
const main = (app: TestApp) => app.page.locator('identity-worker-dialog .main');
const alert = (app: TestApp) => dialogOf(app).getByRole('alert');

/** A request that meets a wall, and the dialog that asks for its sign-in. */
async function ask(app: TestApp): Promise<() => Promise<Record<string, unknown>>> {
  const answer = app.fetchJson(app.hosted(count));
  answer.catch(() => undefined);
  await app.dialogShown();
  return () => answer;
}

/** Opens the sign-in window by the dialog, and signs in there up to the page that shows the code. */
async function fetchCode(app: TestApp, popup: Page): Promise<string> {
  await fillInForm(popup, 'ana');
  return popup.getByLabel('Authorization code').inputValue();
}

/** A browser whose user has forbidden windows altogether. */
const forbidWindows = (app: TestApp): Promise<void> =>
  app.run(() => {
    Object.assign(window, { openAllowed: window.open.bind(window) });
    window.open = () => null;
  });

/** The state of the challenge that the page was asked for, for a portal's answer of the test's own making. */
const stateOf = (app: TestApp): Promise<string> =>
  app.run(() => new URL(window.challenge?.authorizationUrl ?? '').searchParams.get('state') ?? '');

/** Lets the app listen to challenges without taking them. */
const overhear = (app: TestApp): Promise<void> =>
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
    name: 'ask',
    reach: async (app) => void (await ask(app)),
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
      await app.clickForgotten();
      await ask(app);
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
      await ask(app);
      await app.popupOf(() => main(app).click());
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
      await ask(app);
      await main(app).click();
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
      await ask(app);
      await app.fillIn(await app.popupOf(() => main(app).click()), 'ana');
      await expect(alert(app)).not.toBeEmpty();
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
      await overhear(app);
      await ask(app);
      const tab = await app.page.context().newPage();
      await tab.goto(`${app.url}/signed-in.html?error=unauthorized_client&state=${await stateOf(app)}`);
      await expect(alert(app)).not.toBeEmpty();
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
    reach: async (app) => void (await ask(app)),
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
      await ask(app);
      await dialogOf(app).getByRole('textbox').fill('the code from the page');
      await dialogOf(app).getByRole('textbox').press('Enter');
      await expect(alert(app)).not.toBeEmpty();
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
      await ask(app);
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
      await ask(app);
      await dialogOf(app).getByRole('textbox').fill('mistyped');
      await dialogOf(app).getByRole('textbox').press('Enter');
      await expect(alert(app)).not.toBeEmpty();
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

/** Where pictures of all states go, for people to look at. */
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

    test('reads as it should, and looks right however people see', async ({ app }) => {
      await app.open();
      await reach(app);
      await expect(dialogOf(app)).toMatchAriaSnapshot(snapshot);
      for (const [look, put, isLookedThrough] of looks) {
        await put(app.page);
        await expectGood(app, `${name}, ${look}`, isLookedThrough);
      }
    });

    test('runs from right to left in Arabic', async ({ app }) => {
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

    test('has the focus on what comes next, ends with Escape, and gives the focus back', async ({ app }) => {
      await app.open();
      await app.run(() => document.querySelector<HTMLElement>('#sign-in')?.focus());
      await reach(app);
      const next = dialogOf(app).getByRole(focus.role, { name: focus.name, exact: true });
      await expect(next).toBeFocused();
      await app.page.keyboard.press('Escape');
      await expect(dialogOf(app)).toHaveCount(0);
      expect(await app.run(() => document.activeElement?.id)).toBe('sign-in');
      // The browser tells of Escape a moment after it has closed the dialog.
      await expect.poll(() => app.isAsking()).toBe(false);
    });
  });
}

test('the keyboard alone is enough, and cannot leave the dialog', async ({ app }) => {
  await app.open();
  await app.run(() => document.querySelector<HTMLElement>('#sign-in')?.focus());
  const answer = await ask(app);
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
  const popup = await app.popupOf(() => app.page.keyboard.press('Enter'));
  await app.fillIn(popup, 'ana');
  expect(await answer()).toEqual(aCount);
  await expect(dialogOf(app)).toHaveCount(0);
  expect(await app.run(() => document.activeElement?.id)).toBe('sign-in');
});

test('Escape gives the waiting request the portal’s own answer, and rejects signIn', async ({ app }) => {
  await app.open();
  const answer = await ask(app);
  const outcome = await app.beginSignIn();
  await app.page.keyboard.press('Escape');
  await expect(dialogOf(app)).toHaveCount(0);
  expect(await answer()).toMatchObject({ error: { code: 499 } });
  expect(await outcome()).toBe('challenge-cancelled');
});

test.describe('words', () => {
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

      test(`a page in “${page}” and a browser in ${browser}: “${expected}”`, async ({ app }) => {
        await app.open();
        await app.run((language) => document.documentElement.setAttribute('lang', language), page);
        await ask(app);
        expect(await title(app)).toBe(expected);
        await expect(dialogOf(app)).toHaveAttribute('lang', lang);
        await expect(dialogOf(app)).toHaveCSS('direction', 'ltr');
      });
    });
  }

  test('the app names the language and has words of its own', async ({ app }) => {
    const texts = encodeURIComponent(JSON.stringify({ title: 'Accedi a {portal}', signIn: 'Accedi' }));
    await app.open(`/?language=it&texts=${texts}`);
    await ask(app);
    expect(await title(app)).toBe('Accedi a Demo Portal');
    await expect(dialogOf(app)).toHaveAttribute('lang', 'it');
    await expect(dialogOf(app).getByRole('button', { name: 'Accedi' })).toBeVisible();
    await expect(dialogOf(app).getByRole('button', { name: 'Cancel' })).toBeVisible();
  });

  test('a language that cannot be loaded leaves the dialog in English', async ({ app }) => {
    await app.page.context().route(/\/de-\w+\.js$|\/de-[\w-]+\.js$/, (route) => route.abort());
    await app.open('/?language=de');
    await ask(app);
    expect(await title(app)).toBe('Sign in to Demo Portal');
    await expect(dialogOf(app)).toHaveAttribute('lang', 'en');
  });

  test('failures are told to people in the same words', async ({ app }) => {
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
    test.use(withOptions({ name: name.replace('$', '$$$$') }));

    test('a portal’s name is text, however long, whatever is in it', async ({ app }) => {
      await app.open();
      await ask(app);
      expect(await title(app)).toBe(`Sign in to ${name}`);
      await expect(dialogOf(app).locator('img')).toHaveCount(0);
      await expectGood(app, 'long name');
      await app.page.setViewportSize({ width: 320, height: 256 });
      await expectGood(app, 'long name, 400 percent');
      expect(await app.page.title()).toBe('Test app');
    });
  });
});

test.describe('a strict policy', () => {
  test.use({
    appHeaders: {
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; worker-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types identity-worker",
    },
  });

  test('is kept, and the dialog has its style and its language', async ({ app }) => {
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
    const answer = await ask(app);
    await expect(main(app)).toHaveCSS('background-color', 'rgb(11, 92, 173)');
    await expect(dialogOf(app)).toHaveAttribute('dir', 'rtl');
    await app.fillIn(await app.popupOf(() => main(app).click()), 'ana');
    expect(await answer()).toEqual(aCount);
    await app.run(() => document.dispatchEvent(new Event('all-done')));
    expect(await violations).toBe('none');
  });
});

test.describe('the window', () => {
  test('that is blocked even in the click: the sign-in page opens in a tab, and closes', async ({ app }) => {
    await app.open();
    await forbidWindows(app);
    const answer = await ask(app);
    await main(app).click();
    const link = dialogOf(app).getByRole('link', { name: 'Open in a new tab' });
    await expect(link).toBeFocused();
    const [tab] = await Promise.all([app.page.context().waitForEvent('page'), link.press('Enter')]);
    await expect(dialogOf(app)).toContainText('other window');
    await app.fillIn(tab, 'ana');
    expect(await answer()).toEqual(aCount);
    await expect(dialogOf(app)).toHaveCount(0);
  });

  test('that is blocked works again once windows are allowed', async ({ app }) => {
    await app.open();
    await forbidWindows(app);
    const answer = await ask(app);
    await main(app).click();
    await expect(dialogOf(app).getByRole('link')).toBeVisible();
    await app.run(() => {
      window.open = Reflect.get(window, 'openAllowed') as typeof window.open;
    });
    const again = dialogOf(app).getByRole('button', { name: 'Sign in again' });
    await app.fillIn(await app.popupOf(() => again.click()), 'ana');
    expect(await answer()).toEqual(aCount);
  });

  test('that is open already comes to the front and keeps what was typed', async ({ app }) => {
    await app.open();
    const answer = await ask(app);
    const popup = await app.popupOf(() => main(app).click());
    await popup.getByLabel('Username').fill('ana');
    await dialogOf(app).getByRole('button', { name: 'Open the window again' }).click();
    expect(app.page.context().pages()).toHaveLength(2);
    await expect(popup.getByLabel('Username')).toHaveValue('ana');
    await app.fillIn(popup, 'ana');
    expect(await answer()).toEqual(aCount);
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
  });

  test('stands centred over the page', async ({ app }) => {
    await app.open();
    await app.run(() => {
      const open = window.open.bind(window);
      window.open = (...args) => {
        document.body.dataset['features'] = args[2] ?? '';
        return open(...args);
      };
      Object.defineProperties(window, {
        screenX: { value: -1900 },
        screenY: { value: 100 },
        outerWidth: { value: 1800 },
        outerHeight: { value: 900 },
      });
      Object.defineProperties(screen, {
        availLeft: { value: -1920 },
        availTop: { value: 0 },
        availWidth: { value: 1920 },
        availHeight: { value: 1040 },
      });
    });
    await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    const features = await app.run(() => document.body.dataset['features']);
    expect(features).toBe('popup,width=520,height=700,left=-1260,top=200');
  });

  test('that ends at a portal out of reach: trying again lets the request succeed', async ({ app }) => {
    const repair = app.portal.control.fault('/oauth2/token', { status: 503 });
    await app.open();
    const answer = await ask(app);
    await app.fillIn(await app.answerDialog(), 'ana');
    await expect(alert(app)).toContainText('cannot be reached');
    repair();
    // The portal knows who it is: the window closes by itself.
    await app.popupOf(() => dialogOf(app).getByRole('button', { name: 'Sign in again' }).click());
    expect(await answer()).toEqual(aCount);
    await expect(dialogOf(app)).toHaveCount(0);
    expect(app.tokenRequests()).toBe(2);
  });

  test('that ends at a portal out of reach: Escape gives the request the portal’s own answer', async ({
    app,
  }) => {
    app.portal.control.fault('/oauth2/token', { status: 503 });
    await app.open();
    const answer = await ask(app);
    await app.fillIn(await app.answerDialog(), 'ana');
    await expect(alert(app)).toContainText('cannot be reached');
    await app.page.keyboard.press('Escape');
    expect(await answer()).toMatchObject({ error: { code: 499 } });
    await expect(dialogOf(app)).toHaveCount(0);
  });

  test('that fails in the app’s own click: signIn tells the app, and no dialog comes in between', async ({
    app,
  }) => {
    app.portal.control.fault('/oauth2/token', { status: 503 });
    await app.open();
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toHaveText('portal-unreachable');
    await expect(dialogOf(app)).toHaveCount(0);
  });
});

test.describe('a code by hand', () => {
  test.use(outOfBand);

  for (const [what, wrap] of [
    ['the title of the page', (code: string) => `SUCCESS code=${code}`],
    ['an address', (code: string) => ` https://gis.example.org/done?code=${code}&state=x `],
  ] as const) {
    test(`is found in ${what}`, async ({ app }) => {
      await app.open();
      const answer = await ask(app);
      const code = await fetchCode(app, await app.answerDialog());
      const field = dialogOf(app).getByLabel('Code');
      await expect(field).toBeFocused();
      await field.fill(wrap(code));
      await field.press('Enter');
      expect(await answer()).toEqual(aCount);
    });
  }

  test('that is no code is not sent, and the right one still works', async ({ app }) => {
    await app.open();
    const answer = await ask(app);
    const code = await fetchCode(app, await app.answerDialog());
    const field = dialogOf(app).getByLabel('Code');
    for (const text of ['', 'the code', app.portal.url]) {
      await field.fill(text);
      await field.press('Enter');
      await expect(alert(app)).toContainText('There is no code');
    }
    expect(app.tokenRequests()).toBe(0);
    await field.fill(code);
    await field.press('Enter');
    expect(await answer()).toEqual(aCount);
  });

  test('that is wrong, with no request waiting: the dialog stays, and signIn waits for the right one', async ({
    app,
  }) => {
    await app.open();
    const outcome = await app.beginSignIn();
    await app.dialogShown();
    const field = dialogOf(app).getByLabel('Code');
    for (const wrong of ['mistyped', 'mistyped-again']) {
      await field.fill(wrong);
      await field.press('Enter');
      await expect(alert(app)).toContainText('did not accept this code');
      await expect(field).toHaveValue('');
    }
    const again = dialogOf(app).getByRole('button', { name: 'Sign in again' });
    const code = await fetchCode(app, await app.popupOf(() => again.click()));
    await field.fill(code);
    await field.press('Enter');
    expect(await outcome()).toBe('signed in as ana');
    await expect(dialogOf(app)).toHaveCount(0);
    expect(app.tokenRequests()).toBe(3);
  });

  test('that is wrong after the window was open: the same window shows the form again', async ({ app }) => {
    await app.open();
    const answer = await ask(app);
    const popup = await app.answerDialog();
    const code = await fetchCode(app, popup);
    const field = dialogOf(app).getByLabel('Code');
    await field.fill(code.slice(0, -1));
    await field.press('Enter');
    await expect(alert(app)).toContainText('did not accept this code');
    app.portal.control.endSessions();
    await dialogOf(app).getByRole('button', { name: 'Sign in again' }).click();
    await field.fill(await fetchCode(app, popup));
    await field.press('Enter');
    expect(await answer()).toEqual(aCount);
    expect(app.page.context().pages()).toHaveLength(1);
  });

  test('that was wrong, given up in the very moment: the next challenge shows nothing any more', async ({
    app,
  }) => {
    await app.open();
    const outcome = await app.beginSignIn();
    await app.dialogShown();
    await app.run(() => {
      const root = document.querySelector('identity-worker-dialog')?.shadowRoot;
      const told = root?.querySelector('[role=alert]');
      new MutationObserver(() => root?.querySelector('button')?.click()).observe(told ?? document, {
        childList: true,
      });
    });
    await dialogOf(app).getByLabel('Code').fill('mistyped');
    await dialogOf(app).getByLabel('Code').press('Enter');
    expect(await outcome()).toBe('challenge-cancelled');
    expect(await app.isAsking()).toBe(false);
  });

  test('that was wrong: Escape rejects with the reason', async ({ app }) => {
    await app.open();
    const outcome = await app.beginSignIn();
    await app.dialogShown();
    await dialogOf(app).getByLabel('Code').fill('mistyped');
    await dialogOf(app).getByLabel('Code').press('Enter');
    await expect(alert(app)).toContainText('did not accept this code');
    await app.page.keyboard.press('Escape');
    await expect(dialogOf(app)).toHaveCount(0);
    expect(await outcome()).toBe('challenge-cancelled');
  });
});

test.describe('a sign-in UI of the app’s own', () => {
  const seen = (app: TestApp) =>
    app.run(() => {
      const {
        portal,
        portalName,
        outOfBand: isOutOfBand,
        reason,
        waitingRequests,
        signal,
      } = window.challenge ?? {};
      return { portal, portalName, isOutOfBand, reason, waitingRequests, isOver: signal?.aborted };
    });

  test('is told reason, and who waits', async ({ app }) => {
    await app.open();
    await app.takeOver();
    const outcome = await app.beginSignIn();
    const url = (await app.challengeUrl()).href;
    const told = { portal: app.portal.url, portalName: 'Demo Portal', isOutOfBand: false, isOver: false };
    expect(await seen(app)).toEqual({ ...told, reason: 'requested', waitingRequests: 0 });
    await app.fillInTab(url, 'ana');
    expect(await outcome()).toBe('signed in as ana');
    expect(await seen(app)).toMatchObject({ isOver: true });

    await app.run(() => window.identity.signOut());
    await app.run(() => delete window.challenge);
    const first = app.fetchJson(app.hosted(count));
    const next = (await app.challengeUrl()).href;
    expect(await seen(app)).toEqual({ ...told, reason: 'signed-out', waitingRequests: 1 });
    app.portal.control.endSessions();
    await app.fillInTab(next, 'ben');
    await first;

    app.portal.control.revokeRefreshTokens();
    app.portal.control.revokeAccessTokens();
    await app.run(() => delete window.challenge);
    const second = app.fetchJson(app.hosted(count));
    await app.challengeUrl();
    expect(await seen(app)).toEqual({ ...told, reason: 'expired', waitingRequests: 1 });
    await app.run(() => window.challenge?.cancel());
    expect(await second).toMatchObject({ error: expect.anything() });
    expect(await seen(app)).toMatchObject({ isOver: true });
    expect(await app.isAsking()).toBe(false);
  });

  test('is told of a challenge that another tab has answered', async ({ app }) => {
    await app.open();
    await app.takeOver();
    const answer = app.fetchJson(app.hosted(count));
    await app.challengeUrl();
    const other = await app.newTab();
    await other.signIn('ana');
    expect(await answer).toEqual(aCount);
    expect(await seen(app)).toMatchObject({ isOver: true });
  });
});
