/** Writes lists of codes as headings that can be linked to. */
import type { Entry } from './sources.js';

/** Who must act, by the class of the error. */
const actors: Readonly<Record<string, string>> = {
  ConfigurationError: 'The developer has to change something.',
  ChallengeError: 'The user has to act, usually by signing in again.',
  PortalError: 'The portal refused, or could not be reached.',
  ConnectionError: 'Page and worker could not talk to each other.',
};

/** A heading per class, and one per code in it. */
export function byClass(entries: readonly Entry[]): string {
  const classes = [...new Set(entries.map(({ group }) => group))];
  return classes
    .flatMap((name) => [
      `### ${name}`,
      ...(actors[name] === undefined ? [] : [actors[name]]),
      ...entries.filter(({ group }) => group === name).flatMap((entry) => heading(entry, '####')),
    ])
    .join('\n\n');
}

/** A heading per code, with the status of the response in front of its text. */
export const byStatus = (entries: readonly Entry[]): string =>
  entries
    .flatMap(({ code, group, text }) => heading({ code, group, text: `Status ${group}. ${text}` }, '###'))
    .join('\n\n');

/** A heading per code. */
export const byCode = (entries: readonly Entry[]): string =>
  entries.flatMap((entry) => heading(entry, '###')).join('\n\n');

/** A line per code. */
export const asList = (entries: readonly Entry[]): string =>
  entries.map(({ code, text }) => `- \`${code}\`: ${escape(text)}`).join('\n');

const heading = ({ code, text }: Entry, level: string): string[] => [`${level} \`${code}\``, escape(text)];

/** Messages are plain text: nothing in them is meant as Markdown or HTML. */
const escape = (text: string): string => text.replace(/[<>*_[\]\\]/g, '\\$&');
