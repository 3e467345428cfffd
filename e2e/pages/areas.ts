/** What a page that saves areas has beside the test app's own script, which runs before. */
import * as offline from 'identity-worker/offline';

window.offline = offline;
window.areas = new offline.OfflineAreas(window.identity);
