/** Cookies of the portal's site, in a browser that sends them along. */
import type { BrowserContext } from '@playwright/test';
import { TestApp } from './fixtures.js';

/** Opens the app on the portal's site, where its cookies are same-site ones, and signs in as ana. */
export async function openOnPortalSite(app: TestApp): Promise<TestApp> {
  const onSite = new TestApp(app.page, app.portal, app.url.replace('localhost', '127.0.0.1'));
  app.portal.addRedirectUri(`${onSite.url}/signed-in.html`);
  await onSite.open();
  await onSite.signIn('ana');
  return onSite;
}

export const setPortalCookie = (context: BrowserContext): Promise<void> =>
  context.addCookies([{ name: 'tier', value: '1', domain: '127.0.0.1', path: '/' }]);
