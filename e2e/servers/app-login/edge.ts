import { appProxy, appTokens } from 'identity-worker/server';

interface Env {
  PORTAL: string;
  SERVICES: string;
  APP_CLIENT_ID: string;
  APP_CLIENT_SECRET: string;
  SEAL_SECRETS: string;
  ASSETS: { fetch: (request: Request) => Promise<Response> };
}

type Handler = (request: Request) => Promise<Response | undefined>;

// Once per instance, which keeps the token.
let handlers: readonly Handler[] | undefined;

const makeHandlers = (env: Env): readonly Handler[] => {
  const account = { url: env.PORTAL, clientId: env.APP_CLIENT_ID, clientSecret: env.APP_CLIENT_SECRET };
  const seal = { secrets: env.SEAL_SECRETS, worker: '/worker.js' };
  return [
    appTokens({ path: '/app-tokens', portals: [account], seal }),
    appProxy({ path: '/gis/', to: env.SERVICES, account, allow: [{ path: 'Countries/FeatureServer' }] }),
  ];
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    handlers ??= makeHandlers(env);
    for (const handle of handlers) {
      const answer = await handle(request);
      if (answer) return answer;
    }
    return env.ASSETS.fetch(request);
  },
};
