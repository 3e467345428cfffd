/** The life of tokens: one refresh at a time, nothing lost without a status, and a sign-out that nothing undoes. */
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { TokenEndpointUnavailable } from '../oauth/token-endpoint.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { resolvePortals } from '../portals/portal.js';
import { PortalIndex, type TokenTarget } from '../portals/portal-index.js';
import { TokenManager } from './token-manager.js';
import { injectedEncrypter } from '../parts/sealed-level.js';
import { ServerTokens } from './server-tokens.js';
import { KeyRing } from '../storage/key-ring.js';
import { Database, type Ciphertext, type StoredLevel } from '../storage/database.js';
import type { CredentialRecord } from '../storage/records.js';
import { signOutNotes } from '../storage/sign-out-notes.js';
import { Store } from '../storage/store.js';

const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const DAY_S = 24 * 3600;

const options = { url: 'https://gis.example.org/portal', clientId: 'app', redirectUri: '/signed-in.html' };
const register = (changes: object = {}): Portal => {
  const [portal] = resolvePortals([arcgisEnterprise({ ...options, ...changes })], 'https://app.example/');
  if (!portal) throw new Error('There is no portal.');
  return portal;
};
const portal = register();
const portalTarget: TokenTarget = { portal, serverRoot: undefined };
const server = 'https://gis.example.org/server';
const serverTarget: TokenTarget = { portal, serverRoot: server };

/** The database in an IndexedDB of the test's own, with faults. */
class TestDatabase extends Database {
  isFull = false;
  /** Called before each write of a state. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();

  override async replaceState(
    level: StoredLevel,
    expected: unknown,
    next: Ciphertext,
    key?: CryptoKey,
  ): Promise<{ readonly found: unknown } | undefined> {
    await this.beforeWrite();
    if (this.isFull) throw new DOMException('full', 'QuotaExceededError');
    return super.replaceState(level, expected, next, key);
  }
}

/** Web Locks as far as they are needed: one holder a name, in order. */
class Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  request<T>(name: string, _options: LockOptions, work: () => Promise<T>): Promise<T> {
    const run = (this.#tails.get(name) ?? Promise.resolve()).then(work);
    this.#tails.set(
      name,
      run.catch(() => undefined),
    );
    return run;
  }
}

interface Sent {
  readonly path: string;
  readonly form: Record<string, string>;
}

type Answer = () => Response | Promise<Response>;

let nowMs: number;
/** What `Math.random` gives. */
let chance: number;
let database: TestDatabase;
let sent: Sent[];
let changes: (CredentialInfo | null)[];
/** What the portal answers, by the last part of the path. */
let answers: Record<string, Answer>;

const stores = new WeakMap<TokenManager, Store>();

const newStore = (injectedKeys: string[] = []): Store =>
  new Store(database, new KeyRing(database, injectedEncrypter(injectedKeys)), () => undefined);

const newManager = (portals: Portal[] = [portal], injectedKeys: string[] = []): TokenManager => {
  const store = newStore(injectedKeys);
  const made = new TokenManager({
    portalIndex: new PortalIndex(portals),
    store,
    onChange: (_, credential) => changes.push(credential),
    serverTokens: new ServerTokens(() => nowMs),
    now: () => nowMs,
  });
  stores.set(made, store);
  return made;
};

/** As at the start of the worker. */
const restore = async (restored: TokenManager): Promise<void> => {
  await stores.get(restored)?.restore(await database.snapshot());
  await restored.restore(await signOutNotes());
};

/** The credentials that another boot of the worker would find. */
const stored = async (...injectedKeys: string[]): Promise<readonly CredentialRecord[]> => {
  const store = newStore(injectedKeys);
  await store.restore(await database.snapshot());
  return [...store.state('persistent').credentials, ...store.state('sealed').credentials];
};

const pendingRevocations = async (): Promise<number> => {
  const store = newStore();
  await store.restore(await database.snapshot());
  return store.state('persistent').revocations.length;
};

/** Cache Storage as far as it is needed. */
class Caches {
  readonly #caches = new Map<string, Map<string, Response>>();

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.#caches.has(name));
  }

  open(name: string) {
    const entries = this.#caches.get(name) ?? new Map<string, Response>();
    this.#caches.set(name, entries);
    return Promise.resolve({
      put: async (url: string, response: Response) => void entries.set(url, response),
      keys: () => Promise.resolve(Array.from(entries.keys(), (url) => new Request(url))),
      match: (request: Request) => Promise.resolve(entries.get(request.url)?.clone()),
    });
  }
}

let manager: TokenManager;

const sentTo = (path: string): Sent[] => sent.filter((request) => request.path === path);

/** Answers `access-2`, `access-3`, …; with `rotates`, new refresh tokens too. */
const tokens = (rotates = false): Answer => {
  let count = 1;
  return () => {
    count += 1;
    return Response.json({
      access_token: `access-${count}`,
      expires_in: 1800,
      username: 'ada',
      ...(rotates ? { refresh_token: `refresh-${count}` } : {}),
    });
  };
};

const serverTokens = (): Answer => {
  let count = 0;
  return () => {
    count += 1;
    return Response.json({ token: `server-${count}`, expires: Date.now() + 3_600_000 });
  };
};

const refuse = (code = 498): Answer => {
  const error = { code, error: 'invalid_request', message: 'Invalid refresh_token' };
  return () => Response.json({ error });
};

/** A promise that is kept when it is told to. */
class Signal {
  give!: () => void;
  readonly given = new Promise<void>((keep) => {
    this.give = keep;
  });
}

/** An answer that comes when it is told to. */
function held(answer: Answer): { answer: Answer; release: () => void; asked: Promise<void> } {
  const [asked, released] = [new Signal(), new Signal()];
  return {
    answer: async () => {
      asked.give();
      await released.given;
      return answer();
    },
    release: released.give,
    asked: asked.given,
  };
}

