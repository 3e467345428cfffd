/** The index of the decisions: their numbers, titles and files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'docs/decisions';

/** One line a decision. */
export const decisionIndex = (): string =>
  readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.md$/.test(name))
    .sort()
    .map((name) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
      if (number === undefined || title === undefined || Number(name.slice(0, 4)) !== Number(number))
        throw new Error(`${name}: its first heading is not "# <its number>. <the decision>".`);
      return `- [${number}. ${title}](${name})`;
    })
    .join('\n');
