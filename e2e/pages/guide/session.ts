import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
const portal = 'https://gis.example.org/portal';
const account = document.querySelector('#account');
const show = (name = 'nobody'): void => account?.replaceChildren(name);

// Shows nothing: a user with a session at the portal is signed in.
identity.signIn({ portal, silent: true }).then(
  ({ username }) => show(username),
  () => show(),
);

document.querySelector('#sign-in')?.addEventListener('click', () => {
  // The portal asks who signs in, whatever session it has.
  void identity.signIn({ portal, forceLogin: true }).then(({ username }) => show(username));
});

document.querySelector('#sign-out')?.addEventListener('click', () => {
  // Ends the portal's own session too.
  void identity.signOut({ portal, portalSession: true }).then(() => show());
});
