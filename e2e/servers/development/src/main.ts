import { IdentityManager } from 'identity-worker';
import { redirectUri, type, worker } from 'virtual:identity-worker';
import { portal } from './portal.js';

const identity = IdentityManager.instance({ worker, type });
window.identity = identity;
Object.assign(window, { setUp: { redirectUri, type, worker, portal: portal.url } });

document.querySelector('#sign-in')?.addEventListener('click', () => {
  const status = document.querySelector('#status');
  identity.signIn().then(
    ({ username }) => status?.replaceChildren(`signed in as ${username}`),
    (error: unknown) => status?.replaceChildren(String(error)),
  );
});
