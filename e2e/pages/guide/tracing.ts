import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });

identity.addEventListener('request-traced', ({ traced }) => {
  const { method, url, outcome, status, steps } = traced;
  console.debug(`${method} ${url}: ${outcome}, ${status}`);
  console.table(steps);
});
await identity.trace.start();
