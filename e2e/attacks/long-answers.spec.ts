/** Servers that answer the worker's own requests with too many bytes, or never finish. */
import type { ServerResponse } from 'node:http';
import { expect, registration, signedIn, test, type Portal, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import type { MaliciousServer } from '../support/malicious-server.js';

/** What a flood would send, in bytes, and what may be under way when the worker has turned away. */
const FLOOD_BYTES = 50_000_000;
const UNDER_WAY_BYTES = 20_000_000;

/** One answer that was begun: what was sent of it, and the moment at which the worker has closed it. */
interface Begun {
  sent: number;
  readonly over: Promise<void>;
}

function begin(response: ServerResponse, origin: string, onBegun: (begun: Begun) => void): Begun {
  const over = new Promise<void>((resolve) => response.on('close', () => resolve()));
  const begun = { sent: 0, over };
  response.writeHead(200, {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'content-type': 'application/json',
  });
  response.write('{"padding":"');
  onBegun(begun);
  return begun;
}

/** Sends as fast as it is read. */
async function flood(
  response: ServerResponse,
  origin: string,
  onBegun: (begun: Begun) => void,
): Promise<void> {
  const begun = begin(response, origin, onBegun);
  const chunk = 'x'.repeat(250_000);
  while (begun.sent < FLOOD_BYTES && !response.destroyed) {
    begun.sent += chunk.length;
    if (!response.write(chunk))
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), begun.over]);
  }
  response.end('"}');
}

interface Kind {
  name: string;
  /** Path of the worker's own request. */
  at: RegExp;
  /** A path of that kind which the worker has nothing to do with. */
  example: string;
  /** Where the maliciousServer passes other requests on to. */
  to?: (portal: Portal) => string;
  /** The registration, with the malicious server in place of the server that answers. */
  config: (portal: Portal, maliciousServer: MaliciousServer) => Record<string, unknown>;
  isSignedIn: boolean;
  /** Has the worker make the request. @returns What becomes of the page's. */
  act: (app: TestApp, maliciousServer: MaliciousServer) => Promise<unknown>;
  outcome: unknown;
}

const lyingPortal = (portal: Portal, { origin }: MaliciousServer, options = {}): Record<string, unknown> => ({
  arcgis: [{ ...registration(portal), url: `${origin}/portal`, ...options }],
});
const signIn = async (app: TestApp): Promise<string> => {
  await app.handleChallengesInApp();
  const ended = await app.startSignIn();
  return ended();
};

/** The service's own answer. */
const refused = (code: number): unknown => ({
  status: 200,
  url: expect.any(String),
  text: expect.stringContaining(`"code":${code}`),
});

const kinds: readonly Kind[] = [
  {
    name: 'a renewed token',
    at: /oauth2\/token$/,
    example: '/x/oauth2/token',
    config: lyingPortal,
    isSignedIn: true,
    act: (app) => {
      app.portal.control.expireAccessTokens();
      return app.fetch(app.hosted(countQuery()));
    },
    outcome: refused(498),
  },
  {
    name: 'a server’s token',
    at: /generateToken$/,
    example: '/x/generateToken',
    config: (portal, maliciousServer) =>
      lyingPortal(portal, maliciousServer, { servers: [portal.serverUrl] }),
    isSignedIn: true,
    act: (app) => app.fetch(app.federated(countQuery())),
    outcome: refused(499),
  },
  {
    name: 'a server’s description of itself',
    at: /rest\/info$/,
    example: '/x/rest/info',
    to: (portal) => new URL(portal.serverUrl).origin,
    config: (portal) => ({ arcgis: [registration(portal)] }),
    isSignedIn: true,
    act: (app, { origin }) =>
      app.fetch(app.federated(countQuery()).replace(new URL(app.portal.serverUrl).origin, origin)),
    outcome: refused(499),
  },
  {
    name: 'a portal’s list of servers',
    at: /portals\/self$/,
    example: '/x/portals/self',
    config: (portal, maliciousServer) => {
      portal.control.setCors('echo-credentials', 'portal');
      return lyingPortal(portal, maliciousServer, { webTier: true });
    },
    isSignedIn: true,
    act: (app) => app.fetchJson(app.hosted(countQuery())),
    outcome: aCount,
  },
  {
    name: 'the metadata of an issuer',
    at: /\.well-known/,
    example: '/x/.well-known/x',
    to: ({ oauth }) => oauth.issuer,
    config: ({ oauth }, { origin }) => ({
      oauth: [
        {
          issuer: origin,
          resources: [oauth.apiUrl],
          clientId: oauth.clientId,
          redirectUri: '/signed-in.html',
        },
      ],
    }),
    isSignedIn: false,
    act: signIn,
    outcome: 'metadata-missing',
  },
];

const readLength = (app: TestApp, url: string): Promise<number> =>
  app.run(async (address) => (await (await fetch(address)).text()).length, url);

for (const { name, at, example, to, config, isSignedIn, act, outcome } of kinds) {
  test(
    `${name} of fifty megabytes, or without an end, is cut off`,
    { tag: ['@S8'] },
    async ({ variant, maliciousServer, portal }) => {
      let isLying = false;
      let how: 'flood' | 'stall' = 'flood';
      /** Answers to the worker, and to the page that asks by itself. */
      const [begun, begunByHand]: [Begun[], Begun[]] = [[], []];
      const server = await maliciousServer({
        ...(to ? { to: to(portal) } : {}),
        answer: ({ url, headers }, response) => {
          if (!isLying || !at.test(url.pathname)) return false;
          const note = (answer: Begun): void => {
            (url.pathname === example ? begunByHand : begun).push(answer);
          };
          if (how === 'flood') void flood(response, headers.origin ?? '*', note);
          else begin(response, headers.origin ?? '*', note);
          return true;
        },
      });
      const ours = await variant({ config: { make: () => config(portal, server) } });
      if (isSignedIn) await signedIn(ours);
      else await ours.open();
      isLying = true;

      expect(await act(ours, server)).toEqual(outcome);
      const [flooded] = begun;
      await flooded?.over;
      expect(flooded?.sent).toBeLessThan(UNDER_WAY_BYTES);

      // Control: a page that reads the same answer by itself takes all of it, and waits for ever for one without an end.
      const byHand = server.origin + example;
      expect(await readLength(ours, byHand)).toBeGreaterThan(FLOOD_BYTES);
      how = 'stall';
      await ours.run((url) => {
        Object.assign(window, { isOver: false });
        const over = (): unknown => Object.assign(window, { isOver: true });
        void fetch(url)
          .then((answer) => answer.text())
          .then(over, over);
      }, byHand);
      await expect.poll(() => begunByHand.length).toBe(2);

      await ours.shortenWorkerTimeLimits(100);
      // A server that told nothing is left alone for half a minute.
      await ours.advanceWorkerClock(31_000);
      const before = begun.length;
      expect(await act(ours, server)).toEqual(outcome);
      expect(begun.length).toBeGreaterThan(before);
      await begun.at(-1)?.over;
      expect(await ours.run(() => Reflect.get(window, 'isOver') as boolean)).toBe(false);
    },
  );
}
