// What this folder uses of vt-pbf, which comes without types.
declare module 'vt-pbf' {
  interface VectorLayers {
    [layer: string]: { features: readonly unknown[] };
  }
  const vtPbf: {
    /** Encodes geojson-vt tiles, one per layer name, as one Mapbox vector tile. */
    fromGeojsonVt(layers: VectorLayers, options: { version: 1 | 2; extent: number }): Uint8Array;
  };
  export default vtPbf;
}
