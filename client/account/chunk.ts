/** Defines `<identity-account>`: a chunk of the ready client, loaded where a page has the element. */
import type { IdentityManager } from '../identity-manager.js';
import { IdentityAccountElement } from './element.js';

/**
 * Defines the element, once.
 *
 * @param identity - The page's IdentityManager, once there is one.
 */
export function defineAccount(identity: Promise<IdentityManager>): void {
  // A server that renders the page has no elements.
  if (!globalThis.customElements || customElements.get('identity-account')) return;
  IdentityAccountElement.identity = identity;
  customElements.define('identity-account', IdentityAccountElement);
}
