/** Plays a history: in a browser of its own, with two tabs of the test app, against the real portal. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from '@playwright/test';
import type { LogEntry, Portal } from '../../../demo/portal/index.js';
import { TestApp } from '../test-app.js';
import { answerChallenge } from '../answer-challenge.js';
import { authorize } from '../oauth-client.js';
import { dumpGlobals, dumpStorage } from '../../../testing/page-search.js';
import { countQuery, publicCountQuery } from '../services.js';
import { faults, type History, type Place, type RequestKind, type Step } from './history.js';
import {
  RECOVERY_MS,
  SETTLE_MS,
  type Observation,
  type Result,
  type SeenRequest,
  type Span,
  type Trouble,
} from './invariants.js';

type Open<T extends Span> = { -readonly [K in keyof T]: T[K] };

const paths: Readonly<Record<Place, RegExp>> = {
  'token endpoint': /\/oauth2\/token$/,
  'rest/info': /\/rest\/info$/,
  generateToken: /\/portal\/.*generateToken$/,
  layer: /\/(Countries|Places|Terrain|Basemap|Notes)\//,
};

/** How long a step waits for what is under way, in ms: some of it may wait for the user, or for ever. */
const PAUSE_MS = 400;

/** Longest time for one history, in ms. */
export const PLAY_MS = 60_000;

/**
 * Plays it, and tells what was seen.
 *
 * @throws Error where it does not come to its end, such as of a page that does not respond.
 */
export async function play(
  history: History,
  { browser, portal, url }: { browser: Browser; portal: Portal; url: string },
): Promise<Observation> {
  const context = await browser.newContext({ serviceWorkers: 'allow' });
  // What waits for a page ends with it.
  const limit = setTimeout(() => void context.close({ reason: `no end after ${PLAY_MS} ms` }), PLAY_MS);
  try {
    portal.control.reset();
    const player = new Player(portal, [
      new TestApp(await context.newPage(), portal, url),
      new TestApp(await context.newPage(), portal, url),
    ]);
    await player.begin(history);
    for (const step of history.steps) await player.step(step);
    return await player.end(history);
  } finally {
    clearTimeout(limit);
    portal.control.reset();
    await context.close();
  }
}

class Player {
  readonly #requests: Open<SeenRequest & Span>[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #troubles: Open<Trouble>[] = [];
  readonly #signOuts: Open<Span & { doneAtMs?: number }>[] = [];
  #undoFaults: (() => void)[] = [];
  #texts = '';
  #expiries = 0;

  constructor(
    private readonly portal: Portal,
    private readonly tabs: readonly [TestApp, TestApp],
  ) {}

  async begin({ rotates, serverTokenLifetimeS }: History): Promise<void> {
    const { control, log } = this.portal;
    control.setRotateOnRefresh(rotates);
    control.setRotationGrace(60);
    control.setServerTokenLifetime(serverTokenLifetimeS);
    const [first, second] = this.tabs;
    await first.open('/?tab=0');
    await second.open('/?tab=1');
    await first.signIn('ana');
    for (const tab of this.tabs) await tab.run(record);
    log.clear();
  }

