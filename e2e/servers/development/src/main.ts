import { identity } from './identity.js';

window.identity = identity;

document.querySelector('#sign-in')?.addEventListener('click', () => {
  const status = document.querySelector('#status');
  identity.signIn().then(
    ({ username }) => status?.replaceChildren(`signed in as ${username}`),
    (error: unknown) => status?.replaceChildren(String(error)),
  );
});
