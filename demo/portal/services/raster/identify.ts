// `identify` of a MapServer: the country at a place, since the pictures have no data of their own.
import { countriesLayer } from '../features/countries-layer.js';
import {
  esriGeometry,
  geographic,
  meetsBox,
  parseProjection,
  parseSearchArea,
} from '../features/geometry.js';
import type { MapSource } from './map-json.js';

/**
 * @throws {@link EnvelopeError} 400 where `geometry` is missing or cannot be understood.
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/identify-map-service-/
 */
export function identify({ name }: MapSource, params: URLSearchParams): Record<string, unknown> {
  const text = params.get('geometry') ?? '';
  const inside = /"spatialReference"\s*:\s*\{[^}]*\}/.exec(text)?.[0];
  const projection = parseProjection('sr', inside ?? params.get('sr'), geographic);
  const area = parseSearchArea(text, projection);
  const returnsGeometry = params.get('returnGeometry')?.toLowerCase() !== 'false';
  const precision = {
    decimals: projection.decimals,
    maxOffset: Number(params.get('maxAllowableOffset') ?? 0),
  };
  return {
    results: countriesLayer.features
      .filter(({ shape }) => meetsBox(shape, area))
      .map(({ attributes, shape }) => ({
        layerId: 0,
        layerName: name,
        displayFieldName: countriesLayer.displayField,
        value: attributes[countriesLayer.displayField],
        attributes,
        ...(returnsGeometry
          ? {
              geometryType: countriesLayer.geometryType,
              geometry: {
                ...esriGeometry(shape, projection, precision),
                spatialReference: projection.json,
              },
            }
          : {}),
      })),
  };
}
