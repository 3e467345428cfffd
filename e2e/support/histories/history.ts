/** Small histories of an app in a bad world, as data: what happens in which order. Generated, shrunk and printed. */
import * as fc from 'fast-check';
import type { Fault } from '../../../demo/portal/index.js';

/** What a page asks for. All but the public ones and the foreign one need a token. */
export const requestKinds = [
  'data',
  'image',
  'edit',
  'public data',
  'public image',
  'federated data',
  'federated image',
  'federated data, other server',
  'federated data, same origin',
  'federated public data',
  'foreign data',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Where a fault is. */
export const places = ['token endpoint', 'rest/info', 'generateToken', 'layer'] as const;
export type Place = (typeof places)[number];

/** The faults, by the name that is printed. */
export const faults = {
  unavailable: { status: 503 },
  busy: { status: 429, retryAfterS: 1 },
  'a page': { html: true },
  'a firewall': { status: 403, html: true, cors: false },
  'another type': { body: 'OK', contentType: 'application/octet-stream' },
  reset: { drop: 'request' },
  'answer lost': { drop: 'answer' },
  'half as if whole': { truncate: true },
  'broken off': { drop: 'body' },
  silent: { hang: 'request' },
  stalled: { hang: 'body' },
  slow: { slowMs: 300 },
  late: { delayMs: 200 },
} as const satisfies Record<string, Fault>;
export type FaultName = keyof typeof faults;

export type Step =
  | { readonly do: 'request'; readonly kind: RequestKind; readonly tab: 0 | 1 }
  | {
      readonly do: 'fault';
      readonly at: Place;
      readonly name: FaultName;
      /** A number of times, or a share with this seed. */
      readonly often: 'always' | 1 | 2 | { readonly part: 0.5; readonly seed: number };
    }
  /** Connections to the server, and to those at its port, are refused. */
  | { readonly do: 'close the port'; readonly of: 'portal' | 'server' }
  /** Ends faults, and opens ports. */
  | { readonly do: 'repair' }
  /** All access tokens end: the portal refuses them, or the worker knows by its clock. */
  | { readonly do: 'expire'; readonly by: 'the portal' | 'the clock' }
  | { readonly do: 'stop the worker' }
  | { readonly do: 'offline' }
  | { readonly do: 'online' }
  | { readonly do: 'sign out'; readonly tab: 0 | 1 }
  /** Waits for what is under way, but not for long. */
  | { readonly do: 'wait' };

export interface History {
  /** Refresh tokens rotate, with a grace period. */
  readonly rotates: boolean;
  /** Tokens of federated servers live for so many seconds. */
  readonly serverTokenLifetimeS: 5 | 3600;
  readonly steps: readonly Step[];
  /** What the user does with a prompt at the end. */
  readonly ending: 'sign in' | 'cancel';
}

const tab = fc.constantFrom(0 as const, 1 as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      kind: fc.constantFrom(...requestKinds),
      tab,
    }),
    weight: 12,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      at: fc.constantFrom(...places),
      name: fc.constantFrom(...(Object.keys(faults) as FaultName[])),
      often: fc.oneof(
        fc.constantFrom('always' as const, 1 as const, 2 as const),
        fc.record({ part: fc.constant(0.5 as const), seed: fc.nat(99) }),
      ),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('close the port' as const),
      of: fc.constantFrom('portal' as const, 'server' as const),
    }),
    weight: 1,
  },
  { arbitrary: fc.record({ do: fc.constant('repair' as const) }), weight: 1 },
  {
    arbitrary: fc.record({
      do: fc.constant('expire' as const),
      by: fc.constantFrom('the portal' as const, 'the clock' as const),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ do: fc.constant('stop the worker' as const) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('offline' as const) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('online' as const) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('sign out' as const), tab }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('wait' as const) }), weight: 3 },
);

export const histories: fc.Arbitrary<History> = fc.record({
  rotates: fc.boolean(),
  serverTokenLifetimeS: fc.constantFrom(3600 as const, 5 as const),
  steps: fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }),
  ending: fc.constantFrom('sign in' as const, 'cancel' as const),
});

/** One line a step. */
export function describeHistory({ rotates, serverTokenLifetimeS, steps, ending }: History): string {
  const lines = steps.map((one) => {
    const { do: what, ...rest } = one;
    const values = Object.entries(rest).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    return `  ${what}${values.length > 0 ? ` { ${values.join(', ')} }` : ''}`;
  });
  return [
    `refresh tokens ${rotates ? 'rotate' : 'stay'}; server tokens live ${serverTokenLifetimeS} s; signed in:`,
    ...lines,
    `  at the end: repair, online, ${ending}`,
  ].join('\n');
}
