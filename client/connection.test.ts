/** The page's connection: control of the page, calls, and a worker that is stopped in the middle of one. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PROTOCOL_VERSION } from '../protocol/messages.js';
import { Connection } from './connection.js';

const scope = 'https://app.example/map/';
const script = 'https://app.example/map/worker.js';

/** What a worker does with the port of a call. */
type Answer = (port: MessagePort) => void;

/** A worker that gets messages of pages. */
class FakeWorker extends EventTarget {
  readonly scriptURL = script;
  state: ServiceWorkerState = 'activated';
  readonly messages: string[] = [];
  onClaim: () => void = () => undefined;
  /** One per call; the last one is used again. */
  answers: Answer[] = [];

  postMessage({ type }: { type: string }, [port]: [MessagePort?] = []): void {
    this.messages.push(type);
    if (type === 'identity:claim') this.onClaim();
    if (port) (this.answers.length > 1 ? this.answers.shift() : this.answers[0])?.(port);
  }
}

/** Web Locks: a lock is held until it is released. */
class FakeLocks {
  readonly #waiting = new Map<string, () => void>();
  readonly aborted: string[] = [];

  request(name: string, { signal }: { signal: AbortSignal }, callback: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(name, () => resolve(callback()));
      signal.addEventListener('abort', () => {
        this.aborted.push(name);
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  }

  isAwaited(name: string): boolean {
    return this.#waiting.has(name);
  }

  release(name: string): void {
    this.#waiting.get(name)?.();
  }
}

/** Says who it is, and answers as Comlink does. */
const answering =
  (result: unknown, lock = 'boot-1'): Answer =>
  (port) => {
    port.addEventListener('message', ({ data }: MessageEvent<{ id: string }>) => {
      port.postMessage({ id: data.id, type: 'RAW', value: result });
    });
    port.start();
    port.postMessage({ type: 'identity:port-ready', version: PROTOCOL_VERSION, lock });
  };

/** Says who it is, and nothing more. */
const hanging =
  (lock: string): Answer =>
  (port) =>
    port.postMessage({ type: 'identity:port-ready', version: PROTOCOL_VERSION, lock });

function setUp({ href = `${scope}page.html`, isControlled = true } = {}) {
  const worker = new FakeWorker();
  const controller: FakeWorker | null = isControlled ? worker : null;
  const container = Object.assign(new EventTarget(), { controller, startMessages: vi.fn() });
  const registration: Record<string, unknown> = { scope, active: worker, waiting: null, installing: null };
  const locks = new FakeLocks();
  const register = vi.fn(() => Promise.resolve(registration as unknown as ServiceWorkerRegistration));
  const control = (by: FakeWorker): void => {
    container.controller = by;
    container.dispatchEvent(new Event('controllerchange'));
  };
  const connection = new Connection(
    register,
    () => container as unknown as ServiceWorkerContainer,
    locks as unknown as LockManager,
    href,
  );
  return { connection, container, worker, registration, locks, register, control };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('controlled', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('resolves at once where the worker controls the page', async () => {
    const { connection, worker } = setUp();
    await connection.controlled();
    expect(connection.isControlled).toBe(true);
    expect(worker.messages).toEqual([]);
  });

  test('asks the worker to claim the page, and waits for it', async () => {
    const { connection, worker, control } = setUp({ isControlled: false });
    worker.onClaim = () => setTimeout(() => control(worker), 500);
    const controlled = connection.controlled();
    await vi.advanceTimersByTimeAsync(499);
    expect(connection.isControlled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await controlled;
    expect(worker.messages).toEqual(['identity:claim']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a worker of a wider scope is not enough', async () => {
    const { connection, worker, control } = setUp({ isControlled: false });
    worker.onClaim = () => {
      control(new FakeWorker());
      setTimeout(() => control(worker), 100);
    };
    const controlled = connection.controlled();
    await vi.advanceTimersByTimeAsync(99);
    expect(connection.isControlled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await controlled;
  });

  test('a worker that is stopped or replaced before it claims is told again', async () => {
    const { connection, worker, registration, control } = setUp({ isControlled: false });
    const successor = new FakeWorker();
    successor.onClaim = () => control(successor);
    const controlled = connection.controlled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(worker.messages).toHaveLength(2);
    registration['active'] = successor;
    await vi.advanceTimersByTimeAsync(1_000);
    await controlled;
    expect(successor.messages).toEqual(['identity:claim']);
  });

  test('gives up after ten seconds', async () => {
    const { connection } = setUp({ isControlled: false });
    const failure = connection.controlled().catch(codeOf);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(vi.getTimerCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failure).toBe('page-uncontrolled');
  });

  test('fails at once for a page outside the scope, and names the scope', async () => {
    const { connection, worker } = setUp({ isControlled: false, href: 'https://app.example/other.html' });
    await expect(connection.controlled()).rejects.toMatchObject({
      code: 'page-uncontrolled',
      facts: { scope: '/map/' },
    });
    expect(worker.messages).toEqual([]);
  });

  test('fails as the registration does, which is made once', async () => {
    const { connection, register } = setUp();
    register.mockRejectedValue(Object.assign(new Error('x'), { code: 'worker-script-missing' }));
    for (let call = 0; call < 2; call += 1)
      expect(await connection.controlled().catch(codeOf)).toBe('worker-script-missing');
    expect(register).toHaveBeenCalledTimes(1);
  });
});

describe('call', () => {
  test('resolves with the value, and leaves neither port nor lock behind', async () => {
    const { connection, worker, locks } = setUp();
    worker.answers = [answering({ ok: true, value: 'open' })];
    expect(await connection.call('challengeState', 'c1')).toBe('open');
    expect(worker.messages).toEqual(['identity:connect']);
    expect(locks.aborted).toEqual(['boot-1']);
  });

  test('rejects with the class and code that the worker answers', async () => {
    const { connection, worker } = setUp();
    const error = { code: 'code-reused', facts: { origin: 'https://gis.example.org' } };
    worker.answers = [answering({ ok: false, error })];
    await expect(connection.call('cancel', 'c1')).rejects.toMatchObject({ name: 'ChallengeError', ...error });
  });

  test('is repeated when the worker is stopped in the middle, with the same arguments', async () => {
    const { connection, worker, locks } = setUp();
    const heard: unknown[] = [];
    const listening =
      (answer: Answer): Answer =>
      (port) => {
        port.addEventListener('message', ({ data }: MessageEvent<{ argumentList: unknown }>) =>
          heard.push(data.argumentList),
        );
        port.start();
        answer(port);
      };
    worker.answers = [
      listening(hanging('boot-1')),
      listening(answering({ ok: true, value: null }, 'boot-2')),
    ];
    const call = connection.call('cancel', 'c1');
    await vi.waitUntil(() => locks.isAwaited('boot-1') && heard.length > 0);
    locks.release('boot-1');
    expect(await call).toBeNull();
    expect(heard).toEqual([[{ type: 'RAW', value: 'c1' }], [{ type: 'RAW', value: 'c1' }]]);
  });

  test('makes a call again that is lost with a worker before it is taken up', async () => {
    vi.useFakeTimers();
    const { connection, worker } = setUp();
    worker.answers = [() => undefined, answering({ ok: true, value: null })];
    const call = connection.call('cancel', 'c1');
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(await call).toBeNull();
    expect(worker.messages).toHaveLength(2);
  });

  test('gives up when the worker is stopped three times', async () => {
    const { connection, worker, locks } = setUp();
    worker.answers = ['boot-1', 'boot-2', 'boot-3'].map(hanging);
    const failure = connection.call('state').catch(codeOf);
    for (const lock of ['boot-1', 'boot-2', 'boot-3']) {
      await vi.waitUntil(() => locks.isAwaited(lock));
      locks.release(lock);
    }
    expect(await failure).toBe('worker-restarted');
    expect(worker.messages).toHaveLength(3);
  });

  test('a slow worker is waited for as long as it holds its lock', async () => {
    const { connection, worker, locks } = setUp();
    let answer: () => void = () => undefined;
    worker.answers = [
      (port) => {
        port.addEventListener('message', ({ data }: MessageEvent<{ id: string }>) => {
          answer = () => port.postMessage({ id: data.id, type: 'RAW', value: { ok: true, value: null } });
        });
        port.start();
        hanging('boot-1')(port);
      },
    ];
    const call = connection.call('cancel', 'c1');
    await vi.waitUntil(() => locks.isAwaited('boot-1'));
    answer();
    expect(await call).toBeNull();
  });

  test('a browser that refuses the lock does not end the call', async () => {
    const { connection, worker, locks } = setUp();
    vi.spyOn(locks, 'request').mockRejectedValue(new DOMException('x', 'SecurityError'));
    worker.answers = [answering({ ok: true, value: null })];
    expect(await connection.call('cancel', 'c1')).toBeNull();
  });

  test('fails where there is no worker', async () => {
    const { connection, registration } = setUp({ isControlled: false });
    registration['active'] = null;
    expect(await connection.call('state').catch(codeOf)).toBe('worker-missing');
  });

  test('fails after fifteen seconds when a worker does not take it up, such as one of another kind', async () => {
    vi.useFakeTimers();
    const { connection, worker } = setUp();
    worker.answers = [1, 2, 3].map(() => (port) => port.postMessage({ type: 'something-else' }));
    const failure = connection.call('state').catch(codeOf);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failure).toBe('worker-unreachable');
    vi.useRealTimers();
  });
});

describe('listen', () => {
  const message = {
    type: 'identity:challenge-settled',
    version: PROTOCOL_VERSION,
    challengeId: 'c1',
    portal: 'https://gis.example.org/portal',
    outcome: 'signed-in',
  };

  async function heard(data: unknown, source: unknown): Promise<unknown[]> {
    const { connection, container } = setUp();
    const messages: unknown[] = [];
    connection.listen((each) => messages.push(each));
    container.dispatchEvent(Object.assign(new Event('message'), { data, source }));
    await new Promise(setImmediate);
    expect(container.startMessages).toHaveBeenCalledTimes(1);
    return messages;
  }

  test('hears messages of this page’s worker', async () => {
    expect(await heard(message, new FakeWorker())).toEqual([message]);
  });

  test.each([
    ['another worker of the origin', message, { scriptURL: 'https://app.example/other.js' }],
    ['nobody', message, null],
    ['a worker of another version', { ...message, version: 99 }, new FakeWorker()],
    ['the worker, but unknown', { type: 'identity:news', version: PROTOCOL_VERSION }, new FakeWorker()],
    ['the app, by its own worker', 'skip-waiting', new FakeWorker()],
  ])('ignores what is of %s', async (_, data, source) => {
    expect(await heard(data, source)).toEqual([]);
  });
});

describe('ping', () => {
  test('reaches the worker', async () => {
    const { connection, worker } = setUp();
    await connection.ping();
    expect(worker.messages).toEqual(['identity:ping']);
  });

  test('never rejects', async () => {
    const { connection, register } = setUp({ isControlled: false });
    register.mockRejectedValue(new Error('x'));
    await expect(connection.ping()).resolves.toBeUndefined();
  });
});
