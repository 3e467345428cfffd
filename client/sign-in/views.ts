/** What the dialog shows, in every situation. */
import type { ErrorCode } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import { failureText, type SignInTexts } from './texts.js';

/** What the dialog shows. */
export interface View {
  readonly text?: keyof SignInTexts;
  /** Announced at once by screen readers. */
  readonly alert?: keyof SignInTexts;
  /** The most likely next action; has the focus. */
  readonly main: 'open' | 'link' | 'code';
  /** Text of the button that opens the sign-in page. */
  readonly open: 'signIn' | 'signInAgain' | 'openAgain';
  /** The sign-in page, for a tab. */
  readonly link?: string;
  /** The field for the code; `busy` while the code is checked. */
  readonly field?: 'empty' | 'kept' | 'busy';
}

/** The views of a flow. */
export interface Views {
  ask(challenge: CodeRequired): View;
  waiting(): View;
  blocked(challenge: CodeRequired): View;
  failure(code: ErrorCode): View;
}

const failure = (code: ErrorCode): View => ({ alert: failureText(code), main: 'open', open: 'signInAgain' });

const blocked = ({ authorizationUrl }: CodeRequired): View => ({
  alert: 'blocked',
  main: 'link',
  open: 'signInAgain',
  link: authorizationUrl,
});

/** With a sign-in page in a window. */
export const popupViews: Views = {
  ask: ({ reason }) => ({ text: reason === 'expired' ? 'expired' : 'ask', main: 'open', open: 'signIn' }),
  waiting: () => ({ text: 'waiting', main: 'open', open: 'openAgain' }),
  blocked,
  failure,
};

/** With a sign-in page that takes the place of the app's page. */
export const redirectViews = {
  ask: ({ reason }: CodeRequired): View => ({
    text: reason === 'expired' ? 'expired' : 'askLeave',
    main: 'open',
    open: 'signIn',
  }),
  failure,
};

const codeView = (main: View['main'], alert?: keyof SignInTexts): View => ({
  text: 'outOfBand',
  ...(alert ? { alert } : {}),
  main,
  open: 'signIn',
  field: 'kept',
});

const refusal = (code: ErrorCode | undefined): keyof SignInTexts =>
  code === undefined || code === 'code-refused' ? 'codeRefused' : failureText(code);

/** With a sign-in page in a window that shows a code, and a field to paste it into. */
export const pastedCodeViews = {
  ask: (): View => codeView('open'),
  waiting: (): View => codeView('code'),
  blocked: (challenge: CodeRequired): View => ({ ...codeView('open'), ...blocked(challenge) }),
  failure: (code: ErrorCode): View => ({
    ...codeView('open', refusal(code)),
    field: 'empty',
    open: 'signInAgain',
  }),
  checking: (): View => ({ ...codeView('code'), text: 'checking', field: 'busy' }),
  unclear: (): View => codeView('code', 'codeUnclear'),
  refusal: (code: ErrorCode | undefined): View => codeView('code', refusal(code)),
} satisfies Views & Record<string, unknown>;
