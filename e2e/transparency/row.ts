/** What a row of the transparency table is made of. */
import type { LogFilter, Portal } from '../../demo/portal/index.js';
import type { TestApp } from '../support/fixtures.js';
import type { Observation } from './observation.js';
import type { reasons } from './reasons.js';
import type { Placement } from './stage.js';

/** Addresses from which rows make theirs. */
export interface Places {
  /** `rest/services` of the hosted server. */
  readonly hosted: string;
  /** Origin of a foreign server. */
  readonly foreign: string;
  /** Origin of the app. */
  readonly app: string;
}

export interface Row<Name extends string = string> {
  readonly name: string;
  /** What the action works with, mostly addresses. Without the worker those of the portal hold the token, if it goes there. */
  readonly scenario: (at: Places) => Record<Name, string>;
  /** Runs in the page. `token` is empty unless the page puts it into a form or header by itself. */
  readonly action: (scenario: Record<Name, string> & { token: string }) => unknown;
  /**
   * How a page without the worker signs; default `query`. `public`: it cannot, because addresses inside of files are
   * relative; compared is the same file, which is public there.
   */
  readonly manual?: 'query' | 'form' | 'header' | 'public';
  readonly placement?: Placement;
  /** Changes the portal's behaviour; returns what changes it back. */
  readonly configure?: (portal: Portal) => () => void;
  /** What the test does around the action. Its result is what the page is taken to have learnt. */
  readonly around?: (app: TestApp, act: () => Promise<unknown>, portal: Portal) => Promise<unknown>;
  /** What the log holds before the row is over, for requests whose answer no page waits for. */
  readonly waitsFor?: LogFilter & { readonly n?: number };
  /** What of the observation is compared, where all of it would depend on who was quicker. */
  readonly summary?: (seen: Observation) => unknown;
  /** How many performance entries are waited for and compared; default 1. */
  readonly entries?: number;
  /** Why no sign-in bears on the row: it has no control. */
  readonly unsecured?: string;
  /** Fields that differ, by path (`*` for any number), and why. */
  readonly expectedDifferences?: Readonly<Record<string, keyof typeof reasons>>;
}

/** Types the action by the names of its scenario. */
export const row = <Name extends string>(definition: Row<Name>): Row => definition;
