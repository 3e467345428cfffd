/** The offline part of the panel: saves views, shows what is saved for whom, removes it. */
import { isIdentityError, type IdentityManager } from 'identity-worker';
import { OfflineAreas, type AreaContent, type AreaEstimate, type SavedArea } from 'identity-worker/offline';
import { byId, make } from './dom.js';

/** What the panel needs of the map. */
export interface View {
  readonly content: () => AreaContent;
  readonly name: () => string;
}

/** Shares of the progress that a screen reader is told. */
const SPOKEN_SHARE = 0.25;

/** Shows the panel and keeps it current. Call it once the IdentityManager is ready. */
export function showOffline(identity: IdentityManager, view: View): void {
  const areas = new OfflineAreas(identity);
  const form = byId('save-view', HTMLFormElement);
  const name = byId('area-name', HTMLInputElement);
  const begin = byId('estimate-view', HTMLButtonElement);
  const offer = byId('offer', HTMLDivElement);
  const offerText = byId('offer-text', HTMLParagraphElement);
  const save = byId('save-area', HTMLButtonElement);
  const discard = byId('discard-offer', HTMLButtonElement);
  const progress = byId('area-progress', HTMLDivElement);
  const bar = byId('area-bar', HTMLProgressElement);
  const progressText = byId('area-progress-text', HTMLParagraphElement);
  const cancel = byId('cancel-area', HTMLButtonElement);
  const spoken = byId('offline-spoken', HTMLParagraphElement);
  const problem = byId('offline-problem', HTMLParagraphElement);
  const total = byId('areas-total', HTMLParagraphElement);
  const list = byId('areas', HTMLUListElement);

  let offered: (AreaContent & { readonly estimate: AreaEstimate }) | undefined;
  let running: AbortController | undefined;
  let spokenShare = 0;

  const user = (): string | undefined => {
    const [credential] = identity.credentials;
    return credential && (credential.username ?? 'you');
  };

  const show = (): void => {
    form.hidden = user() === undefined || offered !== undefined || running !== undefined;
    offer.hidden = offered === undefined || running !== undefined;
    progress.hidden = running === undefined;
    begin.disabled = !navigator.onLine;
  };

  const showList = async (): Promise<void> => {
    const saved = user() === undefined ? [] : await areas.list().catch(() => []);
    const bytes = saved.reduce((sum, area) => sum + area.bytes, 0);
    total.textContent =
      user() === undefined
        ? 'Sign in to save views. Signing out removes them.'
        : saved.length === 0
          ? `Nothing is saved for ${user()}.`
          : `Saved for ${user()}: ${saved.length === 1 ? '1 view' : `${saved.length} views`}, ${sizeText(bytes)}`;
    list.replaceChildren(...saved.map(rowOf));
  };

  const run = async (work: (signal: AbortSignal) => Promise<unknown>, done: string): Promise<void> => {
    running = new AbortController();
    spokenShare = 0;
    bar.removeAttribute('value');
    progressText.textContent = 'Starting';
    problem.textContent = '';
    show();
    cancel.focus();
    try {
      await work(running.signal);
      spoken.textContent = done;
    } catch (error) {
      if (running.signal.aborted) spoken.textContent = 'Cancelled. What came is kept.';
      else problem.textContent = textOf(error);
    }
    running = undefined;
    offered = undefined;
    show();
    await showList();
    if (!form.hidden) begin.focus();
  };

  const rowOf = (area: SavedArea): HTMLLIElement => {
    const { id, bytes, kept, requests, isComplete } = area;
    const state = make('span', { className: 'muted' });
    state.textContent = isComplete
      ? `${sizeText(bytes)}, levels ${area.minZoom} to ${area.maxZoom}`
      : `${kept} of ${requests} answers, ${sizeText(bytes)}`;
    const remove = make('button', { type: 'button', className: 'quiet' }, 'Remove');
    remove.setAttribute('aria-label', `Remove ${area.name}`);
    remove.addEventListener('click', () => {
      void areas
        .remove(id)
        .then(showList)
        .then(() => {
          spoken.textContent = `${area.name} is removed.`;
          begin.focus();
        });
    });
    const resume = make(
      'button',
      { type: 'button', className: 'quiet', disabled: !navigator.onLine },
      'Go on',
    );
    resume.setAttribute('aria-label', `Go on saving ${area.name}`);
    resume.addEventListener('click', () => {
      void run((signal) => areas.resume(id, { signal }), `${area.name} is saved.`);
    });
    return make(
      'li',
      {},
      make('div', {}, make('strong', {}, area.name), state),
      ...(isComplete || running ? [] : [resume]),
      remove,
    );
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    problem.textContent = '';
    begin.setAttribute('aria-busy', 'true');
    const content = view.content();
    void areas
      .estimate(content)
      .then((estimate) => {
        offered = { ...content, estimate };
        offerText.textContent = `${estimate.requests} answers, about ${sizeText(estimate.bytes)}. ${
          estimate.fits
            ? `The browser leaves ${sizeText(estimate.quotaLeft)}.`
            : 'The browser leaves too little room.'
        }`;
        save.disabled = !estimate.fits;
        show();
        (estimate.fits ? save : discard).focus();
      })
      .catch((error: unknown) => {
        problem.textContent = textOf(error);
      })
      .finally(() => begin.removeAttribute('aria-busy'));
  });
  save.addEventListener('click', () => {
    const content = offered;
    const title = name.value.trim() || view.name();
    if (content) void run((signal) => areas.save({ ...content, name: title, signal }), `${title} is saved.`);
  });
  discard.addEventListener('click', () => {
    offered = undefined;
    show();
    begin.focus();
  });
  cancel.addEventListener('click', () => running?.abort());
  areas.addEventListener('area-progress', ({ area: { kept, requests, bytes } }) => {
    bar.max = requests;
    bar.value = kept;
    progressText.textContent = `${kept} of ${requests} answers, ${sizeText(bytes)}`;
    const share = Math.floor(kept / requests / SPOKEN_SHARE) * SPOKEN_SHARE;
    if (share > spokenShare && share < 1) spoken.textContent = `${Math.round(share * 100)} per cent saved`;
    spokenShare = share;
  });

  name.placeholder = view.name();
  const follow = (): void => {
    if (user() === undefined) running?.abort();
    show();
    void showList();
  };
  identity.addEventListener('credentials-changed', follow);
  addEventListener('online', follow);
  addEventListener('offline', follow);
  follow();
}

function textOf(error: unknown): string {
  if (isIdentityError(error)) return error.message;
  return navigator.onLine
    ? 'Something went wrong. Try again.'
    : 'There is no network. What came is kept, and can be continued.';
}

/** Bytes as people read them. */
function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'enough room';
  const power = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const maximumFractionDigits = value < 10 && power > 0 ? 1 : 0;
  return `${value.toLocaleString('en', { maximumFractionDigits })} ${['bytes', 'kB', 'MB', 'GB'][power] ?? ''}`;
}
