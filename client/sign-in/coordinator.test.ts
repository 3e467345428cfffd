/** All sign-ins of a page: which session, frame or event a challenge and a message belong to. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { fromWireError, identityError, type IdentityError } from '../../protocol/errors.js';
import {
  CALLBACK_RELAY,
  PROTOCOL_VERSION,
  type CodeRequired,
  type SignInMessage,
} from '../../protocol/messages.js';
import type { SignInElsewhereEvent } from '../events.js';
import type { PageHost } from '../page-host.js';
import { SignInCoordinator } from './coordinator.js';
import type { FlowActions, SignInFlow } from './flow.js';
import { SilentFlow } from './silent-flow.js';

const portal = 'https://gis.example.org/portal';
const other = 'https://other.example.org/portal';

const challenge = (id: string, of = portal): CodeRequired => ({
  challengeId: id,
  portal: of,
  portalName: 'GIS',
  authorizationUrl: `${of}/authorize?state=${id}`,
  outOfBand: false,
});

const prompt = (id: string, asked: boolean, of = portal): SignInMessage => ({
  type: 'identity:code-required',
  version: PROTOCOL_VERSION,
  asked,
  ...challenge(id, of),
});

const settled = (
  id: string,
  outcome: 'signed-in' | 'cancelled' | 'failed',
  more: Record<string, unknown> = {},
): SignInMessage => ({
  type: 'identity:challenge-settled',
  version: PROTOCOL_VERSION,
  challengeId: id,
  portal,
  outcome,
  ...more,
});

const ana: CredentialInfo = { portal, username: 'ana', renewable: true };

/** A flow that only notes what is begun. */
function fakeFlow(started: string[], actions: FlowActions[]) {
  return (_: CodeRequired, flowActions: FlowActions): SignInFlow => {
    actions.push(flowActions);
    const flow: Partial<SignInFlow> = {
      isVisible: false,
      start: ({ challengeId }) => void started.push(challengeId),
      take: ({ challengeId }, opened) => void (opened && started.push(`${challengeId} by click`)),
      showFailure: () => undefined,
      close: () => undefined,
    };
    return flow as SignInFlow;
  };
}

function setUp() {
  const answers: Record<string, unknown> = {};
  const call = vi.fn<(method: string, ...given: unknown[]) => Promise<unknown>>(async (method) => {
    const answer = answers[method];
    if (answer instanceof Error) throw answer;
    return answer ?? null;
  });
  const identity = Object.assign(new EventTarget(), {
    ready: Promise.resolve(),
    credentials: [] as CredentialInfo[],
    portals: [],
    setOAuthCodeForUrl: async (): Promise<void> => undefined,
  });
  const readState = vi.fn(async () => undefined);
  const host = {
    connection: { call, ping: async () => undefined, delayUpdate: () => undefined },
    login: 'popup',
    identity,
    error: fromWireError,
    report: async () => undefined,
    readState,
  } as unknown as PageHost;
  const started: string[] = [];
  const actions: FlowActions[] = [];
  const coordinator = new SignInCoordinator(host, {}, fakeFlow(started, actions));
  const elsewhere: SignInElsewhereEvent[] = [];
  identity.addEventListener('sign-in-elsewhere', (event) => elsewhere.push(event as SignInElsewhereEvent));
  return { coordinator, answers, call, identity, readState, started, actions, elsewhere };
}

const codeOf = (error: unknown): unknown => (error as IdentityError).code;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const later = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('prompts of several portals', () => {
  const third = 'https://third.example.org/portal';
  const promptAll = () => {
    const page = setUp();
    page.coordinator.receive(prompt('c1', true));
    page.coordinator.receive(prompt('c2', true, other));
    page.coordinator.receive(prompt('c3', true, third));
    return page;
  };
  const end = (id: string, of: string, outcome: 'signed-in' | 'cancelled' = 'signed-in'): SignInMessage =>
    settled(id, outcome, { portal: of });

  test('are shown one at a time, in the order in which they came', () => {
    const { coordinator, started } = promptAll();
    expect(started).toEqual(['c1']);
    coordinator.receive(end('c1', portal));
    expect(started).toEqual(['c1', 'c2']);
    coordinator.receive(end('c2', other, 'cancelled'));
    expect(started).toEqual(['c1', 'c2', 'c3']);
  });

  test('one that ends before its turn is not shown, and the others keep theirs', () => {
    const { coordinator, started } = promptAll();
    coordinator.receive(end('c2', other));
    expect(started).toEqual(['c1']);
    coordinator.receive(end('c1', portal));
    expect(started).toEqual(['c1', 'c3']);
  });

  test('one that the worker repeats keeps its turn', () => {
    const { coordinator, started } = promptAll();
    coordinator.receive(prompt('c3', true, third));
    coordinator.receive(prompt('c2', true, other));
    expect(started).toEqual(['c1']);
    coordinator.receive(end('c1', portal));
    expect(started).toEqual(['c1', 'c2']);
  });

  test('a click of the user does not wait for its turn', async () => {
    const { coordinator, answers, started } = promptAll();
    answers['signIn'] = challenge('c3', third);
    void coordinator.signIn(third, {}, undefined, null).catch(() => undefined);
    await later();
    expect(started).toEqual(['c1', 'c3']);
  });

  test('one that the app takes keeps no other waiting, and every one is offered to it at once', () => {
    const { coordinator, identity, started } = setUp();
    const offered: string[] = [];
    identity.addEventListener('oauth-code-required', (event) => {
      offered.push((event as Event & { portal: string }).portal);
      if (offered.length === 1) event.preventDefault();
    });
    coordinator.receive(prompt('c1', true));
    coordinator.receive(prompt('c2', true, other));
    coordinator.receive(prompt('c3', true, third));
    expect(offered).toEqual([portal, other, third]);
    expect(started).toEqual(['c2']);
  });
});

