/** Largest sizes of the ready files, in bytes after brotli: `npm run check:package` fails above, and the README names them. */
export const budgets: Readonly<Record<string, number>> = {
  'identity-worker.js': 21_800,
  'identity-client.js': 6_000,
  'identity-client/login.js': 7_300,
  'identity-client/control.js': 3_000,
};
