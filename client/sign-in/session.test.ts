/** A page's part in a sign-in: what reaches the app, the flow and the worker. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromWireError, identityError, type IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import type { OAuthCodeRequiredEvent } from '../events.js';
import type { LoginMode } from '../login-mode.js';
import type { PageHost } from '../page-host.js';
import type { FlowActions, SignInFlow } from './flow.js';
import { SignInSession } from './session.js';

const portal = 'https://gis.example.org/portal';

const challenge = (id: string): CodeRequired => ({
  challengeId: id,
  portal,
  portalName: 'GIS',
  authorizationUrl: `${portal}/authorize?state=${id}`,
  outOfBand: false,
});

/** A flow that notes the effects that it is to carry out. */
class FakeFlow implements SignInFlow {
  readonly done: unknown[][] = [];
  isVisible = false;

  constructor(readonly actions: FlowActions) {}

  start = this.#note('start');
  take = this.#note('take');
  retry = this.#note('retry');
  reopen = this.#note('reopen');
  request = this.#note('request');
  showWaiting = this.#note('showWaiting');
  showChecking = this.#note('showChecking');
  showUnclear = this.#note('showUnclear');
  showRefusal = this.#note('showRefusal');
  showFailure = this.#note('showFailure');
  close = this.#note('close');

  #note(name: string) {
    return (...given: unknown[]): void =>
      void this.done.push([
        name,
        ...given.map((each) => (each as CodeRequired | undefined)?.challengeId ?? each),
      ]);
  }
}

/** A window of a click. */
function fakeWindow(): Window {
  const popup = { closed: false, close: () => void (popup.closed = true) };
  return popup as unknown as Window;
}

function setUp(login: LoginMode = 'popup') {
  const answers: Record<string, unknown> = {};
  const call = vi.fn<(method: string, ...given: unknown[]) => Promise<unknown>>(async (method) => {
    const answer = await answers[method];
    if (answer instanceof Error) throw answer;
    return answer ?? null;
  });
  const identity = Object.assign(new EventTarget(), {
    ready: Promise.resolve(),
    credentials: [],
    portals: [],
    setOAuthCodeForUrl: vi.fn(async (_url: string, _code: string): Promise<void> => undefined),
  });
  const ping = vi.fn(async () => undefined);
  const host = {
    connection: { call, ping, delayUpdate: () => undefined },
    login,
    identity,
    error: fromWireError,
    report: async () => undefined,
    readState: async () => undefined,
  } as unknown as PageHost;
  const flows: FakeFlow[] = [];
  const onEnd = vi.fn();
  const session = new SignInSession(
    portal,
    host,
    (_, actions) => {
      const flow = new FakeFlow(actions);
      flows.push(flow);
      return flow;
    },
    onEnd,
  );
  const ended = vi.fn();
  session.ended.then(
    () => ended('resolved'),
    ({ code }: IdentityError) => ended(code),
  );
  const events: OAuthCodeRequiredEvent[] = [];
  identity.addEventListener('oauth-code-required', (event) => events.push(event as OAuthCodeRequiredEvent));
  /** The app takes every challenge from now on. */
  const takeOver = (): void =>
    identity.addEventListener('oauth-code-required', (event) => event.preventDefault());
  return { session, answers, call, identity, ping, flows, onEnd, ended, events, takeOver };
}

const failed = (code: 'code-refused' | 'access-denied' = 'code-refused'): IdentityError =>
  identityError(code);
const settle = (): Promise<unknown> => new Promise(setImmediate);

