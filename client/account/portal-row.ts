/** One portal in the panel of `<identity-account>`. */
import type { CredentialInfo, PortalInfo } from '../../protocol/credential-info.js';
import { makeButton, makeElement, say } from './make-element.js';
import type { AccountTexts } from './texts.js';

/** What the buttons of a row do; called in the click. */
export interface RowActions {
  signIn: (portal: string, forceLogin?: boolean) => void;
  signOut: (portal: string) => void;
}

/** The name of a portal, who is signed in there, and what the user can do. */
export class PortalRow {
  readonly item = makeElement('li', 'portal');
  readonly #name = makeElement('bdi', 'portal-name');
  readonly #user = makeElement('bdi', 'user');
  readonly #signIn: HTMLButtonElement;
  readonly #signOut: HTMLButtonElement;
  readonly #other: HTMLButtonElement;

  constructor({ url, name }: PortalInfo, actions: RowActions) {
    this.#name.textContent = name;
    this.#signIn = makeButton('sign-in button', () => actions.signIn(url));
    this.#signOut = makeButton('sign-out button', () => actions.signOut(url));
    this.#other = makeButton('other-account button', () => actions.signIn(url, true));
    const user = document.createElement('span');
    user.append(this.#user);
    const buttons = document.createElement('div');
    buttons.append(this.#signIn, this.#signOut, this.#other);
    this.item.append(this.#name, user, buttons);
  }

  show(credential: CredentialInfo | undefined, texts: AccountTexts): void {
    const root = this.item.getRootNode() as ShadowRoot;
    const hadFocus = root.activeElement !== null && this.item.contains(root.activeElement);
    say(this.#user, credential ? (credential.username ?? texts.signedIn) : texts.signedOut);
    say(this.#signIn, texts.signIn);
    say(this.#signOut, texts.signOut);
    say(this.#other, texts.otherAccount);
    this.#signIn.hidden = credential !== undefined;
    this.#signOut.hidden = this.#other.hidden = credential === undefined;
    // The focused button may be hidden now: its counterpart has the focus then.
    if (hadFocus && (root.activeElement as HTMLElement | null)?.hidden !== false)
      (credential ? this.#signOut : this.#signIn).focus();
  }

  /** @param isBusy - While a sign-in or sign-out goes on. */
  set isBusy(isBusy: boolean) {
    for (const button of [this.#signIn, this.#signOut, this.#other])
      button.setAttribute('aria-disabled', String(isBusy));
  }
}
