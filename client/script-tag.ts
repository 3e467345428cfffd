/** Entry of the one-<script> build: reads the tag's attributes, registers the ready worker beside it, signs images in. */
import { isIdentityError } from '../protocol/errors.js';
import { writeRegistration } from '../protocol/worker-url.js';
import { IdentityManager } from './identity-manager.js';
import { chunkMissing } from './lazy.js';
import type { LoginMode } from './login-mode.js';

declare global {
  interface Window {
    /** The page's IdentityManager, for sites without a build. */
    identity?: IdentityManager;
  }
}

/** Starts the IdentityManager of a script tag. */
function start(script: HTMLScriptElement): IdentityManager {
  const workerUrl = new URL(script.dataset['worker'] ?? 'identity-worker.js', script.src);
  const scope = new URL(script.dataset['scope'] ?? './', workerUrl).href;
  // The worker checks the registration.
  workerUrl.search = writeRegistration({
    get: (field) =>
      // Default of the redirect URI: the page of the scope, which has this script tag too.
      script.getAttribute(`data-${field}`) ?? (field === 'redirect-uri' ? scope : null),
  });
  const { language, login } = script.dataset;
  return IdentityManager.instance({
    worker: workerUrl,
    scope,
    language,
    // Checked by the IdentityManager.
    login: login as LoginMode | undefined,
  });
}

/** Loads images of the page's own HTML again that were requested before the worker controlled the page. */
function retryImages(): void {
  for (const image of document.images) {
    if (image.complete && !image.naturalWidth && image.currentSrc) image.src = image.currentSrc;
  }
}

async function untilParsed(): Promise<void> {
  if (document.readyState === 'loading')
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
}

/** Dispatches an event once the page's own scripts, which may be deferred, can listen to it. */
async function announce(name: 'identity-ready' | 'identity-error', detail: unknown): Promise<void> {
  await untilParsed();
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Loads the element `<identity-account>` for pages that have one. */
async function defineAccountElement(identity: IdentityManager): Promise<void> {
  await untilParsed();
  if (!document.querySelector('identity-account')) return;
  const { defineAccount } = await import('./account/chunk.js').catch(chunkMissing);
  defineAccount(Promise.resolve(identity));
}

async function run(script: HTMLScriptElement): Promise<void> {
  const identity = start(script);
  window.identity = identity;
  defineAccountElement(identity).catch(reportError);
  if (await identity.completeSignIn()) return;
  const first = navigator.serviceWorker?.controller;
  await identity.ready;
  if (navigator.serviceWorker.controller !== first) retryImages();
  await announce('identity-ready', identity);
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  run(script).catch((error: unknown) => {
    void announce('identity-error', error);
    // On a site without a build, the console is the only place to tell what is wrong.
    reportError(isIdentityError(error) ? error : new Error('Identity Worker'));
  });
}