describe('a challenge', () => {
  test('reaches the app as an event, and the flow where the app leaves it', () => {
    const { session, events, flows } = setUp();
    session.take(challenge('c1'));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ portal, portalName: 'GIS', reason: 'signed-out', outOfBand: false });
    expect(flows[0]?.done).toEqual([['start', 'c1', undefined]]);
  });

  test('is shown once, however often the worker prompts', () => {
    const { session, events, flows } = setUp();
    for (let prompt = 0; prompt < 3; prompt += 1) session.take(challenge('c1'));
    expect(events).toHaveLength(1);
    expect(flows).toHaveLength(1);
    expect(flows[0]?.done).toHaveLength(1);
  });

  test('that the app takes starts no flow, and closes the window of a click', () => {
    const { session, flows, takeOver } = setUp();
    takeOver();
    const opened = fakeWindow();
    session.take(challenge('c1'), opened);
    expect(flows).toEqual([]);
    expect(opened.closed).toBe(true);
  });

  test('is never for a flow with login: none', () => {
    const { session, flows, events } = setUp('none');
    session.take(challenge('c1'));
    expect(events).toHaveLength(1);
    expect(flows).toEqual([]);
  });

  test('that follows another one replaces it: the signal of its event fires', () => {
    const { session, events, flows } = setUp();
    session.take(challenge('c1'));
    session.take(challenge('c2'));
    expect(events.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(flows[0]?.done).toEqual([['start', 'c1', undefined]]);
    flows[0]?.actions.send('click');
    expect(flows[0]?.done.at(-1)).toEqual(['reopen', 'c2']);
  });

  test('that the app takes after the flow has begun closes the flow', () => {
    const { session, flows, takeOver } = setUp();
    session.take(challenge('c1'));
    takeOver();
    session.take(challenge('c2'));
    expect(flows[0]?.done.at(-1)).toEqual(['close', 'worker']);
  });

  test('that the app leaves after it has taken one starts a flow', () => {
    const { session, identity, flows } = setUp();
    identity.addEventListener('oauth-code-required', (event) => event.preventDefault(), { once: true });
    session.take(challenge('c1'));
    session.take(challenge('c2'), null);
    expect(flows[0]?.done).toEqual([['start', 'c2', null]]);
  });

  test('can be joined by a click of the app', () => {
    const { session, flows } = setUp();
    session.take(challenge('c1'));
    const opened = fakeWindow();
    session.take(challenge('c1'), opened);
    expect(flows[0]?.done.at(-1)).toEqual(['take', 'c1', opened]);
  });

  test('is answered by the event', async () => {
    const { session, events, identity } = setUp();
    session.take(challenge('c1'));
    await events[0]?.setCode('abc');
    expect(identity.setOAuthCodeForUrl).toHaveBeenCalledWith(challenge('c1').authorizationUrl, 'abc');
  });
});

describe('the end', () => {
  test.each([
    ['signed-in', 'resolved'],
    ['cancelled', 'code-refused'],
  ] as const)('%s: everything closes, the promise is %s', async (outcome, end) => {
    const { session, events, flows, onEnd, ended } = setUp();
    session.take(challenge('c1'));
    session.settle('c1', outcome, failed());
    await settle();
    expect(ended.mock.calls).toEqual([[end]]);
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(events[0]?.signal.aborted).toBe(true);
    expect(flows[0]?.done.at(-1)).toEqual(['close', 'worker']);
  });

  test('of another challenge is not the end of this one', async () => {
    const { session, ended } = setUp();
    session.take(challenge('c1'));
    session.settle('c0', 'cancelled', failed());
    await settle();
    expect(ended).not.toHaveBeenCalled();
  });

  test('a request after it gets nothing but its window closed', async () => {
    const { session, events, flows } = setUp();
    session.take(challenge('c1'));
    session.settle('c1', 'signed-in', failed());
    const opened = fakeWindow();
    session.take(challenge('c2'), opened);
    expect(opened.closed).toBe(true);
    expect(events).toHaveLength(1);
    expect(flows).toHaveLength(1);
  });

  test('a credential that arrives during a challenge is not its end', async () => {
    const { session, ended } = setUp();
    session.take(challenge('c1'));
    session.credentialArrived();
    await settle();
    expect(ended).not.toHaveBeenCalled();
  });
});

