/** What its page uses: the package names no types for imports, and those that it has are of MapLibre GL 6. */
declare module '@esri/maplibre-arcgis' {
  import type { Map } from 'maplibre-gl-5';

  interface Layer {
    addSourcesAndLayersTo(map: Map): unknown;
  }
  export const FeatureLayer: { fromUrl(url: string): Promise<Layer> };
  export const VectorTileLayer: { fromUrl(url: string): Promise<Layer> };
}
