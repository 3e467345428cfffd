/**
 * `npm run bench:scale`: what a portal gets of a million users, by simulation with the real credential manager. Prints a
 * table. `--users=10000`: size of the sample; names of scenarios: only those.
 */
import { Browser, Experience, installGlobals, type Sharing } from './browser.js';
import { Clock } from './clock.js';
import { HOUR_MS, liveDay, personOf, work, type Person } from './people.js';
import { ModelPortal, type Counts, type Kind, type Trouble } from './portal.js';
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
  readonly people: readonly Person[];
  readonly random: Random;
}

interface Scenario {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** From where on rates are counted. */
  readonly countedFromMs: number;
  /** From where on requests should be answered again. */
  readonly backMs?: number;
  readonly sharing?: Sharing;
  /** Part of the sample that is enough. Default: all. */
  readonly share?: number;
  /** How long ago who is signed in did so. Default: up to two weeks; `undefined`: never. */
  readonly signedInAgoMs?: (random: Random) => number | undefined;
  readonly prepare: (world: World) => void;
}

const ordinary = ({ clock, people, random }: World): void => {
  for (const person of people) liveDay(person, MIDNIGHT_MS, clock.now(), clock, random);
};

/** Around ten o'clock, when most people are at work. */
const atPeak = { fromMs: TEN_MS - HOUR_MS, toMs: TEN_MS + HOUR_MS, countedFromMs: TEN_MS };

const outage = (name: string, trouble: Trouble): Scenario => ({
  name,
  ...atPeak,
  countedFromMs: TEN_MS + 10 * MINUTE_MS,
  backMs: TEN_MS + 10 * MINUTE_MS,
  prepare: (world) => {
    ordinary(world);
    world.clock.at(TEN_MS, () => (world.portal.trouble = trouble));
    world.clock.at(TEN_MS + 10 * MINUTE_MS, () => (world.portal.trouble = undefined));
  },
});

/** Token requests a second that a portal for a million users answers: more than twice an ordinary peak. */
const LIMIT_PER_S = 600;

const restart = (name: string, overload?: Trouble): Scenario => ({
  name,
  ...atPeak,
  backMs: TEN_MS,
  prepare: (world) => {
    ordinary(world);
    if (overload) {
      world.portal.limitPerS = (LIMIT_PER_S / PER) * world.people.length;
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
    prepare: ({ clock, people, random }) => {
      for (const person of people)
        work(person, clock.now() + random() * MINUTE_MS, clock.now() + 3 * HOUR_MS, clock, random);
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
    prepare: ({ clock, people, random }) => {
      for (const person of people)
        for (const dayMs of [clock.now(), MIDNIGHT_MS]) liveDay(person, dayMs, clock.now(), clock, random);
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

/** Some are new, on a new device, or were away for two weeks. */
const NOT_SIGNED_IN_SHARE = 0.03;

const someTimeAgo = (random: Random): number | undefined =>
  random() < NOT_SIGNED_IN_SHARE ? undefined : random() * 13.9 * DAY_MS;

async function simulate(scenario: Scenario): Promise<string[]> {
  const size = Math.round(sample * (scenario.share ?? 1));
  const scale = PER / size;
  const random = seeded(7);
  const clock = new Clock(scenario.fromMs);
  const portal = new ModelPortal(clock, random);
  const experience = new Experience();
  installGlobals(clock, portal, seeded(11));
  const people: Person[] = [];
  for (let index = 0; index < size; index++) {
    const browser = new Browser(clock, portal, experience, scenario.sharing ?? 'worker', random() * 2_000);
    const agoMs = (scenario.signedInAgoMs ?? someTimeAgo)(random);
    if (agoMs !== undefined) await browser.rememberSignIn(agoMs);
    people.push(personOf(browser, random));
  }
  scenario.prepare({ clock, portal, people, random });
  await clock.runUntil(scenario.toMs);

  const { countedFromMs, toMs, backMs } = scenario;
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
    ...(['refresh', 'exchange', 'challenge'] as Kind[]).map((kind) => rates(portal.asked[kind])),
    thousands(portal.failed.total * scale),
    thousands(experience.failed * scale),
    backMs === undefined ? '' : recovery(experience, backMs, scale),
  ];
}

/** How many users met a failure after the portal was back, and how long after it the last ones of the median and of 99 % were. */
function recovery({ lastFailureMs }: Experience, backMs: number, scale: number): string {
  const late = [...lastFailureMs.values()]
    .filter((atMs) => atMs >= backMs)
    .map((atMs) => (atMs - backMs) / 1000);
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
  'token requests in vain, thousands',
  'requests of pages that failed, thousands',
  'users who still met failures; for how long after the end, median / 99 %',
];
console.log(
  `${sample} users simulated. For 1,000,000 (ten times for 10,000,000), a second: mean / busiest 5 min / busiest 5 s.\n`,
);
console.log(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`);
for (const [key, scenario] of Object.entries(scenarios)) {
  if (chosen.length > 0 && !chosen.includes(key)) continue;
  const startedAt = performance.now();
  const cells = await simulate(scenario);
  console.log(`| ${cells.join(' | ')} |`);
  console.error(`${key}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}
