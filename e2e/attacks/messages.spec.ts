/** Hostile script of the app's own origin talks to the worker: forged, replayed, raced, flooding, nonsensical messages. */
import { expect, expectRepelled, signedIn, test, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { authorize, generateToken, ownRequest } from '../support/oauth-client.js';

/**
 * Sends messages on the port of a call, as Comlink would or never would.
 *
 * @returns Everything that came back, by the time that honest calls made later have been answered.
 */
const sendMessages = async (messages: readonly unknown[]): Promise<string> => {
  const received: unknown[] = [];
  const listen = (port: MessagePort): MessagePort => {
    port.addEventListener('message', ({ data }) => {
      received.push(data);
      // What the worker hands out is used at once: a function is called, an endpoint read.
      if (!(data?.value instanceof MessagePort)) return;
      listen(data.value).postMessage(
        data.type === 'HANDLER'
          ? { id: 'used', type: 'APPLY', path: [], argumentList: [] }
          : { id: 'used', type: 'GET', path: ['token'] },
      );
    });
    port.start();
    return port;
  };
  const connect = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    navigator.serviceWorker.controller?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
    return listen(port1);
  };
  const port = connect();
  for (const message of messages) {
    const { port1, port2 } = new MessageChannel();
    const text = JSON.stringify(message);
    // "@port" stands for a port of the attacker's.
    if (text?.includes('"@port"')) {
      listen(port1);
      const put = (value: unknown): unknown =>
        value === '@port'
          ? port2
          : Array.isArray(value)
            ? value.map(put)
            : typeof value === 'object' && value !== null
              ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, put(inner)]))
              : value;
      port.postMessage(put(message), [port2]);
    } else port.postMessage(message);
  }
  for (let turn = 0; turn < 3; turn += 1) {
    const honest = connect();
    const answered = new Promise<void>((resolve) => {
      honest.addEventListener('message', ({ data }) => {
        if (data.id === 'honest') resolve();
      });
    });
    const argumentList = [{ type: 'RAW', value: 'x' }];
    honest.postMessage({ id: 'honest', type: 'APPLY', path: ['challengeState'], argumentList });
    await answered;
  }
  return JSON.stringify(received);
};

const raw = (value: unknown) => ({ type: 'RAW', value });
const call = (path: readonly unknown[], ...values: unknown[]) => ({
  id: 'attack',
  type: 'APPLY',
  path,
  argumentList: values.map(raw),
});

/** What came back of the attack's own messages: the vulnerable worker answers each of them. */
const answersIn = (received: string): number => received.match(/"id":"attack"/g)?.length ?? 0;

const attempts: readonly (readonly [name: string, ...messages: object[]])[] = [
  ['reading a property of the worker’s object', { id: 'attack', type: 'GET', path: ['token'] }],
  [
    'running code in the worker by its own Function',
    {
      id: 'attack',
      type: 'CONSTRUCT',
      path: ['challengeState', 'constructor'],
      argumentList: [raw('return typeof token === "string" ? token : JSON.stringify(Object.keys(self))')],
    },
  ],
  ['asking for a second endpoint beside the gate', { id: 'attack', type: 'ENDPOINT', path: [] }],
  [
    'calling a longer path',
    call(['challengeState', 'constructor', 'prototype', 'toString', 'call']),
    call(['state', 'call']),
  ],
  ['sending more calls behind a first one', call(['challengeState'], 'x'), call(['state']), call(['signIn'])],
];

for (const [name, ...messages] of attempts) {
  test(`${name} gives no token away`, { tag: ['@S8'] }, async ({ app, vulnerableApp }) => {
    await signedIn(app);
    const vulnerable = await vulnerableApp({ does: 'comlink' });
    await expectRepelled(app, vulnerable, (target) => target.run(sendMessages, messages));
    expect(answersIn(await vulnerable.run(sendMessages, messages)), 'control').toBe(messages.length);
    // A probe learns nothing: of all these, one message is a call.
    const [first] = messages as { type?: string; path?: unknown[] }[];
    const isCall = first?.type === 'APPLY' && first.path?.length === 1;
    expect(answersIn(await app.run(sendMessages, messages))).toBe(isCall ? 1 : 0);
  });
}

