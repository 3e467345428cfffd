/** How users use a map: when sessions begin, how long they last, how many tabs they have, and what a map view requests. */
import { portalTarget, serverTarget, type Browser } from './browser.js';
import type { Clock } from './clock.js';
import { exponential, logNormal, weighted, type Random } from './random.js';

export const HOUR_MS = 3_600_000;

/** Relative number of sessions that begin in each hour: an office in one time zone, which is the worst case. */
const arrivals = [
  0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 5, 8, 8, 7, 5, 6.5, 7, 6.5, 5, 3, 1.5, 1, 1, 1, 0.7, 0.4,
];

/** Relative frequency of one to six sessions a day. */
const sessionCounts = [20, 25, 22, 16, 10, 7];

/** Relative frequency of one to five tabs in a session. */
const tabCounts = [45, 25, 15, 10, 5];

/** Median length of a session, in ms; the mean is 20 min. */
const SESSION_MEDIAN_MS = 12 * 60_000;
const MAX_SESSION_MS = 4 * HOUR_MS;

/** Mean time between two moves of the map, in ms, and the number of tiles that each requests. */
const MOVE_MEAN_MS = 20_000;
const TILES = { min: 3, max: 13 };

/** Share of the tabs with a layer that refreshes itself, and its interval, in ms. */
const LIVE_LAYER_SHARE = 0.2;
const LIVE_LAYER_INTERVAL_MS = 60_000;

/** Share of the users whose maps have layers of a federated server. */
const FEDERATED_SHARE = 0.4;

export interface User {
  readonly browser: Browser;
  readonly isFederated: boolean;
}

export const createUser = (browser: Browser, random: Random): User => ({
  browser,
  isFederated: random() < FEDERATED_SHARE,
});

/** Schedules the sessions of one day. `dayMs` is its midnight; nothing begins before `fromMs`. */
export function scheduleDay(user: User, dayMs: number, fromMs: number, clock: Clock, random: Random): void {
  const count = 1 + weighted(random, sessionCounts);
  for (let index = 0; index < count; index++) {
    const beginMs = dayMs + (weighted(random, arrivals) + random()) * HOUR_MS;
    const endMs = beginMs + Math.min(MAX_SESSION_MS, logNormal(random, SESSION_MEDIAN_MS, 1));
    if (endMs > fromMs)
      scheduleSession(user, Math.max(beginMs, fromMs + random() * MOVE_MEAN_MS), endMs, clock, random);
  }
}

/** Schedules one session. */
export function scheduleSession(
  user: User,
  beginMs: number,
  endMs: number,
  clock: Clock,
  random: Random,
): void {
  const tabs = 1 + weighted(random, tabCounts);
  const key = Math.floor(random() * 1e6) * 8;
  const move = (tab: number): void => {
    const tiles = TILES.min + Math.floor(random() * (TILES.max - TILES.min));
    user.browser.burst(key + tab, portalTarget, tiles);
    if (user.isFederated) user.browser.burst(key + tab, serverTarget, tiles >> 1);
  };
  const continueSession = (): void => {
    if (clock.now() > endMs) {
      for (let tab = 0; tab < tabs; tab++) user.browser.close(key + tab);
      return;
    }
    move(Math.floor(random() * tabs));
    clock.at(clock.now() + exponential(random, MOVE_MEAN_MS), continueSession);
  };
  for (let tab = 0; tab < tabs; tab++) {
    const openedMs = beginMs + tab * 5_000;
    if (tab > 0) clock.at(openedMs, () => move(tab));
    if (random() < LIVE_LAYER_SHARE) scheduleLiveLayer(user, key + tab, openedMs, endMs, clock);
  }
  clock.at(beginMs, continueSession);
}

/** Schedules the requests of a layer that refreshes itself. */
function scheduleLiveLayer(user: User, tab: number, openedMs: number, endMs: number, clock: Clock): void {
  const refresh = (): void => {
    if (clock.now() > endMs) return;
    user.browser.burst(tab, portalTarget, 1);
    clock.at(clock.now() + LIVE_LAYER_INTERVAL_MS, refresh);
  };
  clock.at(openedMs + LIVE_LAYER_INTERVAL_MS, refresh);
}
