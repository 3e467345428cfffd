/** Stands for the server of a user's app: the test app, registered at the portal. */
import { serveApp } from '../support/fixtures.js';

export const serveMyApp = serveApp;
