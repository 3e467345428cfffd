/** An origin that has nothing but the redirect URI, as docs/server.md sets it up: `https://signin.example.org/` beside the app. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formPostResponse } from 'identity-worker/server';
import { toNodeListener } from 'identity-worker/server/node';

export interface SignInOrigin {
  /** `http://127.0.0.1:…/`, the redirect URI. */
  readonly redirectUri: string;
  /** Names the app's callback page, whose address is known later. */
  leadTo(callbackPage: string): void;
  close(): Promise<void>;
}

/** Starts the server. */
export async function startSignInOrigin(): Promise<SignInOrigin> {
  let callbackPage = 'https://app.example.org/signed-in.html';
  const server = createServer((request, response) =>
    toNodeListener(formPostResponse({ path: '/', callbackPage }))(request, response),
  );
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    leadTo: (page) => {
      callbackPage = page;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
