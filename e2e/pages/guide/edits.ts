import { IdentityManager } from 'identity-worker';
import { PendingEdits } from 'identity-worker/offline';

const identity = IdentityManager.instance({ worker: '/worker.js' });
await identity.ready;

const edits = new PendingEdits();
const list = document.querySelector('#account');

async function show(): Promise<void> {
  const waiting = await edits.list();
  const lines = waiting.map(({ username, state, error }) => `${username}: ${error?.message ?? state}`);
  list?.replaceChildren(lines.join('\n') || 'Everything is sent.');
}
edits.addEventListener('change', () => void show());
await show();

document.querySelector('#retry')?.addEventListener('click', () => void edits.retry());
