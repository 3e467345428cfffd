/** What many rows work with: addresses, changes of the portal, and what to wait for in its log. */
import type { LogEntry, Portal } from '../../demo/portal/index.js';
import type { Places } from './row.js';

/** The service that answers with what it was sent. */
export const echo = ({ hosted }: Places) => ({ url: `${hosted}/Echo?f=json` });
/** A file of the secured service. */
export const file =
  (name: string) =>
  ({ hosted }: Places) => ({ url: `${hosted}/Files/${name}` });

/** For `waitsFor`. */
export const isAnswered = ({ status }: LogEntry): boolean => status !== 0;
export const isClosed = ({ closedByClientAtMs }: LogEntry): boolean => closedByClientAtMs !== undefined;

/** Has the hosted server treat other origins in another way, for `configure`. */
export const cors =
  (mode: 'unlisted' | 'echo-credentials') =>
  ({ control }: Portal) => {
    control.setCors(mode, 'hosted');
    return () => control.setCors('two-headers', 'hosted');
  };

/** Each value once, in an order of its own: for what may happen once or several times. */
export const distinct = (values: readonly unknown[]): unknown[] =>
  [...new Set(values.map((value) => JSON.stringify(value)))]
    .sort()
    .map((text) => JSON.parse(text) as unknown);
