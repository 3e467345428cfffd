/** Portal items that are not public: portals say that there is no such item, or that it may not be read. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';

/** An item of the organisation, and one that only its owner may read. */
const countries = '0a1b2c3d4e5f60718293a4b5c6d7e8f1';
const sites = '0a1b2c3d4e5f60718293a4b5c6d7e8f3';
const missing = 'f'.repeat(32);

const item = (app: TestApp, path: string): string => `${app.portal.url}/sharing/rest/content/items/${path}`;

const refused = { error: { code: 403, messageCode: 'GWM_0003' } };

/** Asks in the page for all at once, without waiting: the answers may take a sign-in. */
const ask = (
  app: TestApp,
  requests: readonly (readonly [url: string, init?: RequestInit])[],
): Promise<void> =>
  app.run(
    (all) => {
      const answers = all.map(([url, init]) => fetch(url, init).then((response) => response.text()));
      Object.assign(window, { answers: Promise.all(answers) });
    },
    requests as [string, RequestInit?][],
  );

const answersOf = (app: TestApp): Promise<string[]> =>
  app.run(() => (window as unknown as { answers: Promise<string[]> }).answers);

test.describe('a portal that refuses private items', () => {
  test.beforeEach(({ portal }) => portal.control.setPrivateItems('forbidden'));

  test(
    'asks for one sign-in, and then gives items, data and resources, in every format',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const wanted: readonly (readonly [path: string, content: string, init?: RequestInit])[] = [
        [`${countries}?f=json`, '"title":"Countries"'],
        [`${countries}?f=pjson`, '"title": "Countries"'],
        [`${countries}/data?f=json`, '"layers"'],
        [`${countries}/data`, '"layers"'],
        [`${countries}/resources/notes/legend.json`, '"legend"'],
        [countries, '"title":"Countries"', { method: 'POST', body: 'f=json', headers: form }],
      ];
      await app.open();
      await ask(
        app,
        wanted.map(([path, , init]) => (init ? [item(app, path), init] : [item(app, path)])),
      );
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      const answers = await answersOf(app);
      expect(answers).toEqual(wanted.map(([, content]) => expect.stringContaining(content)));
      expect(app.tokenRequests('authorization_code')).toBe(1);
      expect(await app.isPrompting()).toBe(false);
    },
  );

  test('asks for a sign-in for an image alone', { tag: ['@user-interface'] }, async ({ app }) => {
    await app.open();
    const width = app.loadImage(item(app, `${countries}/info/thumbnail/thumbnail.png`));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await width).toBe(200);
  });

  test('a user who cancels gets the refusal', { tag: ['@user-interface'] }, async ({ app }) => {
    await app.open();
    await ask(app, [[item(app, `${countries}?f=json`)]]);
    await app.waitForDialog();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(JSON.parse((await answersOf(app))[0]!)).toMatchObject(refused);
  });

  test(
    'a user who signs in without the permission gets the refusal, and is not asked again',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      await ask(app, [[item(app, `${sites}?f=json`)]]);
      await app.fillIn(await app.openWindowFromDialog(), 'ben');
      expect(JSON.parse((await answersOf(app))[0]!)).toMatchObject(refused);
      app.portal.log.clear();
      expect(await app.fetchJson(item(app, `${sites}/data?f=json`))).toMatchObject(refused);
      expect(app.portal.log.entries).toHaveLength(1);
      expect(await app.isPrompting()).toBe(false);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ben' }]);
      expect(await app.fetchJson(item(app, `${countries}?f=json`))).toMatchObject({ title: 'Countries' });
    },
  );

  test('an item that does not exist asks for nothing', async ({ app }) => {
    await app.open();
    expect(await app.fetchJson(item(app, `${missing}?f=json`))).toMatchObject({ error: { code: 400 } });
    expect(await app.isPrompting()).toBe(false);
    expect(app.portal.log.entries).toHaveLength(1);
  });
});

test('a portal that hides items is asked as it is, and gives them to who has signed in', async ({ app }) => {
  await app.open();
  expect(await app.fetchJson(item(app, `${countries}?f=json`))).toMatchObject({
    error: { code: 400, messageCode: 'CONT_0001' },
  });
  expect(await app.isPrompting()).toBe(false);
  await openSignedIn({ app });
  expect(await app.fetchJson(item(app, `${countries}?f=json`))).toMatchObject({ title: 'Countries' });
});
