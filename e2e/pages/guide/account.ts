import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
const account = document.querySelector('#account');

identity.addEventListener('credentials-changed', () => {
  account?.replaceChildren(identity.credentials[0]?.username ?? 'nobody');
});

document.querySelector('#sign-in')?.addEventListener('click', () => {
  // Opens the window in the click.
  identity.signIn().catch(async (error: unknown) => {
    account?.replaceChildren(await identity.describeError(error)); // in the user's language
  });
});

document.querySelector('#sign-out')?.addEventListener('click', () => {
  void identity.signOut();
});
