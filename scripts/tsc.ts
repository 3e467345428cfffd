/**
 * Runs the TypeScript compiler: version 7, which takes a seventh of the time of the one before it.
 * The project has that one too, since TypeDoc is made with its API.
 */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { run } from './run.js';

/** The workspace is there for the version itself: see `check-types.ts`. */
const { resolve: find } = createRequire(resolve('scripts/consumers/typescript-7/package.json'));

export const tsc = (...args: readonly string[]): void =>
  run(process.execPath, join(dirname(find('typescript/package.json')), 'bin/tsc'), ...args);
