/** Builds the pages of the map libraries, when these are installed: a chunk each, so that a test loads one of them. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const root = path('../../package.json');

export default defineConfig({
  root: path('pages'),
  build: {
    outDir: path('../../dist/clients'),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 100_000,
  },
  plugins: [
    {
      // This folder is a package with a name of its own: the project's entry points are found from the project.
      name: 'identity-worker',
      enforce: 'pre',
      resolveId(id) {
        return /^identity-worker(\/|$)/.test(id) ? this.resolve(id, root, { skipSelf: true }) : undefined;
      },
    },
  ],
});
