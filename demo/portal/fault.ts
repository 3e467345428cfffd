// What a fault is: which requests meet it, how often, and what happens to them. Checked, because it also comes over HTTP.

import { serverNames, type ServerName } from './switches.js';

/** Where in a request something happens: before it is handled (also `true`), after it, or in the middle of the body of its response. */
export type Stage = true | 'request' | 'answer' | 'body';

export interface Fault {
  /** Only requests to this server. */
  readonly server?: ServerName;
  /** Only requests with this method. Preflights meet faults with `OPTIONS`, and no others. */
  readonly method?: string;
  /** Number of requests that meet the fault. Default: all until it is removed. */
  readonly times?: number;
  /** Only a share of the requests. Default: all. */
  readonly share?: Share;
  /** Delay before the request is handled, in ms. */
  readonly delayMs?: number;
  /** Respond with this status instead of handling the request. */
  readonly status?: number;
  readonly retryAfterS?: number;
  /** Respond with this HTML, or a default page, instead of handling the request. Default status: 200. */
  readonly html?: string | true;
  /** The same with a body of any type, which `contentType` says. */
  readonly body?: string;
  /** Content-Type of the response, whatever its body is; null: none. */
  readonly contentType?: string | null;
  /** False: the response has no CORS headers, as those of gateways. */
  readonly cors?: false;
  /** Handle the request, then send the first half of the body as if it were complete. */
  readonly truncate?: boolean;
  /** Send the body in ten pieces over this time, in ms. */
  readonly slowMs?: number;
  /** Reset the connection. */
  readonly drop?: Stage;
  /** Say nothing from here on, and keep the connection open. */
  readonly hang?: Stage;
}

/** A share of the requests: the same ones, by order of arrival, whenever the seed is the same. */
export interface Share {
  /** From 0 to 1: 0.1 is one of ten on average. */
  readonly part: number;
  readonly seed: number;
}

/** A fault that cannot be: the message says which member is wrong, and what it may be. */
export class InvalidFault extends TypeError {}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isDuration = (value: unknown): boolean => isNumber(value) && value >= 0;
const isStage = (value: unknown): boolean =>
  value === true || value === 'request' || value === 'answer' || value === 'body';
const isShare = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).every((name) => name === 'part' || name === 'seed') &&
  'part' in value &&
  isNumber(value.part) &&
  value.part >= 0 &&
  value.part <= 1 &&
  'seed' in value &&
  Number.isSafeInteger(value.seed);

const stages = 'true, "request", "answer" or "body"';

/** Member → what it may be, in a test and in words. */
const members: Readonly<
  Record<keyof Fault, { readonly is: (value: unknown) => boolean; readonly words: string }>
> = {
  server: {
    is: (value) => serverNames.some((name) => name === value),
    words: `one of ${serverNames.join(', ')}`,
  },
  method: { is: (value) => typeof value === 'string' && value !== '', words: 'a method' },
  times: { is: (value) => Number.isSafeInteger(value) && isDuration(value), words: 'a whole number from 0' },
  share: { is: isShare, words: '{ part: 0 to 1, seed: a whole number }' },
  delayMs: { is: isDuration, words: 'a time in ms' },
  status: {
    // Node sends others as informational ones, and the client goes on waiting.
    is: (value) => Number.isInteger(value) && isNumber(value) && value >= 200 && value <= 599,
    words: 'a status from 200 to 599',
  },
  retryAfterS: { is: isDuration, words: 'a time in seconds' },
  html: { is: (value) => value === true || typeof value === 'string', words: 'true or HTML' },
  body: { is: (value) => typeof value === 'string', words: 'a text' },
  contentType: {
    is: (value) => value === null || (typeof value === 'string' && !/[^\t\x20-\x7e]/.test(value)),
    words: 'a media type or null',
  },
  cors: { is: (value) => value === false, words: 'false' },
  truncate: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  slowMs: { is: isDuration, words: 'a time in ms' },
  drop: { is: isStage, words: stages },
  hang: { is: isStage, words: stages },
};

const isMember = (name: string): name is keyof Fault => Object.hasOwn(members, name);

/** @throws {@link InvalidFault} for what is no fault, for a member that there is not, and for a value that a member cannot have. */
export function checkFault(fault: object): void {
  for (const [name, value] of Object.entries(fault)) {
    if (!isMember(name)) throw new InvalidFault(`A fault has no member "${name}".`);
    const { is, words } = members[name];
    if (value !== undefined && !is(value)) throw new InvalidFault(`"${name}" of a fault is ${words}.`);
  }
  if ('html' in fault && 'body' in fault) throw new InvalidFault('A fault has either "html" or "body".');
}
