/** `npm run typecheck`: the types of everything, the tests included. */
import { tsc } from './tsc.js';

tsc('-b');
tsc('-p', 'tsconfig.tests.json');
