/** What the sign-in dialog says: every text is plain, and replaceable by itself. */
import type { ErrorCode } from '../../protocol/errors.js';

/** Texts of the dialog. `{portal}` in a text becomes the portal's name. */
export interface SignInTexts {
  title: string;
  /** A request needs a sign-in, or the app called `signIn` outside a click. */
  ask: string;
  /** The same, where the sign-in page takes the place of this one. */
  askLeave: string;
  /** The portal has ended the session. */
  expired: string;
  /** The sign-in page is open elsewhere. */
  waiting: string;
  /** The browser let no window open, even in a click. */
  blocked: string;
  /** The sign-in page shows a code, which the user pastes. */
  outOfBand: string;
  checking: string;
  codeLabel: string;
  /** What was pasted holds no code. */
  codeUnclear: string;
  codeRefused: string;
  /** The portal does not answer, or not as it should. */
  unreachable: string;
  /** The portal does not allow this app to sign users in. */
  refused: string;
  /** For `describeError` only: an edit was not taken. */
  notTaken: string;
  interrupted: string;
  /** For `describeError` only: the dialog just closes. */
  cancelled: string;
  /** For `describeError` only: a fault of the app, or a restriction of the browser. */
  unavailable: string;
  /** Shown for a moment after a sign-in, with a colon and the user's name behind it. An empty text is not shown. */
  signedIn: string;
  signIn: string;
  signInAgain: string;
  openAgain: string;
  /** A link. */
  openTab: string;
  submitCode: string;
  cancel: string;
}

export const english: SignInTexts = {
  title: 'Sign in to {portal}',
  ask: 'This page shows content that {portal} protects. Signing in opens a window of its own.',
  askLeave:
    'This page shows content that {portal} protects. Signing in takes you to {portal}, and then back here.',
  expired: 'Your session at {portal} has ended. Sign in again to go on where you were.',
  waiting: 'Finish signing in to {portal} in the other window. This page goes on by itself.',
  blocked:
    'The browser did not let the window open. Open the sign-in page in a new tab, or allow pop-up windows for this site and sign in again.',
  outOfBand: 'Sign in to {portal} in the window that opens, copy the code it shows, and paste it here.',
  checking: 'Checking the code…',
  codeLabel: 'Code',
  codeUnclear: 'There is no code in this text. Copy the whole code from the sign-in page and paste it here.',
  codeRefused: '{portal} did not accept this code. Please sign in again to get a new one.',
  unreachable: '{portal} cannot be reached at the moment. Please try again in a little while.',
  refused:
    '{portal} did not let this app sign you in. Please try again, or ask the people who run this page.',
  notTaken: '{portal} did not take what was sent.',
  interrupted: 'The sign-in to {portal} was interrupted. Please try again.',
  cancelled: 'The sign-in to {portal} was cancelled.',
  unavailable: 'Signing in does not work here at the moment. Please reload the page.',
  signedIn: 'Signed in to {portal}',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  openAgain: 'Open the window again',
  openTab: 'Open in a new tab',
  submitCode: 'Continue',
  cancel: 'Cancel',
};

const failures: Partial<Record<ErrorCode, keyof SignInTexts>> = {
  'access-denied': 'cancelled',
  'challenge-cancelled': 'cancelled',
  'code-missing': 'codeUnclear',
  'code-refused': 'interrupted',
  'code-reused': 'interrupted',
  'sign-in-interrupted': 'interrupted',
  'login-required': 'interrupted',
  'sign-in-required': 'expired',
  'authorization-url-unknown': 'interrupted',
  'response-misplaced': 'interrupted',
  'portal-unreachable': 'unreachable',
  'local-network-blocked': 'unreachable',
  'edit-delayed': 'unreachable',
  'save-interrupted': 'unreachable',
  'edit-waits-for-sign-in': 'expired',
  'edit-not-kept': 'unavailable',
  'answer-unusable': 'unreachable',
  'authorization-failed': 'refused',
  'issuer-mismatch': 'refused',
  'pkce-unsupported': 'refused',
};

/** By the beginnings of codes. */
const kinds = { 'edit-': 'notTaken', 'metadata-': 'refused', 'par-': 'refused', 'dpop-': 'refused' } as const;

/** The text that tells the user of a failure. */
export function failureText(code = ''): keyof SignInTexts {
  if (Object.hasOwn(failures, code)) return failures[code as ErrorCode] ?? 'unavailable';
  return Object.entries(kinds).find(([start]) => code.startsWith(start))?.[1] ?? 'unavailable';
}
