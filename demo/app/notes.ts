/** Notes that users put on the map. Without a network the worker keeps them, and sends them later in the name of their user. */
import { isIdentityError, type IdentityManager } from 'identity-worker';
import { PendingEdits, type PendingEdit } from 'identity-worker/offline';
import { byId, make } from './dom.js';

/** What the notes need of the map. */
export interface NotesView {
  /** Address of the layer. */
  readonly url: string;
  /** Longitude and latitude of the map's centre, in degrees. */
  readonly centre: () => readonly [longitude: number, latitude: number];
  /** Draws the layer as it is now. */
  readonly redraw: () => void;
}

const stateTexts: Readonly<Record<PendingEdit['state'], string>> = {
  queued: 'Waits for the network',
  'signed-out': 'Waits until its user signs in',
  'other-user': 'Waits until its user signs in',
  refused: 'Was refused',
};

/** Shows the form and what waits. Call it once the IdentityManager is ready. */
export function showNotes(identity: IdentityManager, { url, centre, redraw }: NotesView): void {
  const edits = new PendingEdits();
  const form = byId('add-note', HTMLFormElement);
  const text = byId('note-text', HTMLInputElement);
  const list = byId('notes', HTMLUListElement);
  const spoken = byId('notes-spoken', HTMLParagraphElement);
  const problem = byId('notes-problem', HTMLParagraphElement);
  let waiting = 0;

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    problem.textContent = '';
    try {
      await work();
    } catch (error) {
      problem.textContent = isIdentityError(error) ? error.message : 'That did not work. Try again.';
    }
  };

  const rowOf = ({ id, username, queuedAt, state, error }: PendingEdit): HTMLLIElement => {
    const title = `Note of ${username ?? 'nobody'}, ${new Date(queuedAt).toLocaleTimeString('en', { timeStyle: 'short' })}`;
    const button = (label: string, work: () => Promise<void>): HTMLButtonElement => {
      const made = make('button', { type: 'button', className: 'quiet' }, label);
      made.setAttribute('aria-label', `${label}: ${title}`);
      made.addEventListener('click', () => void attempt(work).then(() => text.focus()));
      return made;
    };
    const isOwn = state === 'queued' || state === 'refused';
    const why = state === 'refused' && error ? error.message : stateTexts[state];
    return make(
      'li',
      {},
      make('div', {}, make('strong', {}, title), make('span', { className: 'muted' }, why)),
      ...(state === 'refused' ? [button('Try again', () => edits.retry(id))] : []),
      ...(isOwn ? [button('Discard', () => edits.discard(id))] : []),
    );
  };

  const showList = async (): Promise<void> => {
    const pending = await edits.list().catch(() => []);
    list.replaceChildren(...pending.map(rowOf));
    if (pending.length < waiting) {
      spoken.textContent = pending.length === 0 ? 'No note waits any more.' : 'A note waits no more.';
      redraw();
    }
    waiting = pending.length;
  };

  const add = async (): Promise<void> => {
    const [x, y] = centre();
    const note = {
      geometry: { x, y, spatialReference: { wkid: 4326 } },
      // A note that is sent twice, because its answer was lost, is made once.
      attributes: { TEXT: text.value.trim(), GLOBALID: `{${crypto.randomUUID()}}` },
    };
    const body = new URLSearchParams({ f: 'json', useGlobalIds: 'true', adds: JSON.stringify([note]) });
    const response = await fetch(`${url}/applyEdits`, { method: 'POST', body });
    const answer = (await response.json()) as { addResults?: readonly { success: boolean }[] };
    const isTaken = answer.addResults?.[0]?.success === true;
    if (response.status !== 202 && !isTaken) throw new TypeError('The service did not take the note.');
    text.value = '';
    spoken.textContent = isTaken ? 'The note is on the map.' : 'The note waits for the network.';
    if (isTaken) redraw();
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (text.value.trim() !== '') void attempt(add);
  });
  edits.addEventListener('change', () => void showList());
  const follow = (): void => {
    form.hidden = identity.credentials.length === 0;
    void showList();
  };
  identity.addEventListener('credentials-changed', follow);
  follow();
}
