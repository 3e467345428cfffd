/** The table: everything that a page does with a portal, and what of it differs with the worker. */
import { caching } from './caching.js';
import { elements } from './elements.js';
import { failures } from './failures.js';
import { unload } from './unload.js';
import { fetches } from './fetches.js';
import { frames } from './frames.js';
import { headers } from './headers.js';
import { options } from './options.js';
import { redirects } from './redirects.js';
import { requests } from './requests.js';
import { workers } from './workers.js';
import type { Row } from '../row.js';

export const rows: readonly Row[] = [
  ...fetches,
  ...failures,
  ...requests,
  ...elements,
  ...frames,
  ...workers,
  ...unload,
  ...caching,
  ...options,
  ...redirects,
  ...headers,
];