test(
  'overwriting a method does not cut off other pages',
  { tag: ['@S8'] },
  async ({ app, vulnerableApp }) => {
    const messages = [{ id: 'attack', type: 'SET', path: ['challengeState'], value: raw('gone') }];
    await signedIn(app);
    expect(await (await vulnerableApp({ does: 'comlink' })).run(sendMessages, messages)).toContain(
      '"name":"throw"',
    );
    const received = await app.run(sendMessages, messages);
    expect(received.match(/"value":\{"ok":true,"value":"unknown"\}/g)).toHaveLength(3);
  },
);

test(
  'a port in an argument does not let the worker call the attacker',
  { tag: ['@S8'] },
  async ({ app, vulnerableApp }) => {
    const argumentList = [{ type: 'HANDLER', name: 'proxy', value: '@port' }, raw('id')];
    const messagesTo = (method: string) => [{ id: 'attack', type: 'APPLY', path: [method], argumentList }];
    await signedIn(app);
    const calledBack = /"type":"(GET|APPLY)"/;
    const vulnerable = await vulnerableApp({ does: 'comlink' });
    expect(await vulnerable.run(sendMessages, messagesTo('submitCode')), 'control').toMatch(calledBack);
    for (const method of ['submitCode', 'submitError', 'signIn', 'signOutUrl', 'cancel', 'challengeState'])
      expect(await app.run(sendMessages, messagesTo(method)), method).not.toMatch(calledBack);
  },
);

test('no call has a secret in its result', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  const methods = [
    'state',
    'signIn',
    'challengeState',
    'cancel',
    'signOut',
    'submitCode',
    'submitError',
    'clients',
  ];
  const attack = async (target: TestApp): Promise<string> => {
    const leaked: string[] = [];
    for (const method of methods)
      for (const given of [
        undefined,
        target.portal.url,
        'x',
        { code: 'x', state: 'x' },
        { error: 'x', state: 'x' },
      ])
        leaked.push(
          await target.run(sendMessages, [call([method], ...(given === undefined ? [] : [given]), 'id')]),
        );
    return leaked.join('\n');
  };
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ does: 'comlink' }), attack);
});

