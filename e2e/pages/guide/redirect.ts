import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js', login: 'redirect' });
await identity.ready;

const account = document.querySelector('#account');
const { error } = identity.redirectOutcome ?? {}; // set when the user has just come back
account?.replaceChildren(
  error ? await identity.describeError(error) : (identity.credentials[0]?.username ?? 'nobody'),
);
document.querySelector('#sign-in')?.addEventListener('click', () => void identity.signIn());