describe('a failure', () => {
  test('is shown where there is no caller, and the sign-in goes on', async () => {
    const { session, flows, ended } = setUp();
    session.take(challenge('c1'));
    session.settle('c1', 'failed', failed());
    await settle();
    expect(flows[0]?.done.at(-1)).toEqual(['showFailure', 'code-refused']);
    expect(ended).not.toHaveBeenCalled();
  });

  test('is not shown where nothing is visible and a caller is told', async () => {
    const { session, flows, ended } = setUp();
    session.take(challenge('c1'), fakeWindow());
    const waited = session.wait(undefined).catch(({ code }: IdentityError) => code);
    session.settle('c1', 'failed', failed());
    expect(await waited).toBe('code-refused');
    expect(flows[0]?.done.map(([name]) => name)).toEqual(['start', 'close']);
    expect(ended.mock.calls).toEqual([['code-refused']]);
  });

  test('is shown to a caller too where the dialog is visible', async () => {
    const { session, flows, ended } = setUp();
    session.take(challenge('c1'), null);
    void session.wait(undefined).catch(() => undefined);
    flows.at(0)!.isVisible = true;
    session.settle('c1', 'failed', failed());
    await settle();
    expect(flows[0]?.done.at(-1)).toEqual(['showFailure', 'code-refused']);
    expect(ended).not.toHaveBeenCalled();
  });

  test('of what the app has taken is told to the caller', async () => {
    const { session, ended, takeOver } = setUp();
    takeOver();
    session.take(challenge('c1'));
    session.settle('c1', 'failed', failed());
    await settle();
    expect(ended.mock.calls).toEqual([['code-refused']]);
  });

  /** A session whose first challenge has failed, with its flow. */
  function afterFailure() {
    const all = setUp();
    all.session.take(challenge('c1'));
    all.session.settle('c1', 'failed', failed());
    return { ...all, flow: all.flows.at(0)! };
  }

  test('a click asks for the next challenge, and goes on with it', async () => {
    const { flow, answers, call, events } = afterFailure();
    flow.actions.send('click');
    expect(flow.done.at(-1)).toEqual(['request']);
    answers['signIn'] = challenge('c2');
    const opened = fakeWindow();
    flow.actions.request(opened);
    await settle();
    expect(call).toHaveBeenCalledWith('signIn', portal);
    expect(events).toHaveLength(2);
    expect(flow.done.at(-1)).toEqual(['retry', 'c2', opened]);
  });

  test('a next challenge that is not to be had is a failure again, and the window closes', async () => {
    const { flow, answers } = afterFailure();
    flow.actions.send('click');
    answers['signIn'] = identityError('worker-restarted');
    const opened = fakeWindow();
    flow.actions.request(opened);
    await settle();
    expect(opened.closed).toBe(true);
    expect(flow.done.at(-1)).toEqual(['showFailure', 'worker-restarted']);
    flow.actions.send('click');
    expect(flow.done.at(-1)).toEqual(['request']);
  });

  test('a prompt of the worker changes nothing of what is shown; the button leads to it', () => {
    const { flow, session } = afterFailure();
    const before = flow.done.length;
    session.take(challenge('c2'));
    expect(flow.done).toHaveLength(before);
    flow.actions.send('click');
    expect(flow.done.at(-1)).toEqual(['reopen', 'c2']);
  });

  test('a sign-in in another tab ends it', async () => {
    const { session, ended } = afterFailure();
    session.credentialArrived();
    await settle();
    expect(ended.mock.calls).toEqual([['resolved']]);
  });

  test('a user who gives up gives the failure as the reason', async () => {
    const { session, ended, flow, call } = afterFailure();
    await session.cancel();
    await settle();
    expect(ended.mock.calls).toEqual([['code-refused']]);
    expect(flow.done.at(-1)).toEqual(['close', 'user']);
    expect(call).not.toHaveBeenCalled();
  });

  test('a code of the challenge that has failed is refused', () => {
    const { flow, identity } = afterFailure();
    flow.actions.send('code', { code: 'abc' });
    expect(flow.done.at(-1)).toEqual(['showRefusal', undefined]);
    flow.actions.send('no-code');
    expect(flow.done.at(-1)).toEqual(['showUnclear']);
    expect(identity.setOAuthCodeForUrl).not.toHaveBeenCalled();
  });

  test('a challenge that is on its way when the user gives up is cancelled too', async () => {
    const { session, flow, answers, call, ended, events } = afterFailure();
    let arrive: (next: CodeRequired) => void = () => undefined;
    answers['signIn'] = new Promise((resolve) => {
      arrive = resolve;
    });
    answers['challengeState'] = 'cancelled';
    flow.actions.send('click');
    const opened = fakeWindow();
    flow.actions.request(opened);
    const cancelled = session.cancel();
    arrive(challenge('c2'));
    await cancelled;
    await settle();
    expect(call).toHaveBeenCalledWith('cancel', 'c2');
    expect(opened.closed).toBe(true);
    expect(events).toHaveLength(1);
    expect(ended.mock.calls).toEqual([['challenge-cancelled']]);
  });
});

