/** What the doctor says of one thing it has looked at. */

/** `fault`: the app does not work so; `warning`: a part of it may not; `skipped`: it could not be looked at. */
export type Level = 'ok' | 'warning' | 'fault' | 'skipped';

export interface Finding {
  readonly level: Level;
  /** What was looked at, such as `Worker`. */
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Makes findings about one subject. */
export const about = (subject: string) => ({
  ok: (message: string): Finding => ({ level: 'ok', subject, message }),
  skipped: (message: string): Finding => ({ level: 'skipped', subject, message }),
  warning: (message: string, advice: string): Finding => ({ level: 'warning', subject, message, advice }),
  fault: (message: string, advice: string): Finding => ({ level: 'fault', subject, message, advice }),
});

const signs: Record<Level, string> = { ok: 'ok  ', warning: 'warn', fault: 'FAIL', skipped: 'skip' };

/** A finding as it is printed. */
export const lineOf = ({ level, subject, message, advice }: Finding): string =>
  `${signs[level]}  ${subject}: ${message}${advice === undefined ? '' : `\n      → ${advice}`}`;
