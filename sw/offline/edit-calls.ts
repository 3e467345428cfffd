/** Answers the calls of pages about edits that wait. */
import { parseEditsCall, type EditReport, type EditsCall } from '../../protocol/edits.js';
import { toWireError, type Result } from '../../protocol/identity-error.js';
import { parsePageMessage } from '../../protocol/messages.js';
import { isOwnPage } from '../rpc/message-handler.js';
import { waitUntilOf } from '../rpc/wait-until.js';
import type { EditReplay } from './edit-queue.js';

/**
 * Handles a `message` event; never throws. A page that connects shows that there may be a network again.
 *
 * @param queues - All queues of the worker.
 */
export function handleEditsMessage(event: ExtendableMessageEvent, queues: readonly EditReplay[]): void {
  if (!isOwnPage(event.source)) return;
  const waitUntil = waitUntilOf(event);
  const call = parseEditsCall(event.data);
  if (!call) {
    if (parsePageMessage(event.data)?.type === 'identity:connect') waitUntil(tryAll(queues));
    return;
  }
  const [port] = event.ports;
  waitUntil(
    answer(call, queues).then((result) => {
      port?.postMessage(result);
      return call.action === 'list' ? undefined : tryAll(queues);
    }),
  );
}

/** Sends what can be sent of every queue. Never rejects. */
export async function tryAll(queues: readonly EditReplay[]): Promise<void> {
  await Promise.all(queues.map((queue) => queue.tryNow()));
}

async function answer(
  { action, id = '' }: EditsCall,
  queues: readonly EditReplay[],
): Promise<Result<readonly EditReport[]>> {
  try {
    for (const queue of queues) {
      if (action === 'retry') await queue.retry(id === '' ? undefined : id);
      if (action === 'discard') await queue.discard(id);
    }
    return { ok: true, value: (await Promise.all(queues.map((queue) => queue.list()))).flat() };
  } catch (error) {
    return { ok: false, error: toWireError(error) };
  }
}
