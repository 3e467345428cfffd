/** Defences of edits that wait: they are sent in the name of the user who made them. */
import { attacks, type Mutation } from './mutation.js';

export const ofEdits: readonly Mutation[] = [
  {
    rule: 'S11',
    without: 'the check of who made an edit that waits',
    edits: [
      {
        file: 'sw/offline/edit-queue.ts',
        from: 'if (!isSame(edit, author)) {',
        to: 'if (!isSame(edit, author) && edit.id === portal) {',
      },
      {
        file: 'sw/edit-queue.ts',
        from: 'if (!isSame(author, await authorOf(portal)))',
        to: 'if (author.portal !== portal.url)',
      },
    ],
    tests: [
      attacks(
        'edits-of-others',
        ...[
          'after a sign-out',
          'in place of the first',
          'after a stop of the worker',
          'after a session that the portal has ended',
          'in another tab',
        ].map((way) => `a user who has signed in ${way} does not send the edits of the one before`),
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the rule that an edit that waits is sent in the session of its user only',
    edits: [
      {
        file: 'sw/request/send-traced.ts',
        from: 'onlyInSession !== undefined && onlyInSession !== tokens.session(portal)',
        to: 'onlyInSession !== undefined && tokens.session(portal) < 0',
      },
    ],
    tests: [
      attacks(
        'edits-of-others',
        'a user who signs in while an edit of another is about to be sent does not send it',
      ),
    ],
  },
];