test('two thousand random messages give no token away', { tag: ['@S8'] }, async ({ app, vulnerableApp }) => {
  /** Messages of a fixed seed, from the words of both protocols and whatever upsets parsers. */
  const fuzz = async (count: number): Promise<void> => {
    let seed = 20_260_101;
    const random = (limit: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * limit);
    };
    const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;
    const words =
      'token state signIn submitCode credentials constructor prototype __proto__ toString call apply length name then GET SET APPLY CONSTRUCT ENDPOINT RELEASE RAW HANDLER proxy throw identity:connect identity:claim identity:ping identity:code-required CACHE_URLS SKIP_WAITING'.split(
        ' ',
      );
    const value = (depth: number): unknown => {
      switch (random(depth > 3 ? 7 : 10)) {
        case 0:
        case 1:
          return pick(words);
        case 2:
          return random(3);
        case 3:
          return null;
        case 4:
          return undefined;
        case 5:
          return pick([new Date(0), /x/, new Map([['token', 1]]), new Uint8Array(3), 10n, NaN]);
        case 6:
          return 'x'.repeat(random(20_000));
        case 7:
          return Array.from({ length: random(4) }, () => value(depth + 1));
        default:
          return record(depth + 1);
      }
    };
    const record = (depth: number): Record<string, unknown> =>
      Object.fromEntries(
        ['id', 'type', 'path', 'argumentList', 'version', 'value', '__proto__', 'payload']
          .filter(() => random(3) > 0)
          .map((name) => [name, name === 'path' && random(2) === 0 ? [pick(words)] : value(depth)]),
      );
    const received: unknown[] = [];
    const worker = navigator.serviceWorker.controller;
    for (let index = 0; index < count; index += 1) {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', ({ data }) => received.push(data));
      port1.start();
      const opening = random(2) === 0 ? { type: 'identity:connect', version: 1 } : record(0);
      worker?.postMessage(opening, [port2]);
      const message =
        random(3) === 0
          ? value(0)
          : { ...record(0), id: `${index}`, type: pick(['GET', 'APPLY', 'CONSTRUCT', 'SET']) };
      // Every tenth is a call that is admitted, with any arguments.
      const argumentList = Array.from({ length: random(4) }, () => ({ type: 'RAW', value: value(0) }));
      const path = [pick(['state', 'submitCode', 'submitError', 'challengeState', 'cancel', 'returnUrl'])];
      port1.postMessage(index % 10 === 9 ? { id: `${index}`, type: 'APPLY', path, argumentList } : message);
      // Breathes: so many ports at once are the flood, which is another attack.
      if (index % 500 === 499) await new Promise((resolve) => setTimeout(resolve));
    }
    Object.assign(window, { fuzzReceived: received });
  };
  const allReceived = (): string =>
    JSON.stringify(Reflect.get(window, 'fuzzReceived'), (_, inner: unknown) =>
      typeof inner === 'bigint' ? `${inner}` : inner,
    );
  await signedIn(app);
  const attack = async (target: TestApp): Promise<string> => {
    await target.run(fuzz, 2000);
    // What the worker says to the honest calls comes after all that it says to the others.
    const sentLast = await target.run(sendMessages, []);
    return sentLast + (await target.run(allReceived));
  };
  const unguarded = await vulnerableApp({ does: 'comlink' });
  await expectRepelled(app, unguarded, attack);
  // Nothing is broken by it, and the session is the same.
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
});

test(
  'a thousand calls that are opened and never made do not block others',
  { tag: ['@S8'] },
  async ({ app, vulnerableApp }) => {
    /** Whether an honest call is answered before the worker has answered a message that came after it. */
    const flood = async (count: number): Promise<string> => {
      const worker = navigator.serviceWorker.controller;
      for (let index = 0; index < count; index += 1) {
        const { port2 } = new MessageChannel();
        worker?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
      }
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<string>((resolve) => {
        port1.addEventListener('message', () => resolve('answered'));
      });
      port1.start();
      worker?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
      port1.postMessage({ id: 'honest', type: 'APPLY', path: ['state'], argumentList: [] });
      const { port1: ear, port2: mouth } = new MessageChannel();
      const marker = new Promise<string>((resolve) => {
        ear.addEventListener('message', () => resolve('waits'));
      });
      ear.start();
      worker?.postMessage('marker', [mouth]);
      return Promise.race([answered, marker]);
    };
    await signedIn(app);
    expect(await (await vulnerableApp({ does: 'queues' })).run(flood, 1000)).toBe('waits');
    expect(await app.run(flood, 1000)).toBe('answered');
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  },
);

/** Sends messages on a port each, in one turn, and waits until each has been answered. */
const sendAtOnce = async (messages: readonly { id: string }[]): Promise<void> => {
  await Promise.all(
    messages.map((message) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<void>((resolve) => {
        port1.addEventListener('message', ({ data }) => {
          if (data.id === message.id) resolve();
        });
      });
      port1.start();
      navigator.serviceWorker.controller?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
      port1.postMessage(message);
      return answered;
    }),
  );
};

const codeSent = { path: /oauth2\/token$/, grantType: 'authorization_code' };

