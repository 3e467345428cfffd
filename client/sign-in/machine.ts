/** The sign-in to one portal as a table: what a page does about each event, in each state. Pure: the session carries the effects out. */

/** Where the sign-in stands. */
export type SignInState =
  /** No challenge has come yet. */
  | 'idle'
  /** The prompt waits until that of another portal is over. */
  | 'queued'
  /** A challenge is open: the user signs in, or is prompted. */
  | 'active'
  /** The worker checks the code that the user has pasted. */
  | 'checking'
  /** The challenge has failed; the dialog tells why, and offers to try again. */
  | 'failed'
  /** The user tries again; the next challenge is on its way. */
  | 'retrying'
  /** The app has taken the challenge. */
  | 'delegated'
  /** The user, or the app, has cancelled; the worker has not confirmed it yet. */
  | 'cancelling'
  | 'over';

/** What happens. */
export type SignInEvent =
  /** The worker prompts the user in this page. */
  | 'prompt'
  /** The same, while the user has another portal's sign-in before them. */
  | 'queued'
  /** The app, or a new attempt, has called `signIn`: with a window if it was in a click. */
  | 'sign-in'
  /** The app takes the challenge. */
  | 'delegated'
  /** The dialog's button that opens the sign-in page. */
  | 'click'
  /** The dialog's link to the sign-in page. */
  | 'link'
  /** The user has closed the window. */
  | 'window-closed'
  /** The window cannot be watched any more. */
  | 'window-lost'
  /** The user has pasted a code, or something else. */
  | 'code'
  | 'no-code'
  /** The portal has refused the code; the challenge is still open. */
  | 'code-refused'
  /** The challenge has ended. `failed-quietly`: nothing of it is visible, and the app that called `signIn` learns why. */
  | 'signed-in'
  | 'cancelled'
  | 'failed'
  | 'failed-quietly'
  /** A credential has arrived while no challenge was open: a sign-in in another tab. */
  | 'credential'
  /** There is no next challenge to be had. */
  | 'no-challenge'
  | 'cancel'
  /** The worker does not confirm the end, or there is nothing to cancel. */
  | 'given-up'
  /** No window can end the sign-in. */
  | 'impossible';

/** What is done about it. */
export type SignInEffect =
  /** The flow begins with a challenge; goes on with the window of a click; goes on after a failure. */
  | 'start'
  | 'take'
  | 'retry'
  /** The flow shows the sign-in page, again if need be. */
  | 'reopen'
  /** A window opens in the click, and the worker is asked for the next challenge. */
  | 'request'
  /** What the dialog shows. */
  | 'show-waiting'
  | 'show-checking'
  | 'show-unclear'
  | 'show-refusal'
  | 'show-failure'
  /** The code goes to the worker. */
  | 'submit-code'
  /** The window of a click is not needed. */
  | 'discard'
  /** The flow ends: because of the app, or of the user, who needs no window any more. */
  | 'drop'
  | 'leave'
  /** The worker is told. */
  | 'cancel-challenge'
  /** The end, for those who wait for it. */
  | 'resolve'
  | 'reject';

type Row = readonly [next: SignInState, ...effects: SignInEffect[]];
type Rows = { readonly [E in SignInEvent]?: Row };

const cancel = {
  cancel: ['cancelling', 'leave', 'cancel-challenge'],
  impossible: ['over', 'reject', 'cancel-challenge'],
} satisfies Rows;

/** The end of a challenge that no flow is needed for any more. */
const end = {
  'signed-in': ['over', 'resolve'],
  cancelled: ['over', 'reject'],
  failed: ['over', 'reject'],
  'failed-quietly': ['over', 'reject'],
} satisfies Rows;

const delegate = { delegated: ['delegated', 'drop', 'discard'] } satisfies Rows;

const active = {
  ...cancel,
  ...end,
  ...delegate,
  failed: ['failed', 'show-failure'],
  prompt: ['active'],
  'sign-in': ['active', 'take'],
  click: ['active', 'reopen'],
  link: ['active', 'show-waiting'],
  'window-closed': ['cancelling', 'leave', 'cancel-challenge'],
  'window-lost': ['active', 'show-waiting'],
  code: ['checking', 'show-checking', 'submit-code'],
  'no-code': ['active', 'show-unclear'],
  // The user has gone on by the window meanwhile.
  'code-refused': ['active'],
} satisfies Rows;

/** State → event → next state and effects. What is not in the table is refused. */
export const transitions: { readonly [S in SignInState]: Rows } = {
  idle: {
    prompt: ['active', 'start'],
    'sign-in': ['active', 'start'],
    queued: ['queued'],
    delegated: ['delegated', 'discard'],
  },
  queued: {
    ...cancel,
    ...end,
    ...delegate,
    prompt: ['active', 'start'],
    'sign-in': ['active', 'start'],
    credential: ['over', 'resolve'],
  },
  active,
  checking: {
    ...active,
    prompt: ['checking'],
    'sign-in': ['checking', 'take'],
    'code-refused': ['active', 'show-refusal'],
  },
  failed: {
    ...cancel,
    ...delegate,
    // The dialog goes on telling of the failure; its button leads to the next challenge.
    prompt: ['active'],
    'sign-in': ['active', 'take'],
    click: ['retrying', 'request'],
    // A code of the challenge that has failed.
    code: ['failed', 'show-refusal'],
    'no-code': ['failed', 'show-unclear'],
    credential: ['over', 'resolve'],
  },
  retrying: {
    ...cancel,
    ...end,
    ...delegate,
    failed: ['failed', 'show-failure'],
    // The window of the click comes with the answer to the request.
    prompt: ['retrying'],
    'sign-in': ['active', 'retry'],
    click: ['retrying', 'request'],
    code: ['retrying', 'show-refusal'],
    'no-code': ['retrying', 'show-unclear'],
    'no-challenge': ['failed', 'show-failure'],
    credential: ['over', 'resolve'],
  },
  delegated: {
    ...cancel,
    ...end,
    prompt: ['active', 'start'],
    'sign-in': ['active', 'start'],
    delegated: ['delegated', 'discard'],
  },
  cancelling: {
    ...cancel,
    ...end,
    prompt: ['cancelling'],
    'sign-in': ['cancelling', 'discard'],
    delegated: ['cancelling', 'discard'],
    credential: ['over', 'resolve'],
    'given-up': ['over', 'reject'],
  },
  over: {
    'sign-in': ['over', 'discard'],
    delegated: ['over', 'discard'],
  },
};

/** The row of a state and an event; `undefined` where the event is refused. */
export const transition = (state: SignInState, event: SignInEvent): Row | undefined =>
  transitions[state][event];
