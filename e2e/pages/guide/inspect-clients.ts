import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
await identity.ready;

for (const { kind, url, isControlled, message } of await identity.inspectClients()) {
  if (!isControlled) console.warn(`${kind} ${url} is not signed. ${message}`);
}
