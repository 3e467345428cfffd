/** "Say why": what the worker did to each request, step by step, while the switch is on. */
import type { IdentityManager, TracedRequest, TraceStep } from 'identity-worker';
import { textOf } from './account.js';
import { shorten } from './activity-log.js';
import { byId, make } from './dom.js';

const MAX_ITEMS = 100;

/** Starts the switch. */
export function showReasons(identity: IdentityManager): void {
  const button = byId('explain', HTMLButtonElement);
  const list = byId('traces', HTMLOListElement);
  const problem = byId('explain-problem', HTMLParagraphElement);
  let unseen: TracedRequest[] = [];
  let isOn = false;

  const draw = (): void => {
    byId('explain-empty', HTMLParagraphElement).hidden = true;
    list.prepend(...unseen.toReversed().map(itemOf));
    unseen = [];
    while (list.children.length > MAX_ITEMS) list.lastElementChild?.remove();
  };
  identity.addEventListener('request-traced', ({ traced }) => {
    unseen = [...unseen.slice(1 - MAX_ITEMS), traced];
    if (unseen.length === 1) requestAnimationFrame(draw);
  });
  button.addEventListener('click', () => {
    isOn = !isOn;
    button.setAttribute('aria-pressed', String(isOn));
    byId('explained', HTMLDivElement).hidden = !isOn;
    byId('logged', HTMLDivElement).hidden = isOn;
    problem.textContent = '';
    const { trace } = identity;
    (isOn ? trace.start() : trace.stop()).catch((error: unknown) => {
      problem.textContent = textOf(error);
    });
  });
}

function itemOf(traced: TracedRequest): HTMLLIElement {
  const { method, url, outcome, status, steps } = traced;
  const mark = make('span', { className: 'badge' }, outcome.replace('-', ' '));
  mark.dataset['badge'] = outcome;
  return make(
    'li',
    {},
    make(
      'details',
      {},
      make(
        'summary',
        { title: url },
        make('span', { className: 'method' }, method),
        ' ',
        mark,
        ` ${status === 0 ? '' : status} ${shorten(url)}`,
      ),
      make(
        'ol',
        {},
        ...steps.map((step) => make('li', {}, make('time', {}, `${step.atMs.toFixed(1)} ms`), inWords(step))),
      ),
    ),
  );
}

const reasons = {
  navigation: 'it opens a page',
  'no-registration': 'no registration has its address',
  'token-issuing': 'its address may issue tokens',
  'own-credential': 'it brings a credential of its own',
  'not-allowed': 'the registration does not allow it',
  'foreign-address': 'it names another server’s address',
};

const waits = {
  'worker-start': 'the worker to start',
  token: 'a token',
  renewal: 'another token',
  'sign-in': 'the sign-in',
  discovery: 'the server to name its portal',
  probe: 'a look whether the service is public',
};

const places = {
  query: 'in the query',
  post: 'in a form, in place of the query',
  form: 'in the form',
  multipart: 'in the form',
  header: 'in a header',
  proof: 'in a header, with a proof',
};

const meanings = {
  ok: 'nothing about a sign-in',
  'auth-required': 'a sign-in is required',
  'token-rejected': 'the token is rejected',
};

/** A step for people. */
function inWords(step: TraceStep): string {
  switch (step.step) {
    case 'matched':
      return `Belongs to the portal ${step.portal}${step.server === undefined ? '' : `, server ${step.server}`}`;
    case 'server-unknown':
      return `No registration names the server ${step.server}`;
    case 'not-signed':
      return `Not signed: ${reasons[step.reason]}`;
    case 'waited':
      return `Waited ${Math.round(step.ms)} ms for ${waits[step.for]}`;
    case 'token':
      return step.of === 'app'
        ? 'Token of the app’s account'
        : `Token of the user${step.server === undefined ? '' : ' for this server'}`;
    case 'no-token':
      return step.reason === 'signed-out' ? 'No token: nobody is signed in' : 'No token came in time';
    case 'sent':
      return `${step.isRepeated ? 'Sent again' : 'Sent'} ${step.token === 'none' ? 'without a token' : `with the token ${places[step.token]}`}`;
    case 'error-in-body':
      return `The answer is the ArcGIS error ${step.code}`;
    case 'classified':
      return `Answer ${step.status}: ${meanings[step.as]}`;
    case 'renewed':
      return 'The token was renewed';
    case 'not-renewed':
      return 'The token was not renewed: this service rejects new ones too';
    case 'sign-in':
      return `The sign-in ended: ${step.outcome.replaceAll('-', ' ')}`;
    case 'kept-answer':
      return 'Answered from what is kept';
    case 'taken-over':
      return `Answered by the part ${step.by}`;
    case 'handed-back':
      return 'Handed back to the browser';
  }
}
