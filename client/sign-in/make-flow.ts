/** Chooses the flow of a challenge, and gives it the browser. */
import type { CodeRequired } from '../../protocol/messages.js';
import type { PageHost } from '../page-host.js';
import { openPopup } from '../popup.js';
import { SignInDialog } from './dialog.js';
import type { FlowActions, SignInFlow } from './flow.js';
import { wordingFor, type WordingOptions } from './languages.js';
import { pastedCode } from './pasted-code.js';
import { PopupFlow } from './popup-flow.js';
import { RedirectFlow } from './redirect-flow.js';
import { here } from './scroll-restoration.js';

/** Makes the flow of a challenge. */
export type MakeFlow = (challenge: CodeRequired, actions: FlowActions) => SignInFlow;

/** The flows of a page. */
export const flowMaker =
  ({ connection, login }: PageHost, options: WordingOptions): MakeFlow =>
  ({ portalName, outOfBand }, actions) => {
    const dialog = new SignInDialog(portalName, () => wordingFor(options), {
      open: () => actions.send('click'),
      // The browser opens the link after this.
      followLink: () => void setTimeout(() => actions.send('link')),
      cancel: () => actions.send('cancel'),
      submitCode: (pasted) => {
        const code = pastedCode(pasted);
        actions.send(code === undefined ? 'no-code' : 'code', { code });
      },
    });
    // A code that has to be pasted needs its page beside this one.
    if (login !== 'redirect' || outOfBand) return new PopupFlow(outOfBand, dialog, actions, openPopup);
    return new RedirectFlow(dialog, actions, {
      save: ({ challengeId }) => connection.call('saveReturnTo', challengeId, here()),
      leave: (url) => location.assign(url),
    });
  };
