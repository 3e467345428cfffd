/**
 * Runs the TypeScript compiler: version 7, which takes a seventh of the time of the one before it.
 * The project has that one too, since TypeDoc is made with its API.
 */
import { resolve } from 'node:path';
import { run } from './run.js';

/** Of a workspace that is there for the version itself: see `check-types.ts`. */
const compiler = resolve('scripts/consumers/typescript-7/node_modules/typescript/bin/tsc');

export const tsc = (...args: readonly string[]): void => run(process.execPath, compiler, ...args);