describe('cancelling', () => {
  test('closes the flow at once, and settles when the worker has confirmed it', async () => {
    const { session, flows, answers, call, ended } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = 'cancelled';
    const cancelled = session.cancel();
    expect(flows[0]?.done.at(-1)).toEqual(['close', 'user']);
    await cancelled;
    await settle();
    expect(call.mock.calls.map(([method]) => method)).toEqual(['cancel', 'challengeState']);
    expect(ended.mock.calls).toEqual([['challenge-cancelled']]);
  });

  test.each([
    ['the dialog', 'cancel'],
    ['a closed window', 'window-closed'],
  ] as const)('by %s', async (_, event) => {
    const { session, flows, answers, ended } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = 'cancelled';
    flows[0]?.actions.send(event);
    await settle();
    expect(ended.mock.calls).toEqual([['challenge-cancelled']]);
  });

  test('by the event, for its own challenge only', async () => {
    const { session, events, answers, ended, call } = setUp();
    session.take(challenge('c1'));
    session.take(challenge('c2'));
    answers['challengeState'] = 'cancelled';
    await events[0]?.cancel();
    expect(call).not.toHaveBeenCalled();
    await events[1]?.cancel();
    await settle();
    expect(call).toHaveBeenCalledWith('cancel', 'c2');
    expect(ended.mock.calls).toEqual([['challenge-cancelled']]);
  });

  test('by the signal of a caller, until the end', async () => {
    const { session, answers, ended } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = 'cancelled';
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: () => controller.abort(),
    }))(new AbortController());
    const waited = session.wait(signal).catch(({ code }: IdentityError) => code);
    abort();
    expect(await waited).toBe('challenge-cancelled');
    expect(ended).toHaveBeenCalledTimes(1);
  });

  test('a sign-in that was faster counts', async () => {
    const { session, answers, ended } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = 'signed-in';
    await session.cancel();
    await settle();
    expect(ended.mock.calls).toEqual([['resolved']]);
  });

  test('ends as well where the worker cannot be reached', async () => {
    const { session, answers, ended } = setUp();
    session.take(challenge('c1'));
    answers['cancel'] = identityError('worker-restarted');
    await session.cancel();
    await settle();
    expect(ended.mock.calls).toEqual([['challenge-cancelled']]);
  });

  test('nothing is shown any more, and a window closes', async () => {
    const { session, answers, flows, events } = setUp();
    session.take(challenge('c1'));
    answers['cancel'] = new Promise(() => undefined);
    void session.cancel();
    const opened = fakeWindow();
    session.take(challenge('c2'), opened);
    session.take(challenge('c3'));
    expect(opened.closed).toBe(true);
    expect(events).toHaveLength(1);
    expect(flows).toHaveLength(1);
  });
});

