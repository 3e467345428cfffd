// The Places layer: forty large cities, public.
import { objectIdField, type FeatureLayer } from './feature-layer.js';

// Name, country, longitude, latitude, inhabitants of the city in millions (rounded), whether it is the capital.
const cities: readonly (readonly [string, string, number, number, number, boolean])[] = [
  ['Amsterdam', 'Netherlands', 4.9, 52.37, 0.9, true],
  ['Ankara', 'Turkey', 32.86, 39.93, 5.8, true],
  ['Athens', 'Greece', 23.73, 37.98, 0.6, true],
  ['Bangkok', 'Thailand', 100.5, 13.75, 5.5, true],
  ['Beijing', 'China', 116.4, 39.9, 21.9, true],
  ['Berlin', 'Germany', 13.4, 52.52, 3.7, true],
  ['Bogotá', 'Colombia', -74.07, 4.71, 7.9, true],
  ['Brasília', 'Brazil', -47.88, -15.79, 2.8, true],
  ['Buenos Aires', 'Argentina', -58.38, -34.6, 3.1, true],
  ['Cairo', 'Egypt', 31.24, 30.04, 10.2, true],
  ['Canberra', 'Australia', 149.13, -35.28, 0.5, true],
  ['Dakar', 'Senegal', -17.45, 14.69, 1.4, true],
  ['Dhaka', 'Bangladesh', 90.41, 23.81, 10.3, true],
  ['Hanoi', 'Vietnam', 105.85, 21.03, 8.4, true],
  ['Istanbul', 'Turkey', 28.98, 41.01, 15.7, false],
  ['Jakarta', 'Indonesia', 106.85, -6.21, 10.6, true],
  ['Kinshasa', 'Dem. Rep. Congo', 15.31, -4.33, 17, true],
  ['Lagos', 'Nigeria', 3.38, 6.52, 15.4, false],
  ['Lima', 'Peru', -77.04, -12.05, 10, true],
  ['London', 'United Kingdom', -0.13, 51.51, 8.9, true],
  ['Madrid', 'Spain', -3.7, 40.42, 3.3, true],
  ['Mexico City', 'Mexico', -99.13, 19.43, 9.2, true],
  ['Moscow', 'Russia', 37.62, 55.76, 13, true],
  ['Mumbai', 'India', 72.88, 19.08, 12.5, false],
  ['Nairobi', 'Kenya', 36.82, -1.29, 4.4, true],
  ['New Delhi', 'India', 77.21, 28.61, 0.3, true],
  ['New York', 'United States of America', -74.01, 40.71, 8.3, false],
  ['Oslo', 'Norway', 10.75, 59.91, 0.7, true],
  ['Ottawa', 'Canada', -75.7, 45.42, 1, true],
  ['Paris', 'France', 2.35, 48.86, 2.1, true],
  ['Rabat', 'Morocco', -6.84, 34.02, 0.6, true],
  ['Reykjavík', 'Iceland', -21.94, 64.15, 0.1, true],
  ['Rome', 'Italy', 12.5, 41.9, 2.8, true],
  ['Santiago', 'Chile', -70.67, -33.45, 6.2, true],
  ['São Paulo', 'Brazil', -46.63, -23.55, 11.5, false],
  ['Seoul', 'South Korea', 126.98, 37.57, 9.4, true],
  ['Singapore', 'Singapore', 103.82, 1.35, 5.9, true],
  ['Tokyo', 'Japan', 139.69, 35.69, 14, true],
  ['Washington', 'United States of America', -77.04, 38.91, 0.7, true],
  ['Wellington', 'New Zealand', 174.78, -41.29, 0.2, true],
];

/** Data with the text of an error response: clients must not take it for one. */
const misleadingNote = '{"error":{"code":498}}';

export const placesLayer: FeatureLayer = {
  name: 'Places',
  description: 'Forty large cities with rounded populations.',
  copyright: 'Positions and populations from general knowledge, rounded.',
  displayField: 'NAME',
  geometryType: 'esriGeometryPoint',
  fields: [
    objectIdField,
    { name: 'NAME', alias: 'Name', type: 'esriFieldTypeString', length: 64 },
    { name: 'COUNTRY', alias: 'Country', type: 'esriFieldTypeString', length: 64 },
    { name: 'POPULATION', alias: 'Inhabitants', type: 'esriFieldTypeInteger' },
    { name: 'IS_CAPITAL', alias: 'Capital (1 = yes)', type: 'esriFieldTypeInteger' },
    { name: 'NOTE', alias: 'Note', type: 'esriFieldTypeString', length: 128 },
  ],
  features: cities.map(([name, country, lon, lat, millions, isCapital], i) => ({
    objectId: i + 1,
    attributes: {
      OBJECTID: i + 1,
      NAME: name,
      COUNTRY: country,
      POPULATION: Math.round(millions * 1e6),
      IS_CAPITAL: isCapital ? 1 : 0,
      NOTE: name === 'Amsterdam' ? misleadingNote : null,
    },
    shape: { kind: 'point', position: [lon, lat] },
  })),
  renderer: {
    type: 'simple',
    symbol: {
      type: 'esriSMS',
      style: 'esriSMSCircle',
      size: 7,
      color: [52, 73, 94, 255],
      outline: { color: [255, 255, 255, 255], width: 1 },
    },
  },
};
