/** What a queue of edits needs of the rest of the worker, and of the app. */
import type { KeptEdit } from '../../protocol/edits.js';
import type { TokenTarget } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import type { EditAuthor } from './edit-store.js';

/** What the queue needs of the worker. */
export interface EditServices {
  /** Resolves once it is known who is signed in. */
  load(): Promise<void>;
  /** What a request would be signed for, `undefined` where no registration matches it. */
  targetOf(request: Request): TokenTarget | undefined;
  /** Who is signed in to a portal; `undefined` where the portal names no user and nothing else tells the sign-in apart. */
  authorOf(portal: Portal): Promise<EditAuthor | undefined>;
  /** Handles a page's request; a network failure is a response of type `error`. */
  respond(event: FetchEvent): Promise<Response> | undefined;
  /**
   * Sends a request of the worker's own in the name of its author.
   *
   * @throws IdentityError `sign-in-required` where they are not signed in, or not any more; a TypeError where the network fails.
   */
  send(request: Request, portal: Portal, author: EditAuthor): Promise<Response>;
}

/** Makes the response to an edit that is kept. */
export type Respond = (edit: KeptEdit) => Response;
