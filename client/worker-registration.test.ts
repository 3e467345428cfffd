/** The registration that is to control a page: found or made, and waited for until its worker is active. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { identityError, type IdentityError } from '../protocol/errors.js';
import { activeRegistration, serviceWorkers } from './worker-registration.js';

class FakeWorker extends EventTarget {
  readonly scriptURL = 'https://app.example/sw.js?portal=x';
  state: ServiceWorkerState = 'installing';

  become(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

function setUp() {
  const worker = new FakeWorker();
  const registration: Record<string, unknown> = { active: null, installing: worker, waiting: null };
  const container = {
    getRegistration: vi.fn(async (): Promise<unknown> => undefined),
    ready: new Promise<unknown>(() => undefined),
    register: vi.fn<(...given: unknown[]) => Promise<unknown>>(async () => registration),
  };
  const diagnose = vi.fn<(...given: unknown[]) => Promise<IdentityError>>(async () =>
    identityError('worker-script-missing'),
  );
  const start = (options: Parameters<typeof activeRegistration>[0] = {}): Promise<unknown> =>
    activeRegistration(
      options,
      async () => ({ diagnose, sharedInstallation: () => undefined }),
      async () => undefined,
      () => container as unknown as ServiceWorkerContainer,
    );
  const activate = (): void => {
    registration['active'] = worker;
    worker.become('activating');
  };
  return { worker, registration, container, diagnose, start, activate };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { baseURI: 'https://app.example/' });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('with a worker', () => {
  test('registers it as the options say, and waits until it is active', async () => {
    const { container, registration, worker, start, activate } = setUp();
    const started = start({ worker: '/sw.js', scope: '/map/', type: 'module' });
    const isDone = vi.fn();
    void started.then(isDone);
    worker.become('installed');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isDone).not.toHaveBeenCalled();
    activate();
    expect(await started).toBe(registration);
    expect(container.register.mock.calls).toEqual([['/sw.js', { scope: '/map/', type: 'module' }]]);
  });

  test('an active one is taken at once', async () => {
    const { registration, start } = setUp();
    registration['active'] = registration['installing'];
    expect(await start({ worker: '/sw.js' })).toBe(registration);
  });

  test('one that does not install is told, without its query', async () => {
    const { worker, start } = setUp();
    const failure = start({ worker: '/sw.js' }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    worker.become('redundant');
    expect(await failure).toMatchObject({ code: 'worker-script-failed', facts: { path: '/sw.js' } });
  });

  test('one that is stopped while it is installed is registered again', async () => {
    const { container, registration, worker, start } = setUp();
    const second = new FakeWorker();
    const started = start({ worker: '/sw.js' });
    await vi.advanceTimersByTimeAsync(0);
    container.register.mockResolvedValue({ ...registration, active: second, installing: null });
    worker.become('redundant');
    expect(await started).toMatchObject({ active: second });
    expect(container.register).toHaveBeenCalledTimes(2);
  });

  test('one that the browser refuses is diagnosed', async () => {
    const { container, diagnose, start } = setUp();
    const refusal = new TypeError('refused');
    container.register.mockRejectedValue(refusal);
    expect(await start({ worker: '/sw.js', scope: '/map/' }).catch(codeOf)).toBe('worker-script-missing');
    expect(diagnose).toHaveBeenCalledWith(new URL('https://app.example/sw.js'), '/map/', refusal);
    expect(container.register).toHaveBeenCalledTimes(1);
  });

  test('a sealed one is registered once more: the refusal has brought the cookie', async () => {
    const { container, registration, diagnose, start } = setUp();
    registration['active'] = registration['installing'];
    diagnose.mockResolvedValue(identityError('worker-script-refused'));
    container.register.mockRejectedValueOnce(new TypeError('refused'));
    expect(await start({ worker: '/sw.js' })).toBe(registration);
    container.register.mockRejectedValue(new TypeError('refused'));
    expect(await start({ worker: '/sw.js' }).catch(codeOf)).toBe('worker-script-refused');
    expect(container.register).toHaveBeenCalledTimes(4);
  });
});

describe('with a worker that the app registers', () => {
  test('takes the registration that there is', async () => {
    const { container, registration, start } = setUp();
    registration['active'] = registration['installing'];
    container.getRegistration.mockResolvedValue(registration);
    expect(await start()).toBe(registration);
    expect(container.register).not.toHaveBeenCalled();
  });

  test('waits for one, for thirty seconds', async () => {
    const { container, registration, start } = setUp();
    registration['active'] = registration['installing'];
    container.ready = new Promise((resolve) => setTimeout(() => resolve(registration), 29_999));
    const started = start();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await started).toBe(registration);

    container.ready = new Promise(() => undefined);
    const failure = start().catch(codeOf);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await failure).toBe('worker-missing');
  });

  test('one without any worker is told', async () => {
    const { container, registration, start } = setUp();
    registration['installing'] = null;
    container.getRegistration.mockResolvedValue(registration);
    expect(await start().catch(codeOf)).toBe('worker-missing');
  });
});

describe('serviceWorkers', () => {
  const codeThrown = (): unknown => {
    try {
      return serviceWorkers();
    } catch (error) {
      return codeOf(error);
    }
  };

  test.each([
    ['an insecure page', false, { serviceWorker: {} }, 'context-insecure'],
    ['a browser without them', true, {}, 'service-worker-unsupported'],
    [
      'a browser that throws',
      true,
      {
        get serviceWorker(): never {
          throw new DOMException('x', 'SecurityError');
        },
      },
      'service-worker-unsupported',
    ],
  ])('%s', (_, isSecureContext, navigator, code) => {
    vi.stubGlobal('isSecureContext', isSecureContext);
    vi.stubGlobal('navigator', navigator);
    expect(codeThrown()).toBe(code);
  });
});
