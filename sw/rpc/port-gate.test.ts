/** The gate before Comlink: plain calls pass, reaching into the worker gets no answer. */
import { expose } from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import { gate, isPlainCall } from './port-gate.js';

const methods = ['state', 'signIn'];
const raw = (value: unknown): object => ({ type: 'RAW', value });
const call = (changes: object = {}): object => ({
  id: '1',
  type: 'APPLY',
  path: ['state'],
  argumentList: [],
  ...changes,
});

describe('isPlainCall', () => {
  test.each([
    ['a call without arguments', call()],
    [
      'a call with arguments',
      call({ path: ['signIn'], argumentList: [raw('a'), raw(undefined), raw(null), raw({ b: [1] })] }),
    ],
  ])('admits %s', (_, data) => {
    expect(isPlainCall(data, methods)).toBe(true);
  });

  test.each<[name: string, data: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'APPLY'],
    ['a list', ['1', 'APPLY', ['state'], []]],
    ['nothing', {}],
    ['GET', call({ type: 'GET' })],
    ['SET', call({ type: 'SET', value: raw(1) })],
    ['CONSTRUCT', call({ type: 'CONSTRUCT' })],
    ['ENDPOINT', call({ type: 'ENDPOINT' })],
    ['RELEASE', call({ type: 'RELEASE' })],
    ['apply', call({ type: 'apply' })],
    ['a type that is a list', call({ type: ['APPLY'] })],
    ['no id', call({ id: undefined })],
    ['a number as id', call({ id: 1 })],
    ['an object as id', call({ id: {} })],
    ['the root itself', call({ path: [] })],
    ['a path into a method', call({ path: ['state', 'call'] })],
    ['the constructor of a method', call({ path: ['state', 'constructor'] })],
    ['the constructor', call({ path: ['constructor'] })],
    ['__proto__', call({ path: ['__proto__'] })],
    ['toString', call({ path: ['toString'] })],
    ['hasOwnProperty', call({ path: ['hasOwnProperty'] })],
    ['a method that is not listed', call({ path: ['secrets'] })],
    ['a method in other letters', call({ path: ['State'] })],
    ['a path that is a text', call({ path: 'state' })],
    ['a path that only looks like a list', call({ path: { 0: 'state', length: 1 } })],
    ['a path of a list', call({ path: [['state']] })],
    ['no path', call({ path: undefined })],
    ['no arguments', call({ argumentList: undefined })],
    ['arguments that only look like a list', call({ argumentList: { length: 0 } })],
    ['a callback', call({ argumentList: [{ type: 'HANDLER', name: 'proxy', value: {} }] })],
    ['a thrown value', call({ argumentList: [{ type: 'HANDLER', name: 'throw', value: {} }] })],
    [
      'a callback after a plain argument',
      call({ argumentList: [raw(1), { type: 'HANDLER', name: 'proxy', value: {} }] }),
    ],
    ['an argument without a type', call({ argumentList: [{ value: 1 }] })],
    ['an argument that is bare', call({ argumentList: ['a'] })],
    ['an argument that is null', call({ argumentList: [null] })],
    ['too many arguments', call({ argumentList: [1, 2, 3, 4, 5].map(raw) })],
  ])('refuses %s', (_, data) => {
    expect(isPlainCall(data, methods)).toBe(false);
  });

  test('admits nothing where no method is listed', () => {
    expect(isPlainCall(call(), [])).toBe(false);
  });
});

/** Sends messages and collects the answers until the one to `last` is there. */
async function converse(
  port: MessagePort,
  messages: readonly object[],
  last: string,
): Promise<Record<string, { type: string; value: unknown }>> {
  const answers: Record<string, { type: string; value: unknown }> = {};
  const done = new Promise<void>((resolve) => {
    port.addEventListener(
      'message',
      ({ data }: MessageEvent<{ id: string; type: string; value: unknown }>) => {
        answers[data.id] = data;
        if (data.id === last) resolve();
      },
    );
  });
  port.start();
  for (const message of messages) port.postMessage(message);
  await done;
  return answers;
}

