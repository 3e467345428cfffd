/** What pages and workers of a browser write to their consoles, and what its pages send: secrets must be in neither. */
import type { BrowserContext, Request } from '@playwright/test';

/** @returns Lines of all consoles from now on, and errors that nobody caught. */
export function recordConsoles(context: BrowserContext): string[] {
  const lines: string[] = [];
  context.on('console', (message) => lines.push(message.text()));
  context.on('weberror', (error) => lines.push(String(error.error())));
  return lines;
}

/** @returns Addresses and bodies of the pages' own requests from now on: not what a worker sends for them, and no navigations. */
export function recordRequests(context: BrowserContext): string[] {
  const requests: string[] = [];
  context.on('request', (request) => {
    if (isOfPage(request)) requests.push(`${request.url()}\n${request.postData() ?? ''}`);
  });
  return requests;
}

const isOfPage = (request: Request): boolean =>
  request.serviceWorker() === null && !request.isNavigationRequest();
