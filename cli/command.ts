/** What the commands have in common. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface Command {
  /** Text of `--help`. */
  readonly usage: string;
  /** @returns The exit code: 0, or 1 where something is wrong. @throws {@link UsageError} */
  run(args: readonly string[]): Promise<number>;
}

/** Arguments that a command cannot use. The message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);

export const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Reads options and arguments.
 *
 * @throws {@link UsageError} for unknown options, and where values are missing.
 */
export function read<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
