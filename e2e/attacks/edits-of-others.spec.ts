/** Edits that were made offline are sent in the name of the user who made them, and of nobody else. */
import { cutEdits, expect, notesAt, sentBy, test, type EditingApp } from '../support/edits.js';

/** How another user comes to be signed in, before or while what waits is sent. */
const ways: readonly (readonly [name: string, change: (app: EditingApp) => Promise<void>])[] = [
  [
    'after a sign-out',
    async (app) => {
      await app.run(() => window.identity.signOut());
      await app.signIn('ben');
    },
  ],
  ['in place of the first', (app) => app.signIn('ben')],
  [
    'after a stop of the worker',
    async (app) => {
      await app.signIn('ben');
      await app.stopWorker();
    },
  ],
  [
    'after a session that the portal has ended',
    async (app) => {
      app.portal.control.revokeRefreshTokens({ user: 'ana' });
      app.portal.control.revokeAccessTokens({ user: 'ana' });
      await app.signIn('ben');
    },
  ],
  [
    'in another tab',
    async (app) => {
      const tab = await app.newEditingTab();
      await tab.signIn('ben');
      await tab.page.close();
    },
  ],
];

/** Ana's edit waits, ben signs in, and the network is back. @returns Who has sent it. */
async function editAndChange(
  app: EditingApp,
  change: (app: EditingApp) => Promise<void>,
): Promise<readonly (string | undefined)[]> {
  await app.open();
  await app.signIn('ana');
  const repair = cutEdits(app.portal);
  expect(await app.add('by ana')).toBe(202);
  await change(app);
  repair();
  app.portal.log.clear();
  await app.comeOnline();
  return sentBy(app.portal);
}

for (const [name, change] of ways)
  test(`a user who has signed in ${name} does not send the edits of the one before`, async ({
    app,
    portal,
  }) => {
    await editAndChange(app, change);
    await expect.poll(() => app.waiting()).toMatchObject([{ state: 'other-user', username: 'ana' }]);
    // What ben sends himself is his.
    expect(await app.add('by ben')).toBe(200);
    expect(sentBy(portal)).toEqual(['ben']);
  });

test('a user who signs in while an edit of another is about to be sent does not send it', async ({
  app,
  portal,
}) => {
  await app.open();
  await app.signIn('ana');
  const repair = cutEdits(portal);
  expect(await app.add('by ana')).toBe(202);
  const hold = portal.control.hold('/oauth2/token');
  portal.control.expireAccessTokens();
  await app.advanceWorkerClock(3600_000);
  portal.log.clear();
  repair();
  await app.comeOnline();
  await hold.reached(1);
  await app.run(() => window.identity.signOut());
  const signedIn = app.signIn('ben');
  await hold.reached(2);
  hold.release();
  await signedIn;
  await expect
    .poll(() => app.waiting())
    .toEqual([{ state: 'other-user', username: 'ana', code: 'edit-of-other-user' }]);
  await app.comeOnline();
  await app.waiting();
  // One that was on its way with ana's token was refused: it had expired.
  expect(sentBy(portal)).not.toContain('ben');
  expect(await notesAt(app)).toEqual([]);
});

test.describe('without the queue’s rule', () => {
  test.use({ workerFile: '/naive-edits-worker.js' });

  test('the user who is signed in sends them (control)', async ({ app, portal }) => {
    await editAndChange(app, (own) => own.signIn('ben'));
    await expect.poll(() => sentBy(portal)).toEqual(['ben']);
  });
});