  async step(step: Step): Promise<void> {
    const { control } = this.portal;
    const nowMs = Date.now();
    switch (step.do) {
      case 'request':
        void this.#request(step.kind, this.tabs[step.tab]);
        return;
      case 'fault': {
        const { at, name, often } = step;
        const limit =
          typeof often === 'number' ? { times: often } : often === 'always' ? {} : { share: often };
        this.#undoFaults.push(control.fault(paths[at], { ...faults[name], ...limit }));
        this.#troubles.push({ at, fromMs: nowMs });
        return;
      }
      case 'close the port':
        this.#undoFaults.push(control.closePort(step.of));
        this.#troubles.push({ at: 'port', fromMs: nowMs });
        return;
      case 'repair':
        this.#repair();
        return;
      case 'expire':
        this.#expiries += 1;
        if (step.by === 'the portal') control.expireAccessTokens();
        else {
          await this.#wake();
          await this.tabs[0].advanceWorkerClock(30 * 60_000);
        }
        return;
      case 'stop the worker': {
        await this.tabs[0].stopWorker();
        this.#troubles.push({ at: 'worker', fromMs: nowMs, toMs: Date.now() });
        return;
      }
      case 'offline':
        this.#troubles.push({ at: 'network', fromMs: nowMs });
        await this.#setOffline(true);
        return;
      case 'online':
        await this.#online();
        return;
      case 'sign out':
        await this.#signOut(this.tabs[step.tab]);
        return;
      case 'wait':
        await Promise.race([Promise.all(this.#running), wait(PAUSE_MS)]);
    }
  }

  async end({ ending, steps }: History): Promise<Observation> {
    this.#repair();
    await this.#online();
    // By status 429 an issuer asks for a pause, and browsers cannot read how long: half a minute, and up to half as much again.
    const isPaused = steps.some((step) => step.do === 'fault' && step.name === 'busy' && step.at !== 'layer');
    if (isPaused) await this.tabs[0].advanceWorkerClock(46_000);
    const repairedAtMs = Date.now();
    const isSignedOut = this.#signOuts.some(({ toMs }) => toMs === undefined);
    if (isSignedOut) await this.#answerPrompt(ending);
    const isOut = isSignedOut && ending === 'cancel';
    const recoveredAtMs = await this.#recover(isOut, repairedAtMs + RECOVERY_MS);
    if (isOut) await this.#cancelPrompts();
    await Promise.race([Promise.all(this.#running), wait(SETTLE_MS)]);
    return this.#observation(repairedAtMs, recoveredAtMs, isOut);
  }

  #request(kind: RequestKind, tab: TestApp, id = `${this.#requests.length + 1}`): Promise<Result> {
    const seen: Open<SeenRequest & Span> = { id, kind, startedAtMs: Date.now(), fromMs: Date.now() };
    this.#requests.push(seen);
    const result = this.#send(kind, tab, id).then((found) => {
      seen.endedAtMs = Date.now();
      seen.result = found;
      return found;
    });
    const running: Promise<void> = result
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return result;
  }

  async #send(kind: RequestKind, tab: TestApp, id: string): Promise<Result> {
    const { serverUrls, foreign } = this.portal;
    const at = (root: string, operation: string): string =>
      `${root}/rest/services/${operation}${operation.includes('?') ? '&' : '?'}rid=${id}`;
    const hosted = (operation: string): string =>
      at(this.portal.hostedUrl.replace('/rest/services', ''), operation);
    const data = (url: string, init?: RequestInit): Promise<Result> => this.#fetch(tab, url, init);
    const image = async (url: string): Promise<Result> =>
      (await tab.loadImage(url)) > 0 ? 'right' : 'failed';
    const terrain = 'Terrain/MapServer/tile/1/0/1';
    switch (kind) {
      case 'data':
        return data(hosted(countQuery()));
      case 'image':
        return image(hosted(terrain));
      case 'edit':
        return data(hosted('Notes/FeatureServer/0/applyEdits'), {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            f: 'json',
            adds: JSON.stringify([{ attributes: { TEXT: `rid=${id}` }, geometry: { x: 0, y: 0 } }]),
          }).toString(),
        });
      case 'public data':
        return data(hosted(publicCountQuery()));
      case 'public image':
        return image(hosted('Basemap/MapServer/tile/1/0/1'));
      case 'federated data':
        return data(at(serverUrls.server, countQuery()));
      case 'federated image':
        return image(at(serverUrls.server, terrain));
      case 'federated data, other server':
        return data(at(serverUrls.server2, countQuery()));
      case 'federated data, same origin':
        return data(at(serverUrls.server3, countQuery()));
      case 'federated public data':
        return data(at(serverUrls.server, publicCountQuery()));
      case 'foreign data':
        return data(at(`${foreign.origin}/server`, countQuery()));
    }
  }

  async #fetch(tab: TestApp, url: string, init?: RequestInit): Promise<Result> {
    const outcome = await tab.fetch(url, init);
    this.#texts += JSON.stringify(outcome);
    if ('error' in outcome) return 'failed';
    const { status, text } = outcome;
    if (status === 200 && /^\{"(count":\d+|addResults":\[\{.*"success":true)/.test(text)) return 'right';
    return /^\{"error":\{"code":49[89]/.test(text) ? 'refused' : 'other';
  }

  #repair(): void {
    for (const undo of this.#undoFaults) undo();
    this.#undoFaults = [];
    this.#endTroubles((at) => at !== 'network');
  }

  async #online(): Promise<void> {
    await this.#setOffline(false);
    this.#endTroubles((at) => at === 'network');
  }

  async #setOffline(isOffline: boolean): Promise<void> {
    await this.#wake();
    await this.tabs[0].page.context().setOffline(isOffline);
  }

  /** A worker that is stopped does not respond to what the test asks of it: any request starts it. */
  #wake(): Promise<unknown> {
    return this.tabs[0].fetch(`${this.tabs[0].url}/nothing`);
  }

  #endTroubles(isMeant: (at: Trouble['at']) => boolean): void {
    for (const trouble of this.#troubles) if (isMeant(trouble.at)) trouble.toMs ??= Date.now();
  }

