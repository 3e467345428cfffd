/** The workloads of the bench, by the names that its command line takes. */
import { coldStart } from './workloads/cold-start.js';
import { expiry } from './workloads/expiry.js';
import { heap } from './workloads/heap.js';
import { binary, json, upload } from './workloads/long-bodies.js';
import { registrations, unregistered } from './workloads/matching.js';
import { secondLook } from './workloads/second-look.js';
import { link, tiles } from './workloads/tiles.js';

/** In the order in which they run. */
export const workloads = {
  tiles,
  link,
  secondLook,
  json,
  binary,
  upload,
  coldStart,
  unregistered,
  registrations,
  expiry,
  heap,
};
