/** What pages and workers of a browser write to their consoles, and what its pages send: secrets must be in neither. */
import type { BrowserContext, Request } from '@playwright/test';

export class BrowserRecord {
  /** Lines of all consoles, and errors that nobody caught. */
  readonly consoleLines: string[] = [];
  /** Addresses and bodies of the pages' own requests. What a worker sends for them is not among them, nor are navigations. */
  readonly requests: string[] = [];

  /** @param context - Recorded from now on. */
  constructor(context: BrowserContext) {
    context.on('console', (message) => this.consoleLines.push(message.text()));
    context.on('weberror', (error) => this.consoleLines.push(String(error.error())));
    context.on('request', (request) => {
      if (isOfPage(request)) this.requests.push(`${request.url()}\n${request.postData() ?? ''}`);
    });
  }
}

const isOfPage = (request: Request): boolean =>
  request.serviceWorker() === null && !request.isNavigationRequest();