describe('signIn', () => {
  test('asks the worker, waits for the end, and resolves with the credential', async () => {
    const { coordinator, answers, call, identity, started, readState } = setUp();
    answers['signIn'] = challenge('c1');
    const signedIn = coordinator.signIn(undefined, { forceLogin: true }, undefined, null);
    await later();
    expect(call).toHaveBeenCalledWith('signIn', undefined, { forceLogin: true });
    expect(started).toEqual(['c1']);
    identity.credentials = [ana];
    coordinator.receive(settled('c1', 'signed-in'));
    expect(await signedIn).toEqual(ana);
    expect(readState).not.toHaveBeenCalled();
  });

  test('reads the state where the message of the credential is lost', async () => {
    const { coordinator, answers, identity, readState } = setUp();
    answers['signIn'] = challenge('c1');
    const signedIn = coordinator.signIn(portal, {}, undefined, null);
    await later();
    readState.mockImplementation(async () => {
      identity.credentials = [ana];
      return undefined;
    });
    coordinator.receive(settled('c1', 'signed-in'));
    expect(await signedIn).toEqual(ana);
  });

  test('rejects where the user has signed out meanwhile', async () => {
    const { coordinator, answers } = setUp();
    answers['signIn'] = challenge('c1');
    const failure = coordinator.signIn(portal, {}, undefined, null).catch(codeOf);
    await later();
    coordinator.receive(settled('c1', 'signed-in'));
    expect(await failure).toBe('challenge-cancelled');
  });

  test.each([
    ['cancelled', undefined, 'challenge-cancelled'],
    ['failed', { code: 'code-refused', facts: {} }, 'code-refused'],
  ] as const)('%s: rejects', async (outcome, error, code) => {
    const { coordinator, answers } = setUp();
    answers['signIn'] = challenge('c1');
    const failure = coordinator.signIn(portal, {}, undefined, null).catch(codeOf);
    await later();
    coordinator.receive(settled('c1', outcome, error ? { error } : {}));
    expect(await failure).toBe(code);
  });

  test('joins the sign-in of a request: one flow, and its click is used', async () => {
    const { coordinator, answers, started } = setUp();
    coordinator.receive(prompt('c1', true));
    answers['signIn'] = challenge('c1');
    const opened = { close: vi.fn() } as unknown as Window;
    void coordinator.signIn(portal, {}, undefined, opened).catch(() => undefined);
    await later();
    expect(started).toEqual(['c1', 'c1 by click']);
  });

  test('for two portals at once', async () => {
    const { coordinator, answers, started } = setUp();
    coordinator.receive(prompt('c1', true));
    answers['signIn'] = challenge('c2', other);
    void coordinator.signIn(other, {}, undefined, null).catch(() => undefined);
    await later();
    expect(started).toEqual(['c1', 'c2']);
  });

  test('begins anew after the end', async () => {
    const { coordinator, started } = setUp();
    coordinator.receive(prompt('c1', true));
    coordinator.receive(settled('c1', 'cancelled'));
    coordinator.receive(prompt('c2', true));
    expect(started).toEqual(['c1', 'c2']);
  });

  test('rejects as the call to the worker does', async () => {
    const { coordinator, answers } = setUp();
    answers['signIn'] = identityError('portal-ambiguous');
    expect(await coordinator.signIn(undefined, {}, undefined, null).catch(codeOf)).toBe('portal-ambiguous');
  });
});

test('a credential of another tab ends a sign-in that has failed here', () => {
  const { coordinator, started } = setUp();
  const arrived = (credential: CredentialInfo | null): SignInMessage => ({
    type: 'identity:credential-changed',
    version: PROTOCOL_VERSION,
    portal,
    credential,
  });
  coordinator.receive(prompt('c1', true));
  coordinator.receive(settled('c1', 'failed'));
  coordinator.receive(arrived(null));
  coordinator.receive(prompt('c2', true));
  expect(started).toEqual(['c1']);
  coordinator.receive(settled('c2', 'failed'));
  coordinator.receive(arrived(ana));
  coordinator.receive(prompt('c3', true));
  expect(started).toEqual(['c1', 'c3']);
});

