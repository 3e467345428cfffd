/** The table of the sign-in, row by row, and what has to hold for all of them. */
import { describe, expect, test } from 'vitest';
import { transition, transitions, type SignInEffect, type SignInEvent, type SignInState } from './machine.js';

/** state, event → next state: effects. */
const rows = `
  idle       prompt         → active: start
  idle       sign-in        → active: start
  idle       queued         → queued:
  idle       delegated      → delegated: discard

  queued     prompt         → active: start
  queued     sign-in        → active: start
  queued     delegated      → delegated: drop discard
  queued     signed-in      → over: resolve
  queued     cancelled      → over: reject
  queued     failed         → over: reject
  queued     failed-quietly → over: reject
  queued     credential     → over: resolve
  queued     cancel         → cancelling: leave cancel-challenge
  queued     impossible     → over: reject cancel-challenge

  active     prompt         → active:
  active     sign-in        → active: take
  active     delegated      → delegated: drop discard
  active     click          → active: reopen
  active     link           → active: show-waiting
  active     window-closed  → cancelling: leave cancel-challenge
  active     window-lost    → active: show-waiting
  active     code           → checking: show-checking submit-code
  active     no-code        → active: show-unclear
  active     code-refused   → active:
  active     signed-in      → over: resolve
  active     cancelled      → over: reject
  active     failed         → failed: show-failure
  active     failed-quietly → over: reject
  active     cancel         → cancelling: leave cancel-challenge
  active     impossible     → over: reject cancel-challenge

  checking   prompt         → checking:
  checking   sign-in        → checking: take
  checking   delegated      → delegated: drop discard
  checking   click          → active: reopen
  checking   link           → active: show-waiting
  checking   window-closed  → cancelling: leave cancel-challenge
  checking   window-lost    → active: show-waiting
  checking   code           → checking: show-checking submit-code
  checking   no-code        → active: show-unclear
  checking   code-refused   → active: show-refusal
  checking   signed-in      → over: resolve
  checking   cancelled      → over: reject
  checking   failed         → failed: show-failure
  checking   failed-quietly → over: reject
  checking   cancel         → cancelling: leave cancel-challenge
  checking   impossible     → over: reject cancel-challenge

  failed     prompt         → active:
  failed     sign-in        → active: take
  failed     delegated      → delegated: drop discard
  failed     click          → retrying: request
  failed     code           → failed: show-refusal
  failed     no-code        → failed: show-unclear
  failed     credential     → over: resolve
  failed     cancel         → cancelling: leave cancel-challenge
  failed     impossible     → over: reject cancel-challenge

  retrying   prompt         → retrying:
  retrying   sign-in        → active: retry
  retrying   delegated      → delegated: drop discard
  retrying   click          → retrying: request
  retrying   code           → retrying: show-refusal
  retrying   no-code        → retrying: show-unclear
  retrying   no-challenge   → failed: show-failure
  retrying   signed-in      → over: resolve
  retrying   cancelled      → over: reject
  retrying   failed         → failed: show-failure
  retrying   failed-quietly → over: reject
  retrying   credential     → over: resolve
  retrying   cancel         → cancelling: leave cancel-challenge
  retrying   impossible     → over: reject cancel-challenge

  delegated  prompt         → active: start
  delegated  sign-in        → active: start
  delegated  delegated      → delegated: discard
  delegated  signed-in      → over: resolve
  delegated  cancelled      → over: reject
  delegated  failed         → over: reject
  delegated  failed-quietly → over: reject
  delegated  cancel         → cancelling: leave cancel-challenge
  delegated  impossible     → over: reject cancel-challenge

  cancelling prompt         → cancelling:
  cancelling sign-in        → cancelling: discard
  cancelling delegated      → cancelling: discard
  cancelling signed-in      → over: resolve
  cancelling cancelled      → over: reject
  cancelling failed         → over: reject
  cancelling failed-quietly → over: reject
  cancelling credential     → over: resolve
  cancelling given-up       → over: reject
  cancelling cancel         → cancelling: leave cancel-challenge
  cancelling impossible     → over: reject cancel-challenge

  over       sign-in        → over: discard
  over       delegated      → over: discard
`;

const table = [...rows.matchAll(/(\S+) +(\S+) +→ (\S+):(.*)/g)].map(
  ([, state, event, next, effects = '']) => ({
    state: state as SignInState,
    event: event as SignInEvent,
    next: next as SignInState,
    effects: effects.trim().split(' ').filter(Boolean) as SignInEffect[],
  }),
);
const states = Object.keys(transitions) as SignInState[];
const events = [...new Set(table.map(({ event }) => event))];

test.each(table)('$state, $event → $next: $effects', ({ state, event, next, effects }) => {
  expect(transition(state, event)).toEqual([next, ...effects]);
});

const unknown = states.flatMap((state) =>
  events
    .filter((event) => !table.some((row) => row.state === state && row.event === event))
    .map((event) => ({ state, event })),
);

test.each(unknown)('$state refuses $event', ({ state, event }) => {
  expect(transition(state, event)).toBeUndefined();
});

/** The states that can be reached from one. */
function reachable(from: SignInState): Set<SignInState> {
  const found = new Set([from]);
  for (const state of found)
    for (const { next } of table.filter((row) => row.state === state)) found.add(next);
  return found;
}

describe('always', () => {
  test('every state is reached, and from every state the end', () => {
    expect([...reachable('idle')].toSorted()).toEqual(states.toSorted());
    for (const state of states) expect(reachable(state)).toContain('over');
    expect([...reachable('over')]).toEqual(['over']);
  });

  test('the promise of a sign-in settles once', () => {
    for (const { state, next, effects } of table) {
      const ends = effects.filter((effect) => effect === 'resolve' || effect === 'reject');
      expect(ends).toHaveLength(next === 'over' && state !== 'over' ? 1 : 0);
    }
  });

  test('a window that was opened in a click is used or closed', () => {
    for (const state of states) {
      const [, ...effects] = transition(state, 'sign-in') ?? [];
      expect(effects.some((effect) => ['start', 'take', 'retry', 'discard'].includes(effect))).toBe(true);
      expect(transition(state, 'delegated')).toContain('discard');
    }
  });

  test('the user can cancel, but neither before the beginning nor after the end', () => {
    for (const state of states)
      expect(transition(state, 'cancel') !== undefined).toBe(!['idle', 'over'].includes(state));
  });

  test('nothing is shown once the user has cancelled', () => {
    for (const { effects } of table.filter(({ state }) => state === 'cancelling' || state === 'over'))
      expect(effects.join()).not.toMatch(/show|start|take|retry|reopen|request/);
  });
});
