/** The default sign-in of one challenge: a window where the browser lets one open, a dialog where it does not. */
import type { CodeRequired } from '../../protocol/messages.js';
import { LoginDialog } from './dialog.js';
import { openPopup, untilGone } from './popup.js';
import type { LoginTexts } from './texts.js';

/** What a login may do with the challenge it serves. */
export interface LoginActions {
  /** Hands over a pasted code; rejects when the portal did not take it. */
  submitCode: (code: string) => Promise<void>;
  cancel: () => void;
  /** Whether the challenge is still open, by the worker's word. */
  isOpen: () => Promise<boolean>;
}

/**
 * Runs the sign-in until the signal says that the challenge has ended, here or elsewhere.
 *
 * @param opened - A window that was opened in the user's click, still blank.
 */
export function runLogin(
  challenge: CodeRequired,
  opened: Window | null,
  actions: LoginActions,
  texts: LoginTexts,
  signal: AbortSignal,
): void {
  const { authorizationUrl, challengeId, outOfBand, portalName } = challenge;
  const open = (): Window | null => openPopup(authorizationUrl, challengeId);
  let popup: Window | null = null;
  let watch = new AbortController();

  const dialog = new LoginDialog(portalName, texts, {
    open: () => follow(open()),
    cancel: actions.cancel,
    submitCode: (code) => {
      actions.submitCode(code).catch(() => dialog.refuseCode());
    },
  });

  function follow(next: Window | null): void {
    watch.abort();
    popup = next;
    if (outOfBand) dialog.show('code');
    else if (!next) dialog.show('ask');
    if (!next || outOfBand) return;
    watch = new AbortController();
    void untilGone(next, AbortSignal.any([signal, watch.signal])).then(async (how) => {
      // The window also goes when the callback page has done its work: the worker knows.
      if (signal.aborted || !(await actions.isOpen())) return;
      if (how === 'closed') actions.cancel();
      else if (!signal.aborted) dialog.show('waiting');
    });
  }

  signal.addEventListener(
    'abort',
    () => {
      watch.abort();
      dialog.close();
      // Out of band the portal's page stays open: nothing else closes it.
      if (popup && !popup.closed) popup.close();
    },
    { once: true },
  );

  if (opened && !opened.closed) {
    opened.name = challengeId;
    opened.location.href = authorizationUrl;
  }
  // Out of band the person needs the field first, and opens the window from there.
  follow(opened ?? (outOfBand ? null : open()));
}
