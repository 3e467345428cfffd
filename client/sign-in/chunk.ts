/** The part of the client that signs in: loaded after the page, see ../lazy.ts. */
export { describeFailure } from './describe-failure.js';
export { wordingFor } from './languages.js';
export { pastedCode } from './pasted-code.js';
export { SignInCoordinator } from './coordinator.js';
export { scrollBack } from './scroll-restoration.js';
