/** Largest sizes of the ready files, in bytes after brotli: `npm run check:package` fails above, and the README names them. */
export const budgets: Readonly<Record<string, number>> = {
  'identity-worker.js': 29_000,
  'identity-client.js': 7_350,
  'identity-client/sign-in.js': 8_150,
  'identity-client/inspect-clients.js': 3_000,
};

/** Largest size of a worker of `identity-worker/sw/core` without parts, bundled and minified, in bytes after brotli. */
export const coreBudget = 26_300;
