/** Questions to the user. */
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  /** Whether there is someone to ask. */
  readonly isInteractive: boolean;
  /** @returns The answer, without space around it. `undefined` after Ctrl+C, Ctrl+D, and where the terminal is closed. */
  ask(question: string): Promise<string | undefined>;
}

interface Tty {
  isTTY?: boolean;
}

export const terminalOf = (input: Readable & Tty, output: Writable & Tty): Terminal => ({
  isInteractive: input.isTTY === true && output.isTTY === true,
  async ask(question) {
    const lines = createInterface({ input, output });
    try {
      return await new Promise<string | undefined>((resolve) => {
        for (const event of ['close', 'SIGINT'] as const) lines.once(event, () => resolve(undefined));
        lines.question(question).then(
          (answer) => resolve(answer.trim()),
          () => resolve(undefined),
        );
      });
    } finally {
      lines.close();
    }
  },
});
