/** What page and worker say to each other of edits that wait for the network. */
import type { WireError } from './identity-error.js';
import { PROTOCOL_VERSION } from './messages.js';
import { isRecord } from './record.js';

/** Name of the BroadcastChannel that says that what waits has changed. It carries nothing else. */
export const EDITS_CHANNEL = 'identity-worker:edits';

/** Header of the response to an edit that is kept, with the edit's id. */
export const EDIT_HEADER = 'identity-worker-edit';

/**
 * Why an edit has not been sent. `queued`: it is, when the network and its service allow it. `signed-out` and `other-user`: it is,
 * when its user has signed in. `refused`: it is only after `retry`.
 */
export type EditState = 'queued' | 'signed-out' | 'other-user' | 'refused';

/** An edit that is kept until its service has taken it. */
export interface KeptEdit {
  readonly id: string;
  /** Name of the queue. */
  readonly queue: string;
  /** Root URL of the portal whose user made it. */
  readonly portal: string;
  /** Who made it; absent where nobody was signed in, or the portal names no users. */
  readonly username?: string;
  /** When it was kept, in ms since the epoch. */
  readonly queuedAt: number;
}

/** The same as it stands now. */
export interface EditReport extends KeptEdit {
  readonly state: EditState;
  /** Address of its service; of another user's edit it is not told. */
  readonly service?: string;
  readonly error?: WireError;
}

/** What a page asks: `send` says that the network is back. */
export interface EditsCall {
  readonly type: 'identity:edits';
  readonly version: number;
  readonly action: 'list' | 'send' | 'retry' | 'discard';
  /** The edit concerned; `retry` without one concerns all. */
  readonly id?: string;
}

/** Admits a call of a page; `undefined` for what is none, or of another version. */
export function parseEditsCall(data: unknown): EditsCall | undefined {
  if (!isRecord(data) || data['type'] !== 'identity:edits' || data['version'] !== PROTOCOL_VERSION)
    return undefined;
  const { action, id } = data;
  const isKnown = action === 'list' || action === 'send' || action === 'retry' || action === 'discard';
  const hasId = id === undefined || (typeof id === 'string' && id.length <= 64);
  return isKnown && hasId && (action !== 'discard' || id !== undefined)
    ? (data as unknown as EditsCall)
    : undefined;
}