const signIn = (to: TokenManager = manager): Promise<CredentialInfo> =>
  to.save(portal, { accessToken: 'access-1', expiresInS: 1800, refreshToken: 'refresh-1', username: 'ada' });

const extended: Promise<unknown>[] = [];
const waitUntil = (work: Promise<unknown>): void => {
  extended.push(work);
};

beforeEach(() => {
  nowMs = START_MS;
  chance = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => chance);
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('caches', new Caches());
  vi.stubGlobal('self', { location: { origin: 'https://app.example' } });
  vi.setSystemTime(START_MS);
  database = new TestDatabase('/');
  sent = [];
  changes = [];
  extended.length = 0;
  answers = {
    token: tokens(),
    generateToken: serverTokens(),
    revokeToken: () => Response.json({ success: true }),
  };
  vi.stubGlobal('navigator', { locks: new Locks() });
  vi.stubGlobal('fetch', async (url: string | URL, init: RequestInit) => {
    const path = new URL(url).pathname.split('/').at(-1) ?? '';
    sent.push({ path, form: Object.fromEntries(init.body as URLSearchParams) });
    const answer = answers[path];
    if (!answer) throw new TypeError('Failed to fetch');
    return answer();
  });
  manager = newManager();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('nobody signed in', () => {
  test('there is no token, and no request is sent', async () => {
    expect(manager.cachedToken(portalTarget, waitUntil)).toBeUndefined();
    expect(await manager.token(portalTarget)).toBeUndefined();
    expect(await manager.token(serverTarget)).toBeUndefined();
    expect(await manager.renew(portalTarget, 'access-0')).toBeUndefined();
    expect(manager.infos()).toEqual([]);
    expect(sent).toEqual([]);
  });
});

describe('a sign-in', () => {
  test('is told to pages without a token', async () => {
    const info = { portal: portal.url, username: 'ada', expires: START_MS + 30 * MINUTE_MS, renewable: true };
    expect(await signIn()).toEqual(info);
    expect(changes).toEqual([info]);
    expect(manager.info(portal)).toEqual(info);
    expect(manager.infos()).toEqual([info]);
  });

  test('is stored for its registration, and nothing of it can be read', async () => {
    await signIn();
    expect(await stored()).toMatchObject([
      { portal: portal.url, fingerprint: fingerprintOf(portal), obtainedAtMs: START_MS },
    ]);
    const { states } = await database.snapshot();
    const { data } = states.persistent as Ciphertext;
    expect(new TextDecoder('latin1').decode(data)).not.toMatch(/access|refresh|ada|gis/);
  });

  test('answers from memory until a minute before its end', async () => {
    await signIn();
    nowMs += 29 * MINUTE_MS;
    expect(await manager.token(portalTarget)).toBe('access-1');
    expect(sent).toEqual([]);
  });

  test('survives a stop of the worker', async () => {
    await signIn();
    const next = newManager();
    await restore(next);
    expect(next.cachedToken(portalTarget, waitUntil)).toBe('access-1');
  });

  test('holds though the disk is full', async () => {
    database.isFull = true;
    await signIn();
    expect(await manager.token(portalTarget)).toBe('access-1');
  });

  test('of somebody else takes the server tokens of the one before along', async () => {
    await signIn();
    expect(await manager.token(serverTarget)).toBe('server-1');
    await manager.save(portal, { accessToken: 'other-1', username: 'bob' });
    expect((await stored()).map((record) => record.portal)).toEqual([portal.url]);
    expect(await manager.token(serverTarget)).toBe('server-2');
    expect(sentTo('generateToken').map(({ form }) => form['token'])).toEqual(['access-1', 'other-1']);
  });

  test('of a changed registration does not come back', async () => {
    await signIn();
    const changed = register({ clientId: 'another' });
    const next = newManager([changed]);
    await restore(next);
    expect(next.info(changed)).toBeUndefined();
    expect(await next.token({ portal: changed, serverRoot: undefined })).toBeUndefined();
  });

  test('that cannot be decrypted does not come back', async () => {
    await signIn();
    const next = newManager();
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    vi.spyOn(database, 'key').mockResolvedValue(key);
    await stores.get(next)?.restore({ ...(await database.snapshot()), key });
    await next.restore(new Map());
    expect(next.info(portal)).toBeUndefined();
  });
});

describe('the level', () => {
  const [first, second] = ['A'.repeat(43), 'B'.repeat(42) + 'A'] as [string, string];
  const [sealed] = resolvePortals(
    [arcgisEnterprise({ ...options, persistence: 'sealed' })],
    'https://app.example/',
  ) as [Portal];
  const inMemory = register({ persistence: 'memory' });
  const save = (level: Portal, ...keys: string[]): Promise<CredentialInfo> =>
    newManager([level], keys).save(level, { accessToken: 'access-1', refreshToken: 'refresh-1' });
  const tokenAfterRestart = async (level: Portal, ...keys: string[]): Promise<string | undefined> => {
    const next = newManager([level], keys);
    await restore(next);
    return next.token({ portal: level, serverRoot: undefined });
  };

  test('memory stores nothing, and nothing survives the worker', async () => {
    await save(inMemory);
    expect(await stored()).toEqual([]);
    expect(await tokenAfterRestart(inMemory)).toBeUndefined();
  });

  test('sealed decrypts with the injected key, and with no other', async () => {
    await save(sealed, first);
    expect(await tokenAfterRestart(sealed, first)).toBe('access-1');
    expect(await tokenAfterRestart(sealed, second)).toBeUndefined();
    expect((await database.snapshot()).key).toBeUndefined();
  });

  test('a change of keys loses nothing, and the record is encrypted anew', async () => {
    await save(sealed, first);
    expect(await tokenAfterRestart(sealed, second, first)).toBe('access-1');
    expect(await tokenAfterRestart(sealed, second)).toBe('access-1');
    expect(await tokenAfterRestart(sealed, first)).toBeUndefined();
  });

  test.each([
    ['sealed', sealed],
    ['memory', inMemory],
  ])('what was kept in a weaker way is removed when the registration becomes %s', async (_, level) => {
    await signIn();
    expect(await stored()).toHaveLength(1);
    expect(await tokenAfterRestart(level, first)).toBeUndefined();
    expect(await stored()).toEqual([]);
  });
});

describe('a refresh', () => {
  beforeEach(async () => {
    await signIn();
    nowMs += 29 * MINUTE_MS + 1;
  });

  test('is made once for all who ask', async () => {
    const results = await Promise.all([
      ...Array.from({ length: 10 }, () => manager.token(portalTarget)),
      ...Array.from({ length: 10 }, () => manager.renew(portalTarget, 'access-1')),
    ]);
    expect(new Set(results)).toEqual(new Set(['access-2']));
    expect(sent).toEqual([
      {
        path: 'token',
        form: { grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'app', f: 'json' },
      },
    ]);
  });

  test('keeps the refresh token that ArcGIS does not return, and counts from its own answer', async () => {
    await manager.token(portalTarget);
    expect(manager.info(portal)).toMatchObject({ expires: nowMs + 30 * MINUTE_MS, renewable: true });
    nowMs += 30 * MINUTE_MS;
    expect(await manager.token(portalTarget)).toBe('access-3');
    expect(sent.map(({ form }) => form['refresh_token'])).toEqual(['refresh-1', 'refresh-1']);
  });

  test('is not made for a token that was renewed meanwhile', async () => {
    await manager.token(portalTarget);
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
    expect(sent).toHaveLength(1);
  });

  test('is made for a refused token whatever the clock says', async () => {
    nowMs = START_MS;
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
  });

  test('is stored before anybody uses it', async () => {
    answers['token'] = tokens(true);
    const seen: (string | undefined)[] = [];
    database.beforeWrite = async () => {
      await Promise.resolve();
      seen.push(manager.cachedToken(portalTarget, waitUntil));
    };
    expect(await manager.token(portalTarget)).toBe('access-2');
    // That the refresh token is sent, and what came for it.
    expect(seen).toEqual([undefined, undefined]);
    const next = newManager();
    await restore(next);
    expect(next.cachedToken(portalTarget, waitUntil)).toBe('access-2');
  });

  test('tells pages', async () => {
    await manager.token(portalTarget);
    expect(changes.at(-1)).toMatchObject({ expires: nowMs + 30 * MINUTE_MS });
  });

  test('of another version of the worker is taken over instead of repeated', async () => {
    const other = newManager();
    await restore(other);
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
    expect(await other.renew(portalTarget, 'access-1')).toBe('access-2');
    expect(sentTo('token')).toHaveLength(1);
  });

  test('of two versions at once is one', async () => {
    const other = newManager();
    await restore(other);
    const results = await Promise.all([manager.token(portalTarget), other.token(portalTarget)]);
    expect(results).toEqual(['access-2', 'access-2']);
    expect(sentTo('token')).toHaveLength(1);
  });

  test('does not wait for ever for a lock', async () => {
    vi.stubGlobal('navigator', {
      locks: { request: () => Promise.reject(new DOMException('timeout', 'TimeoutError')) },
    });
    expect(await manager.token(portalTarget)).toBe('access-2');
  });

  test('that fails under the lock is not repeated without it', async () => {
    answers['token'] = () => Promise.reject(new TypeError('offline'));
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    expect(sent).toHaveLength(1);
  });

  test('uses the rotated refresh token though it could not be stored', async () => {
    answers['token'] = tokens(true);
    database.isFull = true;
    expect(await manager.token(portalTarget)).toBe('access-2');
    expect(await manager.renew(portalTarget, 'access-2')).toBe('access-3');
    expect(sent.map(({ form }) => form['refresh_token'])).toEqual(['refresh-1', 'refresh-2']);
  });

  test('swaps a refresh token that nears its end', async () => {
    await manager.save(portal, {
      accessToken: 'access-1',
      expiresInS: 1800,
      refreshToken: 'refresh-1',
      refreshTokenExpiresInS: 14 * DAY_S,
    });
    nowMs += (10 * DAY_S + 1) * 1000;
    answers['token'] = () =>
      Response.json({
        access_token: 'access-2',
        expires_in: 1800,
        refresh_token: 'refresh-2',
        refresh_token_expires_in: 14 * DAY_S,
      });
    expect(await manager.token(portalTarget)).toBe('access-2');
    expect(sent[0]?.form).toMatchObject({
      grant_type: 'exchange_refresh_token',
      refresh_token: 'refresh-1',
      redirect_uri: 'https://app.example/signed-in.html',
    });
    expect(manager.info(portal)?.sessionExpires).toBe(nowMs + 14 * DAY_S * 1000);
  });
});

describe('a refresh that is refused', () => {
  beforeEach(() => signIn());

  test('ends the session, once', async () => {
    answers['token'] = refuse();
    const results = await Promise.all([
      manager.renew(portalTarget, 'access-1'),
      manager.renew(portalTarget, 'access-1'),
    ]);
    expect(results).toEqual([undefined, undefined]);
    expect(await stored()).toEqual([]);
    expect(manager.info(portal)).toBeUndefined();
    expect(changes.at(-1)).toBeNull();
    expect(await manager.token(portalTarget)).toBeUndefined();
    expect(sent).toHaveLength(1);
  });

  describe('after an answer that never came', () => {
    test.each([
      ['in this boot of the worker', false],
      ['before the worker was stopped', true],
    ])('%s is a session that is lost, once', async (_, isStopped) => {
      answers['token'] = () => Promise.reject(new TypeError('Failed to fetch'));
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toThrow();
      let current = manager;
      if (isStopped) {
        current = newManager();
        await restore(current);
      }
      answers['token'] = refuse();
      expect(await current.renew(portalTarget, 'access-1')).toBeUndefined();
      expect(current.lostUser(portal)).toBe('ada');
      expect([current.takeLost(portal), current.takeLost(portal)]).toEqual([true, false]);
      // Who may take it up again is known until somebody signs in.
      expect(current.lostUser(portal)).toBe('ada');
      await current.save(portal, { accessToken: 'access-9' });
      expect(current.lostUser(portal)).toBeUndefined();
    });

    test('a renewal makes the next refusal the portal’s own end', async () => {
      answers['token'] = () => Promise.reject(new TypeError('Failed to fetch'));
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toThrow();
      answers['token'] = tokens(true);
      const renewed = (await manager.renew(portalTarget, 'access-1')) ?? '';
      answers['token'] = refuse();
      await manager.renew(portalTarget, renewed);
      expect(manager.hasEnded(portal)).toBe(true);
      expect(manager.lostUser(portal)).toBeUndefined();
      expect(manager.takeLost(portal)).toBe(false);
    });
  });

  test('is remembered until the next sign-in; signing out is no such end', async () => {
    expect(manager.hasEnded(portal)).toBe(false);
    answers['token'] = refuse();
    await manager.renew(portalTarget, 'access-1');
    expect(manager.hasEnded(portal)).toBe(true);
    await manager.save(portal, { accessToken: 'access-2' });
    expect(manager.hasEnded(portal)).toBe(false);
    await manager.remove(portal, waitUntil);
    expect(manager.hasEnded(portal)).toBe(false);
  });

  test('takes the server tokens along', async () => {
    await manager.token(serverTarget);
    answers['token'] = refuse();
    await manager.renew(portalTarget, 'access-1');
    expect(await stored()).toEqual([]);
    expect(manager.cachedToken(serverTarget, waitUntil)).toBeUndefined();
  });

  test('does not end the sign-in that came meanwhile', async () => {
    const late = held(refuse());
    answers['token'] = late.answer;
    const renewal = manager.renew(portalTarget, 'access-1');
    await late.asked;
    await manager.save(portal, { accessToken: 'new-1', refreshToken: 'new-refresh' });
    late.release();
    expect(await renewal).toBe('new-1');
    expect(manager.cachedToken(portalTarget, waitUntil)).toBe('new-1');
    expect(await stored()).toHaveLength(1);
  });

  describe('where there is no refresh token', () => {
    const user = (): Response => Response.json({ username: 'ada' });
    beforeEach(() => manager.save(portal, { accessToken: 'access-1', expiresInS: 1800 }));

    test('the portal says whether the token is dead', async () => {
      answers['self'] = () => Response.json({ error: { code: 498, message: 'Invalid token.' } });
      expect(await manager.renew(portalTarget, 'access-1')).toBeUndefined();
      expect(manager.info(portal)).toBeUndefined();
      expect(sentTo('token')).toEqual([]);
    });

    test('a service that refuses a good token costs nobody the session', async () => {
      answers['self'] = user;
      expect(await manager.renew(portalTarget, 'access-1')).toBe('access-1');
      expect(manager.info(portal)).toBeDefined();
      expect(await stored()).toHaveLength(1);
    });

    test.each<[name: string, answer: Answer]>([
      ['503', () => new Response('', { status: 503 })],
      ['a page', () => new Response('<html>')],
      ['a lost network', () => Promise.reject(new TypeError('Failed to fetch'))],
    ])('%s is no word on it', async (_, answer) => {
      answers['self'] = answer;
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
      expect(manager.info(portal)).toBeDefined();
    });

    test('one whose time is over is dead without a question', async () => {
      answers['self'] = user;
      nowMs += 31 * MINUTE_MS;
      expect(await manager.renew(portalTarget, 'access-1')).toBeUndefined();
      expect(sentTo('self')).toEqual([]);
    });
  });
});

describe('a refresh without a status', () => {
  beforeEach(() => signIn());

  test.each<[name: string, answer: Answer]>([
    ['offline', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['500', () => new Response('', { status: 500 })],
    ['502 with HTML', () => new Response('<html>Bad Gateway', { status: 502 })],
    ['503 that says the grant is bad', () => Response.json({ error: 'invalid_grant' }, { status: 503 })],
    ['HTML with 200', () => new Response('<html>Sign in to the network')],
    ['HTML with 400', () => new Response('<html>Bad Request', { status: 400 })],
    ['truncated JSON', () => new Response('{"access_token":"access-2","expi')],
    ['a truncated error', () => new Response('{"error":{"code":498,"mess')],
    ['a nested 500', () => Response.json({ error: { code: 500, message: 'x' } })],
    ['an answer without a token', () => Response.json({ success: true })],
  ])('%s keeps the session, and the next one succeeds', async (_, answer) => {
    answers['token'] = answer;
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    expect(manager.info(portal)).toMatchObject({ username: 'ada', renewable: true });
    expect(await stored()).toHaveLength(1);
    expect(changes).toHaveLength(1);
    answers['token'] = tokens();
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
    expect(sentTo('token').map(({ form }) => form['refresh_token'])).toEqual(['refresh-1', 'refresh-1']);
  });

  test.each<[name: string, answer: Answer]>([
    ['429', () => Response.json({ error: { code: 498 } }, { status: 429 })],
    ['an error that is not about the grant', () => Response.json({ error: 'temporarily_unavailable' })],
  ])('%s is a refusal: half a minute goes by before the portal is asked again', async (_, answer) => {
    answers['token'] = answer;
    const renew = (): Promise<string | undefined> => manager.renew(portalTarget, 'access-1');
    await expect(renew()).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    answers['token'] = tokens();
    nowMs += 29_000;
    await expect(renew()).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    expect(sentTo('token')).toHaveLength(1);
    nowMs += 1_000;
    expect(await renew()).toBe('access-2');
  });

  test('a half more at most of what the server asked for, by chance: not all come back together', async () => {
    answers['token'] = () => new Response('', { status: 429 });
    chance = 0.999;
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    answers['token'] = tokens();
    nowMs += 44_000;
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    nowMs += 1_000;
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
  });

  test.each([
    ['503', 503, '60', 60_000],
    ['429', 429, '5', 5_000],
    ['503 for a day: five minutes', 503, '86400', 300_000],
  ])(
    '%s that says for how long: so long the portal is left alone',
    async (_, status, retryAfter, retryAfterMs) => {
      answers['token'] = () => new Response('', { status, headers: { 'retry-after': retryAfter } });
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
      answers['token'] = tokens();
      nowMs += retryAfterMs - 1;
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
      expect(sentTo('token')).toHaveLength(1);
      nowMs += 1;
      expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
    },
  );

  describe('again and again', () => {
    /** How many attempts so many requests make, a second apart. */
    const attempts = async (requests: number): Promise<number> => {
      sent.length = 0;
      for (let index = 0; index < requests; index += 1) {
        await manager.renew(portalTarget, 'access-1').catch(() => undefined);
        nowMs += 1_000;
      }
      return sentTo('token').length;
    };

    test('by a server in trouble: four requests try at once, later ones are spaced, ten seconds at most', async () => {
      answers['token'] = () => new Response('', { status: 503 });
      expect(await attempts(4)).toBe(4);
      // Every 5 s.
      expect(await attempts(30)).toBe(6);
      chance = 0.999;
      // After 5 s, as chance had it before, and 10.
      expect(await attempts(62)).toBe(6);
    });

    test('by the network: after a second, for it may be back', async () => {
      answers['token'] = () => Promise.reject(new TypeError('Failed to fetch'));
      chance = 0.999;
      expect(await attempts(20)).toBe(20);
    });

    test.each<[name: string, answer: Answer]>([
      ['resets', () => Promise.reject(new TypeError('Failed to fetch'))],
      ['pages', () => new Response('<html>')],
      ['refusals of a firewall', () => new Response('<html>', { status: 403 })],
      ['errors', () => new Response('', { status: 500 })],
      ['tokens that are none', () => Response.json({ access_token: 7 })],
    ])('by %s: a flood of requests is none of renewals', async (_, answer) => {
      answers['token'] = answer;
      for (let index = 0; index < 60; index += 1)
        await manager.renew(portalTarget, 'access-1').catch(() => undefined);
      expect(sentTo('token')).toHaveLength(4);
    });

    test('ends with the first success', async () => {
      answers['token'] = () => new Response('', { status: 503 });
      await attempts(10);
      answers['token'] = tokens();
      nowMs += MINUTE_MS;
      await manager.renew(portalTarget, 'access-1');
      answers['token'] = () => new Response('', { status: 503 });
      sent.length = 0;
      for (let index = 0; index < 3; index += 1)
        await manager.renew(portalTarget, 'access-2').catch(() => undefined);
      expect(sentTo('token')).toHaveLength(3);
    });

    test('a clock that was set back makes no pause longer', async () => {
      answers['token'] = () => new Response('', { status: 429 });
      expect(await attempts(2)).toBe(1);
      nowMs -= 60 * MINUTE_MS;
      expect(await attempts(1)).toBe(1);
    });
  });

  test('a sign-out of another portal leaves the pause as it is', async () => {
    const other = register({ url: 'https://other.example.org/portal' });
    manager = newManager([portal, other]);
    await restore(manager);
    answers['token'] = () => new Response('', { status: 429 });
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    await manager.remove(other, waitUntil);
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    expect(sentTo('token')).toHaveLength(1);
  });

  test('a sign-in ends a pause', async () => {
    answers['token'] = () => new Response('', { status: 429 });
    await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    await signIn();
    answers['token'] = tokens();
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
  });

  test('leaves the token in use while it has seconds to live', async () => {
    answers['token'] = () => Promise.reject(new TypeError('offline'));
    nowMs += 29 * MINUTE_MS + 30_000;
    expect(await manager.token(portalTarget)).toBe('access-1');
    nowMs += 30_000;
    await expect(manager.token(portalTarget)).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    expect(manager.info(portal)).toBeDefined();
  });
});

describe('a renewal in the background', () => {
  beforeEach(async () => {
    await signIn();
    nowMs += 25 * MINUTE_MS;
  });

  test('is begun once, and nobody waits for it', async () => {
    expect([1, 2, 3].map(() => manager.cachedToken(portalTarget, waitUntil))).toEqual([
      'access-1',
      'access-1',
      'access-1',
    ]);
    expect(extended).toHaveLength(1);
    await Promise.all(extended);
    expect(manager.cachedToken(portalTarget, waitUntil)).toBe('access-2');
    expect(sentTo('token')).toHaveLength(1);
  });

  test('is not begun early', () => {
    nowMs = START_MS + 15 * MINUTE_MS;
    manager.cachedToken(portalTarget, waitUntil);
    expect(extended).toEqual([]);
  });

  test('gets a server’s token, too', async () => {
    await manager.token(serverTarget);
    sent.length = 0;
    nowMs += 49 * MINUTE_MS;
    expect(manager.cachedToken(serverTarget, waitUntil)).toBe('server-1');
    await Promise.all(extended);
    expect(manager.cachedToken(serverTarget, waitUntil)).toBe('server-2');
    expect(sent.map(({ path }) => path)).toEqual(['token', 'generateToken']);
  });

  test.each<[name: string, answer: Answer]>([
    ['a server in trouble', () => new Response('', { status: 503 })],
    ['the network', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('that fails because of %s is not begun by every request', async (_, answer) => {
    answers['token'] = answer;
    for (let second = 0; second < 60; second += 1) {
      expect(manager.cachedToken(portalTarget, waitUntil)).toBe('access-1');
      await Promise.allSettled(extended);
      nowMs += 1_000;
    }
    // At once, and after 1, 2, 4, 8, 15 and 15 s.
    expect(sentTo('token')).toHaveLength(7);
  });

  test('that failed once keeps nobody waiting who needs another token', async () => {
    answers['token'] = () => new Response('', { status: 503 });
    manager.cachedToken(portalTarget, waitUntil);
    await Promise.allSettled(extended);
    answers['token'] = tokens();
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
  });

  test('is no way to use a stale token', () => {
    nowMs += 5 * MINUTE_MS;
    expect(manager.cachedToken(portalTarget, waitUntil)).toBeUndefined();
  });
});

describe('a sign-out', () => {
  beforeEach(() => signIn());

  test('empties memory and database, tells pages, and revokes at the portal', async () => {
    await manager.token(serverTarget);
    await manager.remove(portal, waitUntil);
    expect(await stored()).toEqual([]);
    expect(manager.info(portal)).toBeUndefined();
    expect(manager.cachedToken(serverTarget, waitUntil)).toBeUndefined();
    expect(changes.at(-1)).toBeNull();
    expect(manager.signOuts(portal)).toBe(1);
    await Promise.all(extended);
    expect(sentTo('revokeToken').map(({ form }) => form)).toEqual([
      { auth_token: 'refresh-1', token_type_hint: 'refresh_token', client_id: 'app', f: 'json' },
    ]);
  });

  test('revokes the access token where there is no refresh token', async () => {
    await manager.save(portal, { accessToken: 'access-1' });
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    expect(sentTo('revokeToken').at(-1)?.form).toMatchObject({
      auth_token: 'access-1',
      token_type_hint: 'access_token',
    });
  });

  test('holds though the portal cannot be reached', async () => {
    answers['revokeToken'] = () => Promise.reject(new TypeError('offline'));
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    expect(await stored()).toEqual([]);
  });

  test('that the database hangs on is told to pages and portal before it answers', async () => {
    const locked = new Signal();
    database.beforeWrite = () => locked.given;
    const removed = manager.remove(portal, waitUntil);
    expect(manager.info(portal)).toBeUndefined();
    expect(changes.at(-1)).toBeNull();
    await vi.waitFor(() => expect(sentTo('revokeToken')).toHaveLength(1));
    locked.give();
    await removed;
  });

  test('that neither portal nor database took is made up for at the next start, before anything is signed', async () => {
    database.isFull = true;
    answers['revokeToken'] = () => Promise.reject(new TypeError('offline'));
    vi.setSystemTime(nowMs + 1_000);
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    expect(await stored()).toHaveLength(1);
    database.isFull = false;
    vi.setSystemTime(nowMs + 2_000);
    answers['revokeToken'] = () => Response.json({ success: true });
    const next = newManager();
    await restore(next);
    expect(next.info(portal)).toBeUndefined();
    expect(await next.token(portalTarget)).toBeUndefined();
    await vi.waitFor(async () => expect(await pendingRevocations()).toBe(0));
    expect(sentTo('revokeToken').map(({ form }) => form['auth_token'])).toEqual(['refresh-1', 'refresh-1']);
    expect(await stored()).toEqual([]);
  });

  test('that the portal could not be told of does not end the sign-in that came after it', async () => {
    answers['revokeToken'] = () => new Response('', { status: 503 });
    await manager.remove(portal, waitUntil);
    await manager.save(portal, { accessToken: 'new-1', refreshToken: 'new-refresh' });
    await Promise.all(extended);
    const next = newManager();
    await restore(next);
    expect(next.cachedToken(portalTarget, waitUntil)).toBe('new-1');
    expect(await pendingRevocations()).toBe(1);
  });

  test('reaches the other workers of the origin when they start', async () => {
    const elsewhere = new TestDatabase('/other/');
    const here = database;
    database = elsewhere;
    const other = newManager();
    await other.save(portal, { accessToken: 'other-1', refreshToken: 'other-refresh' });
    database = here;
    nowMs += 1_000;
    vi.setSystemTime(nowMs);
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    database = elsewhere;
    const next = newManager();
    await restore(next);
    expect(next.info(portal)).toBeUndefined();
    expect(await stored()).toEqual([]);
    await vi.waitFor(() =>
      expect(sentTo('revokeToken').map(({ form }) => form['auth_token'])).toContain('other-refresh'),
    );
    // The note is of that sign-out: the next sign-in stays.
    nowMs += 1_000;
    await next.save(portal, { accessToken: 'other-2' });
    const later = newManager();
    await restore(later);
    expect(later.cachedToken(portalTarget, waitUntil)).toBe('other-2');
  });

  test('that both took leaves nothing to be done', async () => {
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    expect(await pendingRevocations()).toBe(0);
  });

  test('is counted by portal, and a sign-in is none', async () => {
    expect(manager.signOuts(portal)).toBe(0);
    await manager.remove(portal, waitUntil);
    await signIn();
    await manager.remove(portal, waitUntil);
    expect(manager.signOuts(portal)).toBe(2);
  });

  test('beats a refresh that is under way: nothing comes back, and its tokens are revoked', async () => {
    const late = held(tokens(true));
    answers['token'] = late.answer;
    const renewal = manager.renew(portalTarget, 'access-1');
    await late.asked;
    await manager.remove(portal, waitUntil);
    late.release();
    expect(await renewal).toBeUndefined();
    await Promise.all(extended);
    expect(await stored()).toEqual([]);
    expect(manager.info(portal)).toBeUndefined();
    expect(changes.at(-1)).toBeNull();
    expect(sentTo('revokeToken').map(({ form }) => form['auth_token'])).toEqual(
      expect.arrayContaining(['refresh-1', 'refresh-2']),
    );
  });

  test('beats a refresh that is being written', async () => {
    let signedOut: Promise<void> | undefined;
    database.beforeWrite = () => {
      signedOut ??= manager.remove(portal, waitUntil);
      return Promise.resolve();
    };
    expect(await manager.renew(portalTarget, 'access-1')).toBeUndefined();
    await signedOut;
    expect(await stored()).toEqual([]);
    expect(manager.info(portal)).toBeUndefined();
  });

  test('beats an exchange that is under way', async () => {
    const late = held(serverTokens());
    answers['generateToken'] = late.answer;
    const exchange = manager.token(serverTarget);
    await late.asked;
    await manager.remove(portal, waitUntil);
    late.release();
    expect(await exchange).toBeUndefined();
    expect(await stored()).toEqual([]);
    expect(manager.cachedToken(serverTarget, waitUntil)).toBeUndefined();
  });
});

test('a sign-in beats the refresh of the session before', async () => {
  await signIn();
  const late = held(tokens(true));
  answers['token'] = late.answer;
  const renewal = manager.renew(portalTarget, 'access-1');
  await late.asked;
  await manager.save(portal, { accessToken: 'new-1', refreshToken: 'new-refresh', username: 'bob' });
  late.release();
  expect(await renewal).toBe('new-1');
  const next = newManager();
  await restore(next);
  expect(next.cachedToken(portalTarget, waitUntil)).toBe('new-1');
  expect(next.info(portal)?.username).toBe('bob');
});

describe('the token of a federated server', () => {
  beforeEach(() => signIn());

  test('is got once for all who ask', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => manager.token(serverTarget)));
    expect(new Set(results)).toEqual(new Set(['server-1']));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ path: 'generateToken', form: { token: 'access-1', serverUrl: server } });
    expect(manager.cachedToken(serverTarget, waitUntil)).toBe('server-1');
  });

  test('is another for another server', async () => {
    const other: TokenTarget = { portal, serverRoot: 'https://imagery.example.org/image' };
    const results = await Promise.all([manager.token(serverTarget), manager.token(other)]);
    expect(new Set(results).size).toBe(2);
    expect(sentTo('generateToken').map(({ form }) => form['serverUrl'])).toEqual([
      server,
      'https://imagery.example.org/image',
    ]);
  });

  test('is not the one of the portal, and pages are not told of it', async () => {
    await manager.token(serverTarget);
    expect(await manager.token(portalTarget)).toBe('access-1');
    expect(manager.infos()).toHaveLength(1);
    expect(changes).toHaveLength(1);
  });

  test('does not survive a stop of the worker: put back by page script it would outlive a sign-out', async () => {
    await manager.token(serverTarget);
    const next = newManager();
    await restore(next);
    expect(next.cachedToken(serverTarget, waitUntil)).toBeUndefined();
    expect(await next.token(serverTarget)).toBe('server-2');
  });

  test('and the one of the portal, both over, take one refresh and then one exchange', async () => {
    await manager.token(serverTarget);
    nowMs += 61 * MINUTE_MS;
    sent.length = 0;
    const results = await Promise.all([
      manager.token(serverTarget),
      manager.token(serverTarget),
      manager.token(portalTarget),
    ]);
    expect(results).toEqual(['server-2', 'server-2', 'access-2']);
    expect(sent.map(({ path, form }) => [path, form['token']])).toEqual([
      ['token', undefined],
      ['generateToken', 'access-2'],
    ]);
  });

  test('that the server refused is exchanged anew', async () => {
    await manager.token(serverTarget);
    expect(await manager.renew(serverTarget, 'server-1')).toBe('server-2');
    expect(await manager.renew(serverTarget, 'server-1')).toBe('server-2');
    expect(sentTo('generateToken')).toHaveLength(2);
    expect(sentTo('token')).toEqual([]);
  });

  test('takes a renewed portal token where the portal refuses the one there is', async () => {
    const next = serverTokens();
    answers['generateToken'] = () =>
      sentTo('generateToken').length === 1 ? Response.json({ error: { code: 498 } }) : next();
    expect(await manager.token(serverTarget)).toBe('server-1');
    expect(sent.map(({ path, form }) => [path, form['token']])).toEqual([
      ['generateToken', 'access-1'],
      ['token', undefined],
      ['generateToken', 'access-2'],
    ]);
  });

  test('is given up when the portal refuses the renewed token too; the session stays', async () => {
    answers['generateToken'] = () => Response.json({ error: { code: 498 } });
    expect(await manager.token(serverTarget)).toBeUndefined();
    expect(sentTo('generateToken')).toHaveLength(2);
    expect(sentTo('token')).toHaveLength(1);
    expect(manager.info(portal)).toBeDefined();
  });

  test('for which the portal does not vouch is asked for again after five minutes only', async () => {
    answers['generateToken'] = () => Response.json({ error: { code: 400, message: 'no' } });
    expect(await manager.token(serverTarget)).toBeUndefined();
    nowMs += 5 * MINUTE_MS - 1;
    expect(await manager.token(serverTarget)).toBeUndefined();
    expect(sent).toHaveLength(1);
    expect(manager.info(portal)).toBeDefined();
    nowMs += 1;
    answers['generateToken'] = serverTokens();
    expect(await manager.token(serverTarget)).toBe('server-1');
  });

  test('for which the portal does not vouch is asked for again when the clock is set back', async () => {
    answers['generateToken'] = () => Response.json({ error: { code: 400, message: 'no' } });
    expect(await manager.token(serverTarget)).toBeUndefined();
    nowMs -= 24 * 60 * MINUTE_MS;
    answers['generateToken'] = serverTokens();
    expect(await manager.token(serverTarget)).toBe('server-1');
  });

  test('for which the portal did not vouch is asked for at once by somebody else', async () => {
    answers['generateToken'] = () => Response.json({ error: { code: 400, message: 'no' } });
    await manager.token(serverTarget);
    await manager.save(portal, { accessToken: 'other-1' });
    answers['generateToken'] = serverTokens();
    expect(await manager.token(serverTarget)).toBe('server-1');
  });

  test('is no reason to lose anything when the portal cannot be reached', async () => {
    answers['generateToken'] = () => Promise.reject(new TypeError('offline'));
    await expect(manager.token(serverTarget)).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    answers['generateToken'] = serverTokens();
    expect(await manager.token(serverTarget)).toBe('server-1');
  });
});

