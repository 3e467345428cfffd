/**
 * `npm run bench:scale`: the load that a million users put on a portal, simulated with the real token manager. Prints a
 * table. `--users=10000`: size of the sample. Names of scenarios: only those.
 */
import { Browser, Experience, installGlobals, type Sharing } from './browser.js';
import { Clock } from './clock.js';
import { createUser, HOUR_MS, scheduleDay, scheduleSession, type User } from './users.js';
import { ModelPortal, type Counts, type Kind, type Outage } from './portal.js';
import { seeded, type Random } from './random.js';

const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** A Monday. */
const MIDNIGHT_MS = Date.UTC(2026, 10, 23);
const TEN_MS = MIDNIGHT_MS + 10 * HOUR_MS;

const argument = (name: string): string | undefined =>
  process.argv.find((text) => text.startsWith(`--${name}=`))?.split('=')[1];
const sample = Number(argument('users') ?? 10_000);
const PER = 1_000_000;

interface World {
  readonly clock: Clock;
  readonly portal: ModelPortal;
  readonly users: readonly User[];
  readonly random: Random;
}

interface Scenario {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** When counting begins. */
  readonly countedFromMs: number;
  /** When the portal works again. */
  readonly recoveredMs?: number;
  readonly sharing?: Sharing;
  /** Share of the sample that is simulated. Default: 1. */
  readonly share?: number;
  /** How long ago a user signed in; `undefined`: never. Default: up to two weeks. */
  readonly signedInAgoMs?: (random: Random) => number | undefined;
  readonly prepare: (world: World) => void;
}

const ordinary = ({ clock, users, random }: World): void => {
  for (const user of users) scheduleDay(user, MIDNIGHT_MS, clock.now(), clock, random);
};

/** Around ten o'clock, when most sessions are open. */
const atPeak = { fromMs: TEN_MS - HOUR_MS, toMs: TEN_MS + HOUR_MS, countedFromMs: TEN_MS };

const outage = (name: string, kind: Outage): Scenario => ({
  name,
  ...atPeak,
  countedFromMs: TEN_MS + 10 * MINUTE_MS,
  recoveredMs: TEN_MS + 10 * MINUTE_MS,
  prepare: (world) => {
    ordinary(world);
    world.clock.at(TEN_MS, () => (world.portal.outage = kind));
    world.clock.at(TEN_MS + 10 * MINUTE_MS, () => (world.portal.outage = undefined));
  },
});

/** Token requests per second that a portal for a million users can answer: more than twice an ordinary peak. */
const LIMIT_PER_S = 600;

const restart = (name: string, overload?: Outage): Scenario => ({
  name,
  ...atPeak,
  recoveredMs: TEN_MS,
  prepare: (world) => {
    ordinary(world);
    if (overload) {
      world.portal.limitPerS = (LIMIT_PER_S / PER) * world.users.length;
      world.portal.overload = overload;
    }
    world.clock.at(TEN_MS, () => world.portal.restart());
  },
});

const day = { share: 0.25, fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS, countedFromMs: MIDNIGHT_MS };

const scenarios: Readonly<Record<string, Scenario>> = {
  day: { name: 'an ordinary day', ...day, prepare: ordinary },
  tabs: { name: 'the same, a manager in every tab', ...day, sharing: 'tab', prepare: ordinary },
  monday: {
    name: 'all sign in at 9:00 and stay',
    fromMs: TEN_MS - HOUR_MS,
    toMs: TEN_MS + HOUR_MS,
    countedFromMs: TEN_MS - 55 * MINUTE_MS,
    share: 0.1,
    signedInAgoMs: () => undefined,
    prepare: ({ clock, users, random }) => {
      for (const user of users)
        scheduleSession(user, clock.now() + random() * MINUTE_MS, clock.now() + 3 * HOUR_MS, clock, random);
    },
  },
  fortnight: {
    name: 'all signed in two Mondays ago at 9:00',
    share: 0.1,
    fromMs: MIDNIGHT_MS - 3 * DAY_MS,
    toMs: MIDNIGHT_MS + 14 * HOUR_MS,
    countedFromMs: MIDNIGHT_MS,
    signedInAgoMs: () => 11 * DAY_MS - 9 * HOUR_MS,
    // Friday, a weekend off, Monday.
    prepare: ({ clock, users, random }) => {
      for (const user of users)
        for (const dayMs of [clock.now(), MIDNIGHT_MS]) scheduleDay(user, dayMs, clock.now(), clock, random);
    },
  },
  unreachable: outage('10 min without a portal', { answer: 'unreachable' }),
  down: outage('10 min of 503', { answer: 503 }),
  retryAfter: outage('10 min of 503, Retry-After: 60', { answer: 503, retryAfter: 60 }),
  tooMany: outage('10 min of 429', { answer: 429 }),
  restart: restart('a restart kills all access tokens'),
  overload503: restart('the same, 503 over the limit', { answer: 503 }),
  overloadRetryAfter: restart('the same, 503 and Retry-After: 30', { answer: 503, retryAfter: 30 }),
  overload429: restart('the same, 429 over the limit', { answer: 429 }),
};