  async #signOut(tab: TestApp): Promise<void> {
    const signOut: Open<Span & { doneAtMs?: number }> = { fromMs: Date.now() };
    this.#signOuts.push(signOut);
    const done = tab.run(() => window.identity.signOut()).then(() => (signOut.doneAtMs = Date.now()));
    await Promise.race([done, wait(SETTLE_MS)]);
  }

  /** Signs in where a tab prompts, or by a call of the app. */
  async #answerPrompt(ending: History['ending']): Promise<void> {
    if (ending === 'cancel') return this.#cancelPrompts();
    for (const tab of this.tabs) {
      const prompt = await tab.run(openPrompt);
      if (prompt === undefined) continue;
      this.#endSignOuts();
      await answerChallenge(tab.page, tab.run.bind(tab), await authorize(prompt, 'ana'));
      return;
    }
    this.#endSignOuts();
    await this.tabs[0].signIn('ana');
  }

  #endSignOuts(): void {
    for (const signOut of this.#signOuts) signOut.toMs ??= Date.now();
  }

  async #cancelPrompts(): Promise<void> {
    for (const tab of this.tabs) await tab.run(cancelPrompt);
  }

  /** Asks until everything is right: for a user who has signed out, what is public. */
  async #recover(isSignedOut: boolean, untilMs: number): Promise<number | undefined> {
    const kinds: readonly RequestKind[] = isSignedOut
      ? ['public data', 'public image', 'federated public data']
      : ['data', 'image', 'federated data', 'federated data, same origin', 'public data'];
    for (let attempt = 1; ; attempt += 1) {
      const results = await Promise.race([
        Promise.all(kinds.map((kind, index) => this.#request(kind, this.tabs[0], `r${attempt}-${index}`))),
        wait(Math.max(0, untilMs - Date.now()), undefined),
      ]);
      const nowMs = Date.now();
      if (results?.every((result) => result === 'right')) return nowMs;
      if (nowMs >= untilMs) return undefined;
      await wait(100);
    }
  }

  async #observation(
    repairedAtMs: number,
    recoveredAtMs: number | undefined,
    isOut: boolean,
  ): Promise<Observation> {
    const { control, log } = this.portal;
    const requests = this.#requests.map((request) => ({ ...request }));
    const endedAtMs = Date.now();
    const prompts: Span[] = [];
    let readable = this.#texts + this.tabs[0].consoleLines.join('\n');
    for (const tab of this.tabs) {
      prompts.push(...(await tab.run(() => window.prompts)));
      readable += await tab.run(() => window.workerMessages.join('\n'));
      readable += `${await tab.run(dumpGlobals)}\n${await tab.run(dumpStorage)}`;
    }
    const users = await Promise.all(
      this.tabs.map((tab) =>
        tab.run(() => window.identity.credentials.map(({ username }) => username ?? '')),
      ),
    );
    const entries: LogEntry[] = [...log.entries];
    const labels = control.tokens().map(({ label, audience }) => [label, audience] as const);
    return {
      requests,
      log: entries,
      audiences: Object.fromEntries(labels),
      troubles: this.#troubles,
      prompts,
      signOuts: this.#signOuts,
      expiries: this.#expiries,
      edits: isOut ? [] : await this.#editsDone(),
      leaks: log.leaks(readable),
      repairedAtMs,
      ...(recoveredAtMs === undefined ? {} : { recoveredAtMs }),
      users,
      endedAtMs,
    };
  }

  async #editsDone(): Promise<string[]> {
    const url = `${this.portal.hostedUrl}/Notes/FeatureServer/0/query?where=1%3D1&outFields=TEXT&f=json`;
    const outcome = await this.tabs[0].fetch(url);
    const text = 'text' in outcome ? outcome.text : '';
    return [...text.matchAll(/"rid=([^"]+)"/g)].map(([, id]) => id ?? '');
  }
}

/** Page code: from now on the app prompts by itself and notes when, and keeps what the worker tells it. */
const record = (): void => {
  window.prompts = [];
  window.workerMessages = [];
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    window.workerMessages.push(JSON.stringify(data));
  });
  window.identity.addEventListener('oauth-code-required', (event) => {
    event.preventDefault();
    const prompt: { fromMs: number; toMs?: number } = { fromMs: Date.now() };
    window.prompts.push(prompt);
    window.challenge = event;
    event.signal.addEventListener('abort', () => {
      prompt.toMs = Date.now();
      if (window.challenge === event) delete window.challenge;
    });
  });
  delete window.challenge;
};

const openPrompt = (): string | undefined => window.challenge?.authorizationUrl;

const cancelPrompt = async (): Promise<void> => {
  await window.challenge?.cancel();
};
