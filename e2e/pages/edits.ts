/** Gives a page of the test app what waits of its edits. */
import { PendingEdits } from 'identity-worker/offline';

window.edits = new PendingEdits();
