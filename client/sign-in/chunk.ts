/** The chunk of the client that signs in: loaded after the page, see ../lazy.ts. */
export { describeFailure } from './describe-failure.js';
export { submitCode } from './pasted-code.js';
export { SignInCoordinator } from './coordinator.js';
export { restoreScroll } from './scroll-restoration.js';