/** Users who are new, have a new device, or were away for two weeks. */
const NOT_SIGNED_IN_SHARE = 0.03;

const upToTwoWeeksAgo = (random: Random): number | undefined =>
  random() < NOT_SIGNED_IN_SHARE ? undefined : random() * 13.9 * DAY_MS;

async function simulate(scenario: Scenario): Promise<string[]> {
  const size = Math.round(sample * (scenario.share ?? 1));
  const scale = PER / size;
  const random = seeded(7);
  const clock = new Clock(scenario.fromMs);
  const portal = new ModelPortal(clock, random);
  const experience = new Experience();
  installGlobals(clock, portal, seeded(11));
  const users: User[] = [];
  for (let index = 0; index < size; index++) {
    const browser = new Browser(clock, portal, experience, scenario.sharing ?? 'worker', random() * 2_000);
    const agoMs = (scenario.signedInAgoMs ?? upToTwoWeeksAgo)(random);
    if (agoMs !== undefined) await browser.rememberSignIn(agoMs);
    users.push(createUser(browser, random));
  }
  scenario.prepare({ clock, portal, users, random });
  await clock.runUntil(scenario.toMs);

  const { countedFromMs, toMs, recoveredMs } = scenario;
  const perS = (number: number): string => (number * scale).toFixed(number * scale < 10 ? 1 : 0);
  const rates = (counts: Counts): string =>
    [
      counts.between(countedFromMs, toMs) / ((toMs - countedFromMs) / 1000),
      counts.peak(countedFromMs, toMs, 300),
      counts.peak(countedFromMs, toMs, 5),
    ]
      .map(perS)
      .join(' / ');
  return [
    scenario.name,
    ...(['refresh', 'exchange', 'challenge'] as Kind[]).map((kind) => rates(portal.requested[kind])),
    thousands(portal.failed.total * scale),
    thousands(experience.failed * scale),
    recoveredMs === undefined ? '' : recovery(experience, recoveredMs, scale),
  ];
}

/** How many users had a failure after the portal recovered, and how long after it their last one was: median and 99 %. */
function recovery({ lastFailureMs }: Experience, recoveredMs: number, scale: number): string {
  const late = [...lastFailureMs.values()]
    .filter((atMs) => atMs >= recoveredMs)
    .map((atMs) => (atMs - recoveredMs) / 1000);
  if (late.length === 0) return 'none';
  late.sort((a, b) => a - b);
  const quantile = (share: number): string => (late[Math.floor((late.length - 1) * share)] ?? 0).toFixed(0);
  return `${Math.round(late.length * scale).toLocaleString('en')}; ${quantile(0.5)} / ${quantile(0.99)} s`;
}

const thousands = (number: number): string => Math.round(number / 1000).toLocaleString('en');

const chosen = process.argv.slice(2).filter((text) => !text.startsWith('--'));
const columns = [
  'scenario',
  'refreshes',
  'exchanges',
  'challenges',
  'failed token requests, thousands',
  'failed requests of pages, thousands',
  'users with failures after the end; for how long, median / 99 %',
];
console.log(
  `${sample} users simulated. For 1,000,000 (ten times for 10,000,000), per second: mean / busiest 5 min / busiest 5 s.\n`,
);
console.log(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`);
for (const [key, scenario] of Object.entries(scenarios)) {
  if (chosen.length > 0 && !chosen.includes(key)) continue;
  const startedAt = performance.now();
  const cells = await simulate(scenario);
  console.log(`| ${cells.join(' | ')} |`);
  console.error(`${key}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}