describe('a pasted code', () => {
  test('goes to the worker, and is shown as being checked', async () => {
    const { session, flows, identity } = setUp();
    session.take(challenge('c1'));
    flows[0]?.actions.send('code', { code: 'abc' });
    expect(flows[0]?.done.at(-1)).toEqual(['showChecking']);
    expect(identity.setOAuthCodeForUrl).toHaveBeenCalledWith(challenge('c1').authorizationUrl, 'abc');
  });

  test('that is refused is told, while the challenge is open', async () => {
    const { session, flows, identity, answers } = setUp();
    session.take(challenge('c1'));
    identity.setOAuthCodeForUrl.mockRejectedValue(failed());
    answers['challengeState'] = 'open';
    flows[0]?.actions.send('code', { code: 'abc' });
    await settle();
    expect(flows[0]?.done.at(-1)).toEqual(['showRefusal', 'code-refused']);
  });

  test('that ends the challenge is a failure, told once', async () => {
    const { session, flows, identity, answers } = setUp();
    session.take(challenge('c1'));
    identity.setOAuthCodeForUrl.mockRejectedValue(failed());
    answers['challengeState'] = 'unknown';
    flows[0]?.actions.send('code', { code: 'abc' });
    await settle();
    session.settle('c1', 'failed', failed());
    const shown = flows.at(0)!.done.filter(([name]) => String(name).startsWith('show'));
    expect(shown).toEqual([['showChecking'], ['showFailure', 'code-refused']]);
  });

  test('that is refused after the user has gone on by the window is not told', async () => {
    const { session, flows, identity, answers } = setUp();
    session.take(challenge('c1'));
    identity.setOAuthCodeForUrl.mockRejectedValue(failed());
    answers['challengeState'] = 'open';
    flows[0]?.actions.send('code', { code: 'abc' });
    flows[0]?.actions.send('click');
    await settle();
    expect(flows[0]?.done.at(-1)).toEqual(['reopen', 'c1']);
  });

  test('that is none is told', () => {
    const { session, flows } = setUp();
    session.take(challenge('c1'));
    flows[0]?.actions.send('no-code');
    expect(flows[0]?.done.at(-1)).toEqual(['showUnclear']);
  });
});

describe('the window', () => {
  test.each(['window-lost', 'link'] as const)(
    '%s: the dialog shows that the sign-in goes on elsewhere',
    (event) => {
      const { session, flows } = setUp();
      session.take(challenge('c1'));
      flows[0]?.actions.send(event);
      expect(flows[0]?.done.at(-1)).toEqual(['showWaiting']);
    },
  );

  test.each([
    ['open', true],
    ['redeeming', true],
    ['signed-in', false],
    ['unknown', false],
  ])('a challenge that the worker calls %s is open: %s', async (state, isOpen) => {
    const { session, flows, answers } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = state;
    expect(await flows[0]?.actions.isOpen()).toBe(isOpen);
  });

  test('a worker that cannot be asked leaves it open', async () => {
    const { session, flows, answers } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = identityError('worker-unreachable');
    expect(await flows[0]?.actions.isOpen()).toBe(true);
  });

  test('the lost news of its end is made up for', async () => {
    const { session, flows, answers, ended } = setUp();
    session.take(challenge('c1'));
    answers['challengeState'] = 'signed-in';
    await flows[0]?.actions.isOpen();
    await settle();
    expect(ended.mock.calls).toEqual([['resolved']]);
  });
});

test('partitioned storage is told as the reason, before the worker cancels', async () => {
  const { session, answers, call, ended } = setUp();
  session.take(challenge('c1'));
  answers['challengeState'] = 'cancelled';
  await session.fail('storage-partitioned');
  await settle();
  expect(ended.mock.calls).toEqual([['storage-partitioned']]);
  expect(call).toHaveBeenCalledWith('cancel', 'c1');
});

describe('keeps the worker running', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('every ten seconds, until the end', async () => {
    const { session, ping } = setUp();
    session.take(challenge('c1'));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ping).toHaveBeenCalledTimes(3);
    session.settle('c1', 'signed-in', failed());
    expect(vi.getTimerCount()).toBe(0);
  });
});
