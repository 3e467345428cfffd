/**
 * Importing it defines the element `<identity-account>`, a control to sign in and out. It may be imported where there is no browser.
 *
 * @module identity-worker/account
 */
import { defineAccount } from './account/chunk.js';
import type { IdentityAccountElement } from './account/element.js';
import { whenMade } from './identity-manager.js';

export { IdentityAccountElement } from './account/element.js';
export type { AccountTexts } from './account/texts.js';

defineAccount(whenMade);

declare global {
  interface HTMLElementTagNameMap {
    'identity-account': IdentityAccountElement;
  }
}
