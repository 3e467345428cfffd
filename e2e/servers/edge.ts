import { guardCallback, guardWorkers, issueSealCookie, sealWorkerScript } from 'identity-worker/server';

interface Env {
  SEAL_SECRETS: string;
  ASSETS: { fetch: (request: Request) => Promise<Response> };
}

const guard = guardCallback({ path: '/signed-in.html' });
const guardOthers = guardWorkers({ paths: ['/worker.js'] });

export default {
  async fetch(request: Request, { SEAL_SECRETS: secrets, ASSETS }: Env): Promise<Response> {
    const seal = sealWorkerScript({ secrets, path: '/worker.js', script: (plain) => ASSETS.fetch(plain) });
    const answer = guardOthers(request) ?? (await seal(request)) ?? guard(request);
    return answer ?? issueSealCookie({ secrets })(request, await ASSETS.fetch(request));
  },
};
