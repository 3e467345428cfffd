/** The account part of the panel: who is signed in, for how long, and the buttons that change it. */
import { isIdentityError, type IdentityManager } from 'identity-worker';
import { byId } from './dom.js';

/** Shows the account of the app's one portal and keeps it current. Call it once the IdentityManager is ready. */
export function showAccount(identity: IdentityManager): void {
  const avatar = byId('avatar', HTMLSpanElement);
  const username = byId('username', HTMLElement);
  const portalName = byId('portal-name', HTMLSpanElement);
  const signIn = byId('sign-in', HTMLButtonElement);
  const signOut = byId('sign-out', HTMLButtonElement);
  const lifetime = byId('lifetime', HTMLParagraphElement);
  const left = byId('lifetime-left', HTMLSpanElement);
  const note = byId('lifetime-note', HTMLSpanElement);
  const otherAccount = byId('other-account', HTMLParagraphElement);
  const problem = byId('problem', HTMLParagraphElement);

  const showLifetime = (): void => {
    const { expires, renewable = false } = identity.credentials[0] ?? {};
    lifetime.hidden = expires === undefined;
    if (expires === undefined) return;
    const leftMs = expires - Date.now();
    left.textContent = leftMs > 0 ? clock(leftMs) : '0:00';
    note.textContent = renewable ? 'renewed by the worker when needed' : 'then you are asked again';
  };
  const show = (): void => {
    const credential = identity.credentials[0];
    const hadFocus = document.activeElement === signIn || document.activeElement === signOut;
    username.textContent = credential ? (credential.username ?? 'Signed in') : 'Not signed in';
    avatar.textContent = credential?.username?.slice(0, 1).toUpperCase() ?? '';
    avatar.classList.toggle('is-empty', !credential);
    portalName.textContent = identity.portals[0]?.name ?? '';
    signIn.hidden = credential !== undefined;
    signOut.hidden = credential === undefined;
    otherAccount.hidden = credential !== undefined;
    // The focused button is hidden now: move the focus to the one in its place.
    if (hadFocus) (credential ? signOut : signIn).focus();
    if (credential) problem.textContent = '';
    showLifetime();
  };
  const run = async (button: HTMLButtonElement, act: () => Promise<unknown>): Promise<void> => {
    problem.textContent = '';
    button.setAttribute('aria-busy', 'true');
    try {
      await act();
    } catch (error) {
      problem.textContent = textOf(error);
    } finally {
      button.removeAttribute('aria-busy');
    }
  };

  const portalUrl = identity.portals[0]?.url ?? '';
  // The portal's session is a cookie of the portal, which only a navigation to it can end.
  const ending = new URLSearchParams({ client_id: 'idw-demo', redirect_uri: `${location.origin}/` });
  byId('portal-sign-out', HTMLAnchorElement).href = `${portalUrl}/sharing/rest/oauth2/signout?${ending}`;
  signIn.addEventListener('click', () => void run(signIn, () => identity.signIn()));
  signOut.addEventListener('click', () => void run(signOut, () => identity.signOut()));
  identity.addEventListener('credentials-changed', show);
  setInterval(showLifetime, 1000);
  show();
}

/** The message for the user. Closing the popup is not an error. */
export function textOf(error: unknown): string {
  if (!isIdentityError(error)) return 'Something went wrong. Reload the page and try again.';
  return error.code === 'challenge-cancelled' || error.code === 'access-denied'
    ? 'The sign-in was not finished. You can try again at any time.'
    : error.message;
}

/** Minutes and seconds, and hours where there are any. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
