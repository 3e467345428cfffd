import { IdentityManager, isIdentityError } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
const account = document.querySelector('#account');

identity.addEventListener('credentials-changed', () => {
  account?.replaceChildren(identity.credentials[0]?.username ?? 'nobody');
});

document.querySelector('#sign-in')?.addEventListener('click', () => {
  // Opens the window in the click.
  identity.signIn().catch((error: unknown) => {
    if (isIdentityError(error)) account?.replaceChildren(error.message);
  });
});

document.querySelector('#sign-out')?.addEventListener('click', () => {
  void identity.signOut();
});
