/** What the pages of the tests put on their windows. */
import type * as library from 'identity-worker';
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';
import type * as offline from 'identity-worker/offline';
import type { inspect } from '../pages/transparency/page.js';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    /** All public names. */
    library: typeof library;
    /** All public names for pages that work offline. */
    offline: typeof offline;
    areas: offline.OfflineAreas;
    cancelSave?: () => void;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
    /** When the app prompted, and until when. */
    prompts: { fromMs: number; toMs?: number }[];
    /** The worker's messages, as JSON. */
    workerMessages: string[];
    /** Authorization URLs of the prompts so far. */
    asked?: string[];
    inspect: typeof inspect;
    edits: offline.PendingEdits;
    abort?: () => Promise<unknown>;
    /** Codes of the errors that were reported to the page. */
    reportedCodes: string[];
  }
}