test(
  'a code submitted by ten pages at once, and again later, is sent once',
  { tag: ['@S7'] },
  async ({ app, vulnerableApp, portal }) => {
    await app.open();
    await app.handleChallengesInApp();
    await app.startSignIn();
    const { searchParams } = await authorize((await app.challengeUrl()).href, 'ana');
    const answer = { code: searchParams.get('code') ?? '', state: searchParams.get('state') };
    const attack = async (target: TestApp): Promise<void> => {
      portal.log.clear();
      const calls = Array.from({ length: 10 }, (_, index) => call(['submitCode'], answer, `call-${index}`));
      await target.run(sendAtOnce, calls);
      const leaked = await target.run(sendMessages, [call(['submitCode'], answer, 'later')]);
      expect(portal.log.leaks(leaked.replaceAll(answer.code, ''))).toEqual([]);
    };
    await attack(app);
    expect(portal.log.count(codeSent)).toBe(1);
    expect(await app.run(() => window.identity.credentials.map(({ username }) => username))).toEqual(['ana']);
    await attack(await vulnerableApp({ does: 'comlink' }));
    await portal.log.waitFor(codeSent, 11);
  },
);

test('a code of ten megabytes is not sent', { tag: ['@S8'] }, async ({ app, vulnerableApp, portal }) => {
  await app.open();
  await app.handleChallengesInApp();
  await app.startSignIn();
  const state = (await app.challengeUrl()).searchParams.get('state');
  const attack = async (target: TestApp): Promise<number> => {
    portal.log.clear();
    await target.run(sendMessages, [call(['submitCode'], { code: 'x'.repeat(10_000_000), state }, 'id')]);
    const sent = portal.log.requests({ path: /oauth2\/token$/ });
    return Math.max(0, ...sent.map(({ bodyLength }) => bodyLength));
  };
  expect(await attack(await vulnerableApp({ does: 'comlink' }))).toBeGreaterThan(10_000_000);
  expect(await attack(app)).toBe(0);
});

test('the activity channel holds no token', { tag: ['@S1'] }, async ({ app, vulnerableApp, portal }) => {
  /** Requests as a page makes them, and what every page of the origin is told of them. */
  const listen = async ([urls, callback]: [string[], string]): Promise<string> => {
    const received: string[] = [];
    const channel = new BroadcastChannel('identity-worker:activity');
    const isTold = (address: string): boolean =>
      received.some((text) => text.includes(new URL(address).pathname));
    const told = new Promise<void>((resolve) => {
      channel.addEventListener('message', ({ data }) => {
        received.push(JSON.stringify(data));
        if ([...urls, ...(callback === '' ? [] : [callback])].every(isTold)) resolve();
      });
    });
    for (const url of urls) await (await fetch(url)).text();
    // The response of a sign-in in a window or frame comes to the callback page in its address.
    if (callback !== '') {
      const frame = document.createElement('iframe');
      frame.src = callback;
      document.body.append(frame);
    }
    await told;
    return received.join('\n');
  };
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ does: 'reports' }), async (target) => {
    const signed = target.hosted(countQuery());
    if (target !== app) return target.run(listen, [[signed], '']);
    // Apps sign a request of their own as well.
    const own = `${app.hosted('Terrain/MapServer')}?f=json&token=${await generateToken(portal, app.url)}`;
    const callback = await authorize(ownRequest(portal, `${app.url}/signed-in.html`).url, 'ben');
    return app.run(listen, [[signed, own], callback.href]);
  });
});

test('asking the worker for the token gives none', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  const ask = async (): Promise<string> => {
    const received: unknown[] = [];
    const { port1, port2 } = new MessageChannel();
    for (const target of [port1, navigator.serviceWorker])
      target.addEventListener('message', (event) => received.push((event as MessageEvent).data));
    port1.start();
    const worker = navigator.serviceWorker.controller;
    worker?.postMessage('token', [port2]);
    for (const type of ['token', 'getToken', 'GET_TOKEN', 'state', 'credentials', 'identity:token', 'init'])
      worker?.postMessage({ type, key: 'token', configurationName: 'default', version: 1 });
    worker?.postMessage('token');
    // Answered after all of these, where anything is.
    await fetch('/signed-in.html');
    await new Promise((resolve) => setTimeout(resolve));
    return JSON.stringify(received);
  };
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ does: 'tells' }), (target) => target.run(ask));
});
