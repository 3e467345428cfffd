/** How people use a map: when they come, how long they stay, how many tabs they have, and what a look at a map asks for. */
import { portalTarget, serverTarget, type Browser } from './browser.js';
import type { Clock } from './clock.js';
import { exponential, logNormal, weighted, type Random } from './random.js';

export const HOUR_MS = 3_600_000;

/** Sessions that begin in each hour, in parts: an office in one time zone, which is the worst case. */
const arrivals = [
  0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 5, 8, 8, 7, 5, 6.5, 7, 6.5, 5, 3, 1.5, 1, 1, 1, 0.7, 0.4,
];

/** Sessions a day: one to six, in parts. */
const sessionCounts = [20, 25, 22, 16, 10, 7];

/** Tabs of a session: one to five, in parts. */
const tabCounts = [45, 25, 15, 10, 5];

/** Half of the sessions are shorter, in ms; the mean is 20 min. */
const SESSION_MEDIAN_MS = 12 * 60_000;
const LONGEST_SESSION_MS = 4 * HOUR_MS;

/** Mean time between two moves of the map, in ms, and tiles that each asks for. */
const LOOK_MEAN_MS = 20_000;
const TILES = { min: 3, max: 13 };

/** Share of the tabs with a layer that updates itself, and how often it does, in ms. */
const LIVE_SHARE = 0.2;
const LIVE_EVERY_MS = 60_000;

/** Share of the users whose maps have layers of a federated server. */
const FEDERATED_SHARE = 0.4;

/** Sessions of one user on one day. */
export interface Person {
  readonly browser: Browser;
  readonly isFederated: boolean;
}

export const personOf = (browser: Browser, random: Random): Person => ({
  browser,
  isFederated: random() < FEDERATED_SHARE,
});

/** Lets a person come and go as on any day. `dayMs` is its midnight. */
export function liveDay(person: Person, dayMs: number, fromMs: number, clock: Clock, random: Random): void {
  const count = 1 + weighted(random, sessionCounts);
  for (let index = 0; index < count; index++) {
    const beginMs = dayMs + (weighted(random, arrivals) + random()) * HOUR_MS;
    const endMs = beginMs + Math.min(LONGEST_SESSION_MS, logNormal(random, SESSION_MEDIAN_MS, 1));
    if (endMs > fromMs)
      work(person, Math.max(beginMs, fromMs + random() * LOOK_MEAN_MS), endMs, clock, random);
  }
}

/** One session. */
export function work(person: Person, beginMs: number, endMs: number, clock: Clock, random: Random): void {
  const tabs = 1 + weighted(random, tabCounts);
  const key = Math.floor(random() * 1e6) * 8;
  const look = (tab: number): void => {
    const tiles = TILES.min + Math.floor(random() * (TILES.max - TILES.min));
    person.browser.burst(key + tab, portalTarget, tiles);
    if (person.isFederated) person.browser.burst(key + tab, serverTarget, tiles >> 1);
  };
  const goOn = (): void => {
    if (clock.now() > endMs) {
      for (let tab = 0; tab < tabs; tab++) person.browser.close(key + tab);
      return;
    }
    look(Math.floor(random() * tabs));
    clock.at(clock.now() + exponential(random, LOOK_MEAN_MS), goOn);
  };
  for (let tab = 0; tab < tabs; tab++) {
    const openedMs = beginMs + tab * 5_000;
    if (tab > 0) clock.at(openedMs, () => look(tab));
    if (random() < LIVE_SHARE) update(person, key + tab, openedMs, endMs, clock);
  }
  clock.at(beginMs, goOn);
}

/** A layer that asks for news. */
function update(person: Person, tab: number, openedMs: number, endMs: number, clock: Clock): void {
  const ask = (): void => {
    if (clock.now() > endMs) return;
    person.browser.burst(tab, portalTarget, 1);
    clock.at(clock.now() + LIVE_EVERY_MS, ask);
  };
  clock.at(openedMs + LIVE_EVERY_MS, ask);
}
