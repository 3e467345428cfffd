/** Defences of answers that the worker keeps: whole ones only, for their own user only. */
import { attacks, type Mutation } from './mutation.js';

const kept = (...titles: string[]) => attacks('kept-answers', ...titles);

export const ofKeptAnswers: readonly Mutation[] = [
  {
    rule: 'S11',
    without: 'the partition of each user',
    edits: [
      {
        file: 'sw/tokens/stored-credentials.ts',
        from: '          record.portal !== portal.url ||\n',
        to: '          record.portal !== portal.url || change !== undefined ||\n',
      },
      {
        file: 'sw/offline/partitions.ts',
        from: "if (!partition || partition.username !== (username ?? '')) return undefined;",
        to: 'if (!partition || username === portal.url) return undefined;',
      },
      {
        file: 'sw/offline/partitions.ts',
        from: 'if (this.current(portal, services)?.id === known) return;',
        to: 'if (services.tokens.info(portal)) return;',
      },
    ],
    tests: [
      kept(
        'not shown to ben, or to nobody: the end of the session at the portal',
        'not shown to ben, or to nobody: a sign-in in the place of the last one',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the deletion of what was kept',
    edits: [
      {
        file: 'sw/offline/partitions.ts',
        from: 'await Promise.all(names.map((name) => cacheAnswer(() => caches.delete(name))));',
        to: 'await Promise.all(names);',
      },
    ],
    tests: [
      kept(
        'not shown to ben, or to nobody: a sign-out',
        'not shown to ben, or to nobody: a sign-out after the worker was stopped',
        'not shown to ben, or to nobody: a sign-out before the worker is stopped',
        'a user who signs out has nothing left, also of a user whose session had ended',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the look at who is signed in when an answer has come to its end',
    edits: [
      {
        file: 'sw/offline/partitions.ts',
        from: 'return this.current(portal, services)?.id === partition.id;',
        to: 'return services.portalIndex.byUrl(portal.url) !== undefined || partition.id === "";',
      },
      {
        file: 'sw/offline/partitions.ts',
        from: 'if (this.#known.get(portal) !== id) await',
        to: "if (this.#known.get(portal) === 'x') await",
      },
      {
        file: 'sw/offline/http-cache.ts',
        from: 'if (!partition || session !== services.tokens.session(portal)) return;',
        to: 'if (!partition) return;',
      },
    ],
    tests: [kept('an answer whose user changes while it comes is kept for neither')],
  },
  {
    rule: 'S11',
    without: 'the look at what an answer is',
    edits: [
      {
        file: 'sw/offline/storable.ts',
        from: 'return body && isWhole(body, response.headers) && isContent(body) ? body : undefined;',
        to: 'return body && isWhole(body, response.headers) && isContent(new Uint8Array()) ? body : undefined;',
      },
      { file: 'sw/offline/storable.ts', from: '/^\\s*(text\\/html', to: '/^\\s*(text\\/none' },
    ],
    tests: [
      kept(
        'an error of 499 inside 200 does not come back',
        'an error that begins late does not come back',
        'an error longer than 4 kB does not come back',
        'an error in a call does not come back',
        'an error of an administrator API does not come back',
        'an error that says it is a picture does not come back',
        'a page does not come back',
        'a page that says it is a picture does not come back',
        'half of a JSON does not come back',
        'every way of a portal to refuse is no answer that comes back',
      ),
    ],
  },
];