describe('what must not cost a session', () => {
  test.each(['temporarily_unavailable', 'server_error', 'slow_down'])(
    'the error %s at the token endpoint',
    async (error) => {
      await signIn();
      answers['token'] = () => Response.json({ error: { code: 400, error, message: error } });
      await expect(manager.renew(portalTarget, 'access-1')).rejects.toBeInstanceOf(TokenEndpointUnavailable);
      expect(manager.info(portal)).toMatchObject({ username: 'ada' });
      expect(await stored()).toHaveLength(1);
    },
  );

  test('one refusal in a word that does not say for good', async () => {
    await signIn();
    const refreshed = tokens();
    answers['token'] = () =>
      sentTo('token').length === 1
        ? Response.json({ error: 'invalid_request' }, { status: 400 })
        : refreshed();
    expect(await manager.renew(portalTarget, 'access-1')).toBe('access-2');
  });

  test('a portal that cannot exchange an ageing refresh token: it refreshes', async () => {
    await manager.save(portal, {
      accessToken: 'access-1',
      expiresInS: 1800,
      refreshToken: 'refresh-1',
      refreshTokenExpiresInS: 14 * 24 * 3600,
    });
    nowMs += 13.5 * 24 * 3_600_000;
    const refreshed = tokens();
    const unsupported = { code: 400, error: 'unsupported_grant_type', message: 'unsupported' };
    answers['token'] = () =>
      sent.at(-1)?.form['grant_type'] === 'refresh_token'
        ? refreshed()
        : Response.json({ error: unsupported });
    expect(await manager.token(portalTarget)).toBe('access-2');
    expect(sentTo('token').map(({ form }) => form['grant_type'])).toEqual([
      'exchange_refresh_token',
      'refresh_token',
    ]);
  });

  test('an exchange under way when somebody signs in anew: their record stays', async () => {
    await signIn();
    const exchange = held(serverTokens());
    answers['generateToken'] = exchange.answer;
    const asked = manager.token(serverTarget);
    await exchange.asked;
    await manager.save(portal, { accessToken: 'new-1', expiresInS: 1800, refreshToken: 'new-refresh' });
    exchange.release();
    expect(await asked).toBeUndefined();
    expect((await stored()).map((record) => record.portal)).toEqual([portal.url]);
  });

  test('a refusal of what another version of the worker has renewed meanwhile: its token is taken', async () => {
    await signIn();
    const other = newManager();
    await restore(other);
    const refusal = held(refuse());
    answers['token'] = refusal.answer;
    const renewed = manager.renew(portalTarget, 'access-1');
    await refusal.asked;
    nowMs += 1000;
    await other.save(portal, { accessToken: 'access-9', expiresInS: 1800, refreshToken: 'refresh-9' });
    refusal.release();
    expect(await renewed).toBe('access-9');
    expect(await stored()).toHaveLength(1);
  });

  test('the end of a token that cannot be renewed, by this machine’s clock: the server is to refuse it', async () => {
    await manager.save(portal, { accessToken: 'access-1', expiresInS: 1800 });
    for (const passedS of [1770, 31, 24 * 3600]) {
      nowMs += passedS * 1000;
      expect(await manager.token(portalTarget)).toBe('access-1');
    }
    expect(await stored()).toHaveLength(1);
    expect(await manager.renew(portalTarget, 'access-1')).toBeUndefined();
    expect(manager.info(portal)).toBeUndefined();
  });

  test('a renewal for the session before: a new sign-in does not get its token', async () => {
    await signIn();
    const refresh = held(tokens());
    answers['token'] = refresh.answer;
    const old = manager.renew(portalTarget, 'access-1');
    await refresh.asked;
    await manager.save(portal, { accessToken: 'new-1', expiresInS: 1800, refreshToken: 'new-refresh' });
    const renewed = manager.renew(portalTarget, 'new-1');
    refresh.release();
    await old;
    expect(await renewed).not.toBe('new-1');
  });

  test('a database that cannot be written: pages and portal learn of the sign-out all the same', async () => {
    await signIn();
    database.isFull = true;
    await manager.remove(portal, waitUntil);
    await Promise.all(extended);
    expect(changes.at(-1)).toBeNull();
    expect(sentTo('revokeToken')).toHaveLength(1);
  });
});
