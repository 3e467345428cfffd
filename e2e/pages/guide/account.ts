import { IdentityManager, isIdentityError } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
const account = document.querySelector('#account');

identity.addEventListener('credentials-changed', () => {
  account?.replaceChildren(identity.credentials[0]?.username ?? 'nobody');
});

document.querySelector('#sign-in')?.addEventListener('click', async () => {
  try {
    await identity.signIn(); // opens the window in the click
  } catch (error) {
    if (isIdentityError(error)) account?.replaceChildren(error.message);
  }
});

document.querySelector('#sign-out')?.addEventListener('click', () => identity.signOut());
