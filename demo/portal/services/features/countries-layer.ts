// The Countries layer: Natural Earth polygons and attributes computed from them.
import { countries } from '../world.js';
import { objectIdField, type FeatureLayer } from './feature-layer.js';

/** Seven colours, which differ between neighbours. The vector style uses them too. */
export const countryColours = [
  '#8fb8a8',
  '#e6c88f',
  '#c9a3b8',
  '#9db4d6',
  '#d9a58a',
  '#b5c489',
  '#a8a3cc',
] as const;

const rgba = (hex: string, alpha: number): number[] => [
  ...[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  alpha,
];

const fillSymbol = (hex: string): Record<string, unknown> => ({
  type: 'esriSFS',
  style: 'esriSFSSolid',
  color: rgba(hex, 150),
  outline: { type: 'esriSLS', style: 'esriSLSSolid', color: [90, 96, 104, 200], width: 0.5 },
});

export const countriesLayer: FeatureLayer = {
  name: 'Countries',
  description: 'Countries of the world at 1:50 million, with area measured on the sphere.',
  copyright: 'Made with Natural Earth.',
  displayField: 'NAME',
  geometryType: 'esriGeometryPolygon',
  fields: [
    objectIdField,
    { name: 'NAME', alias: 'Name', type: 'esriFieldTypeString', length: 64 },
    { name: 'ISO_N3', alias: 'ISO 3166-1 numeric', type: 'esriFieldTypeString', length: 3 },
    { name: 'CONTINENT', alias: 'Continent', type: 'esriFieldTypeString', length: 32 },
    { name: 'AREA_KM2', alias: 'Area (km²)', type: 'esriFieldTypeDouble' },
    { name: 'NEIGHBOURS', alias: 'Land neighbours', type: 'esriFieldTypeInteger' },
    { name: 'COLOUR', alias: 'Map colour', type: 'esriFieldTypeInteger' },
  ],
  features: countries.map((country, i) => ({
    objectId: i + 1,
    attributes: {
      OBJECTID: i + 1,
      NAME: country.name,
      ISO_N3: country.isoN3,
      CONTINENT: country.continent,
      AREA_KM2: country.areaKm2,
      NEIGHBOURS: country.neighbourCount,
      COLOUR: country.colourIndex,
    },
    shape: {
      kind: 'polygon',
      polygons: country.polygons,
      generalised: country.generalised,
      box: country.box,
    },
  })),
  relationship: { name: 'Countries of the continent', keyField: 'CONTINENT' },
  renderer: {
    type: 'uniqueValue',
    field1: 'COLOUR',
    defaultSymbol: fillSymbol('#cccccc'),
    uniqueValueInfos: countryColours.map((hex, i) => ({
      value: String(i),
      label: `Colour ${i + 1}`,
      symbol: fillSymbol(hex),
    })),
  },
};
