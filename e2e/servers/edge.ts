import { sealSite } from 'identity-worker/server';

interface Env {
  SEAL_SECRETS: string;
  ASSETS: { fetch: (request: Request) => Promise<Response> };
}

export default {
  async fetch(request: Request, { SEAL_SECRETS: secrets, ASSETS }: Env): Promise<Response> {
    const { answer, addCookie } = sealSite({
      secrets,
      path: '/worker.js',
      script: (plain) => ASSETS.fetch(plain),
      callbackPage: '/signed-in.html',
    });
    return (await answer(request)) ?? addCookie(request, await ASSETS.fetch(request));
  },
};
