/** "What the worker did": the latest requests, their outcomes, and counters. */
import type { Activity, IdentityManager } from 'identity-worker';
import { byId, make } from './dom.js';

const MAX_ROWS = 100;

/** Time without requests before the summary for screen readers is updated, in ms. */
const QUIET_MS = 3000;

const badges = ['signed', 'refreshed', 'waited', 'anonymous', 'passed by', 'failed'] as const;
type Badge = (typeof badges)[number];

const outcomeBadges: Readonly<Record<Activity['outcome'], Badge>> = {
  signed: 'signed',
  anonymous: 'anonymous',
  'passed-by': 'passed by',
  failed: 'failed',
};

/** Starts the log. */
export function showActivity(identity: IdentityManager): void {
  const rows = byId('log-rows', HTMLTableSectionElement);
  const table = byId('log-table', HTMLTableElement);
  const empty = byId('log-empty', HTMLParagraphElement);
  const pause = byId('pause', HTMLButtonElement);
  const summary = byId('log-summary', HTMLParagraphElement);
  const counts = new Map<Badge, number>(badges.map((badge) => [badge, 0]));
  const counters = new Map(badges.map((badge) => [badge, make('dd', {}, '0')]));
  byId('counters', HTMLDListElement).replaceChildren(
    ...badges.map((badge) => {
      const name = make('dt', {}, badge);
      name.dataset['badge'] = badge;
      return make('div', {}, name, counters.get(badge) ?? '');
    }),
  );

  let unseen: Activity[] = [];
  let isPaused = false;
  let isDrawing = false;
  let quiet: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    isDrawing = false;
    for (const badge of badges) {
      const counter = counters.get(badge);
      if (counter) counter.textContent = String(counts.get(badge));
    }
    if (isPaused || unseen.length === 0) return;
    table.hidden = false;
    empty.hidden = true;
    rows.prepend(...unseen.toReversed().map(rowOf));
    unseen = [];
    while (rows.rows.length > MAX_ROWS) rows.lastElementChild?.remove();
  };
  const summarise = (): void => {
    summary.textContent = badges
      .filter((badge) => counts.get(badge))
      .map((badge) => `${counts.get(badge)} ${badge}`)
      .join(', ');
  };

  identity.addEventListener('activity', ({ activity }) => {
    for (const badge of badgesOf(activity)) counts.set(badge, (counts.get(badge) ?? 0) + 1);
    unseen = [...unseen.slice(1 - MAX_ROWS), activity];
    clearTimeout(quiet);
    quiet = setTimeout(summarise, QUIET_MS);
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(draw);
  });
  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    draw();
  });
}

function badgesOf({ outcome, refreshed, waited }: Activity): Badge[] {
  return [
    outcomeBadges[outcome],
    ...(refreshed ? (['refreshed'] as const) : []),
    ...(waited ? (['waited'] as const) : []),
  ];
}

function rowOf(activity: Activity): HTMLTableRowElement {
  const { method, url, status, durationMs } = activity;
  const request = make(
    'td',
    { title: url },
    make('span', { className: 'method' }, method),
    ' ',
    shorten(url),
  );
  const outcome = make('td');
  for (const badge of badgesOf(activity)) {
    const mark = make('span', { className: 'badge' }, badge);
    mark.dataset['badge'] = badge;
    outcome.append(mark, ' ');
  }
  return make(
    'tr',
    {},
    request,
    outcome,
    make('td', { className: 'number' }, status === 0 ? '–' : String(status)),
    make(
      'td',
      { className: 'number' },
      durationMs < 9.95 ? durationMs.toFixed(1) : String(Math.round(durationMs)),
    ),
  );
}

/** A short name of a request: the path below the services directory, with the item id shortened. */
export function shorten(url: string): string {
  return decodeURI(new URL(url).pathname)
    .replace(/^.*\/rest\/services\//, '')
    .replace(/^.*\/sharing\/rest\//, '')
    .replace(/\/([0-9a-f]{4})[0-9a-f]{24}([0-9a-f]{4})(?=\/|$)/, '/$1…$2');
}
