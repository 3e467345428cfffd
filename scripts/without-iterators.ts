/**
 * Leaves idb's async iterators out of the ready worker, which walks with cursors: 200 bytes after brotli. idb is one module that
 * installs them when it is loaded; marked as free of side effects, the call is dropped by the bundler, and with it what it installs.
 */
import type { Plugin } from 'vite';

/** The last part of the module, which installs the iterators. */
const installs =
  /^replaceTraps\((?=\(oldTraps\) => \(\{\s+\.\.\.oldTraps,\s+get\(target, prop, receiver\) \{\s+if \(isIteratorProp\()/m;

export const withoutIterators: Plugin = {
  name: 'without-iterators',
  transform(code, id) {
    if (id.includes('/sw/storage/') && /\bfor await\b/.test(code))
      this.error('The ready worker has no iterators of idb: use openCursor() and continue().');
    if (!id.endsWith('/idb/build/index.js')) return undefined;
    if (!installs.test(code)) this.error('idb installs its iterators in another way than before.');
    return { code: code.replace(installs, '/* @__PURE__ */ $&'), map: null };
  },
};