describe('a port', () => {
  const open: MessagePort[] = [];

  afterEach(() => {
    for (const port of open.splice(0)) port.close();
  });

  interface Api {
    secret: string;
    state: () => Promise<string>;
    signIn: (portal: string) => Promise<string>;
  }

  function connect(isGated: boolean): { port: MessagePort; api: Api; answered: Promise<void> } {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    const api: Api = {
      secret: 'secret-1',
      state: () => Promise.resolve('the state'),
      signIn: (portal) => Promise.resolve(`to ${portal}`),
    };
    if (!isGated) {
      expose(api, port2);
      return { port: port1, api, answered: Promise.resolve() };
    }
    const { endpoint, answered } = gate(port2, methods);
    expose(api, endpoint);
    return { port: port1, api, answered };
  }

  const honest = call({ id: 'honest' });

  test('answers a plain call', async () => {
    const { port, answered } = connect(true);
    const { honest: answer } = await converse(
      port,
      [call({ id: 'honest', path: ['signIn'], argumentList: [raw('gis')] })],
      'honest',
    );
    expect(answer).toMatchObject({ type: 'RAW', value: 'to gis' });
    await expect(answered).resolves.toBeUndefined();
  });

  test('answers one call only', async () => {
    const { port, api } = connect(true);
    let calls = 0;
    api.state = () => {
      calls += 1;
      return Promise.resolve('the state');
    };
    port.postMessage(call({ id: 'first' }));
    port.postMessage(call({ id: 'second' }));
    expect(Object.keys(await converse(port, [], 'first'))).toEqual(['first']);
    expect(calls).toBe(1);
  });

  const attacks: [name: string, message: object][] = [
    ['reading a value', { id: 'attack', type: 'GET', path: ['secret'] }],
    ['reading the whole', { id: 'attack', type: 'GET', path: [] }],
    ['replacing a method', { id: 'attack', type: 'SET', path: ['state'], value: raw('mine') }],
    [
      'making a function of the worker',
      { id: 'attack', type: 'CONSTRUCT', path: ['state', 'constructor'], argumentList: [raw('return 1')] },
    ],
    ['calling through a method', { id: 'attack', type: 'APPLY', path: ['state', 'call'], argumentList: [] }],
    [
      'calling what every object has',
      { id: 'attack', type: 'APPLY', path: ['hasOwnProperty'], argumentList: [raw('secret')] },
    ],
    ['asking for another port', { id: 'attack', type: 'ENDPOINT', path: [] }],
    ['releasing the object', { id: 'attack', type: 'RELEASE', path: [] }],
  ];

  test.each(attacks)('%s gets no answer, and the honest call after it does', async (_, message) => {
    const { port, api } = connect(true);
    const { state } = api;
    const answers = await converse(port, [message, honest], 'honest');
    expect(Object.keys(answers)).toEqual(['honest']);
    expect(answers['honest']).toMatchObject({ value: 'the state' });
    expect(api.state).toBe(state);
  });

  test.each(attacks)('%s is answered without the gate (control)', async (_, message) => {
    const { port } = connect(false);
    expect(await converse(port, [message], 'attack')).toHaveProperty('attack');
  });

  /** Has a function made of a text, and calls it. */
  const smuggle = async (port: MessagePort): Promise<unknown> => {
    const make = {
      id: 'make',
      type: 'CONSTRUCT',
      path: ['state', 'constructor'],
      argumentList: [raw('return 6 * 7')],
    };
    const { make: made } = await converse(port, [make], 'make');
    const inner = made?.value as MessagePort;
    open.push(inner);
    const { run } = await converse(inner, [{ id: 'run', type: 'APPLY', path: [], argumentList: [] }], 'run');
    return run?.value;
  };

  test('code smuggled in by a page runs without the gate (control)', async () => {
    expect(await smuggle(connect(false).port)).toBe(42);
  });

  test('an attack does not use up the port, and does not end the wait for its call', async () => {
    const { port, answered } = connect(true);
    let isAnswered = false;
    const watch = answered.then(() => {
      isAnswered = true;
      return isAnswered;
    });
    for (const [, message] of attacks) port.postMessage(message);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(isAnswered).toBe(false);
    await converse(port, [honest], 'honest');
    expect(await watch).toBe(true);
  });
});
