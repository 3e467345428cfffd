/** Builds the pages of the map libraries, when these are installed: a chunk each, so that a test loads one of them. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const project = path('../../package.json');

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
      name: 'resolve',
      enforce: 'pre',
      resolveId(id, importer) {
        // This folder is a package with a name of its own: the project's entry points are found from the project.
        if (/^identity-worker(\/|$)/.test(id)) return this.resolve(id, project, { skipSelf: true });
        // Version 1.2 imports a default that MapLibre GL has up to version 5.
        if (id === 'maplibre-gl' && importer?.includes('/@esri/maplibre-arcgis/'))
          return this.resolve('maplibre-gl-5', importer, { skipSelf: true });
        return undefined;
      },
    },
  ],
});
