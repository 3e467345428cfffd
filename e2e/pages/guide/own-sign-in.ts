import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js', login: 'none' });

identity.addEventListener('oauth-code-required', ({ authorizationUrl, portalName, signal }) => {
  const link = document.createElement('a');
  link.textContent = `Sign in to ${portalName}`;
  link.href = authorizationUrl;
  link.target = '_blank';
  document.body.append(link);
  signal.addEventListener('abort', () => link.remove()); // answered here or in another tab
});
