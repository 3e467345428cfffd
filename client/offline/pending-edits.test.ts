/** What a page is told of edits that wait. The worker is a stand-in that answers when it is told to. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EditReport, EditsCall } from '../../protocol/edits.js';
import { PendingEdits } from './pending-edits.js';

const gis = 'https://gis.example.org';
const delayed: EditReport = {
  id: 'e1',
  queue: 'edits',
  portal: `${gis}/portal`,
  queuedAt: 0,
  state: 'queued',
  error: { code: 'edit-delayed', facts: { origin: gis } },
};

beforeEach(() => vi.stubGlobal('addEventListener', () => undefined));
afterEach(() => vi.unstubAllGlobals());

/** Edits of a worker that gives these answers, one to each call. */
function setUp(answers: unknown[]) {
  const postMessage = vi.fn((_: EditsCall, [port]: [MessagePort]) => port.postMessage(answers.shift()));
  const container = { controller: { postMessage } } as unknown as ServiceWorkerContainer;
  return { edits: new PendingEdits(container), postMessage };
}
const listOf = (...value: EditReport[]): unknown => ({ ok: true, value });

test('the list that is given last is the newest, though a message had to be loaded for an older one', async () => {
  const { edits, postMessage } = setUp([listOf(delayed), listOf()]);
  const shown: (string | undefined)[][] = [];
  const show = async (): Promise<void> => {
    const list = await edits.list();
    shown.push(list.map(({ error }) => error?.message));
  };
  const first = show();
  await vi.waitFor(() => expect(postMessage).toHaveBeenCalledTimes(1));
  // Both see what has changed since the first asked.
  await Promise.all([first, show(), show()]);
  expect(shown).toEqual([[expect.stringContaining('could not take the edit yet')], [], []]);
  expect(postMessage).toHaveBeenCalledTimes(2);
  edits.close();
});

test('a list that fails does not keep the next from being given', async () => {
  const failure = { ok: false, error: { code: 'internal-error', facts: {} } };
  const { edits } = setUp([failure, listOf(delayed)]);
  await expect(edits.list()).rejects.toMatchObject({ code: 'internal-error' });
  expect(await edits.list()).toMatchObject([{ id: 'e1' }]);
  edits.close();
});