describe('a prompt in another page', () => {
  test('is an event, once, whose signal fires at the end', () => {
    const { coordinator, elsewhere, started } = setUp();
    coordinator.receive(prompt('c1', false));
    coordinator.receive(prompt('c1', false));
    expect(elsewhere).toMatchObject([{ portal, portalName: 'GIS', signal: { aborted: false } }]);
    coordinator.receive(settled('c1', 'signed-in'));
    expect(elsewhere[0]?.signal.aborted).toBe(true);
    expect(started).toEqual([]);
  });

  test('that comes to this page instead starts a flow, and fires the signal', () => {
    const { coordinator, elsewhere, started } = setUp();
    coordinator.receive(prompt('c1', false));
    coordinator.receive(prompt('c1', true));
    expect(elsewhere[0]?.signal.aborted).toBe(true);
    expect(started).toEqual(['c1']);
  });

  test('is no news for a page that signs in to the portal itself', () => {
    const { coordinator, elsewhere } = setUp();
    coordinator.receive(prompt('c1', true));
    coordinator.receive(prompt('c1', false));
    expect(elsewhere).toEqual([]);
  });
});

describe('a relayed callback', () => {
  const relay = (response: unknown): unknown => ({
    type: CALLBACK_RELAY,
    version: PROTOCOL_VERSION,
    response,
  });

  test('with a response reaches the worker', async () => {
    const { coordinator, call } = setUp();
    const response = { code: 'abc', state: 's1' };
    await coordinator.acceptRelayedCallback(relay(response));
    expect(call).toHaveBeenCalledWith('submitCode', response, expect.any(String));
    const error = { error: 'access_denied', state: 's1' };
    // The callback page of the next version.
    await coordinator.acceptRelayedCallback({ ...(relay(error) as object), version: PROTOCOL_VERSION + 1 });
    expect(call).toHaveBeenCalledWith('submitError', error);
  });

  test.each([
    ['no response, in a page of its own', relay(null)],
    ['a response without a state', relay({ code: 'abc' })],
    ['no object', 'code'],
  ])('%s is ignored', async (_, data) => {
    const { coordinator, call, started } = setUp();
    coordinator.receive(prompt('c1', true));
    await coordinator.acceptRelayedCallback(data, () => false);
    expect(call).not.toHaveBeenCalled();
    expect(started).toEqual(['c1']);
  });

  test('without a response, in a frame of another site’s page: the reason is the partitioned storage', async () => {
    const { coordinator, answers, call } = setUp();
    answers['signIn'] = challenge('c1');
    const failure = coordinator.signIn(portal, {}, undefined, null).catch(codeOf);
    await later();
    await coordinator.acceptRelayedCallback(relay(null), () => true);
    expect(await failure).toBe('storage-partitioned');
    expect(call).toHaveBeenCalledWith('cancel', 'c1');
  });
});

describe('silently', () => {
  class FakeFrame extends EventTarget {
    src = '';
    hidden = false;
    contentDocument: unknown = null;
    isRemoved = false;
    remove(): void {
      this.isRemoved = true;
    }
  }

  function silent() {
    const frame = new FakeFrame();
    const page = { createElement: () => frame, body: { append: vi.fn() } };
    const flow = new SilentFlow(challenge('c1'), (code) => identityError(code), page as unknown as Document);
    return { flow, frame };
  }

  test('opens the sign-in page in a hidden frame, until the end', async () => {
    const { flow, frame } = silent();
    const run = flow.run(undefined);
    expect(frame).toMatchObject({ src: challenge('c1').authorizationUrl, hidden: true, isRemoved: false });
    flow.settle(undefined);
    await run;
    expect(frame.isRemoved).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('rejects as the challenge has ended', async () => {
    const { flow } = silent();
    const run = flow.run(undefined).catch(codeOf);
    flow.settle(identityError('access-denied'));
    expect(await run).toBe('access-denied');
  });

  test.each([
    ['a portal that does not redirect: after eight seconds', 8_000, false, null],
    ['a portal that shows a page: after a second and a half', 1_500, true, null],
    ['the callback page, while it is busy: after eight seconds', 8_000, true, {}],
  ])('%s', async (_, ms, isShown, contentDocument) => {
    const { flow, frame } = silent();
    const end = vi.fn();
    void flow.run(undefined).catch((error: unknown) => end(codeOf(error)));
    frame.contentDocument = contentDocument;
    if (isShown) frame.dispatchEvent(new Event('load'));
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(end).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(end).toHaveBeenCalledWith('login-required');
  });

  test('ends with the signal of the caller', async () => {
    const { flow, frame } = silent();
    const over = new AbortController();
    const run = flow.run(over.signal).catch(codeOf);
    over.abort();
    expect(await run).toBe('login-required');
    expect(frame.isRemoved).toBe(true);
  });
});
