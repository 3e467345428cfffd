/** The part of the client that signs in: loaded after the page, see ../parts.ts. */
export { describeFailure } from './describe.js';
export { wordingFor } from './languages.js';
export { pastedCode } from './pasted-code.js';
export { SignIns } from './sign-ins.js';
export { scrollBack } from './way-back.js';
