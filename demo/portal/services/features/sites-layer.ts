// The Sites layer: sixty survey sites with pictures as attachments. Private.
import { sitePhoto } from '../pictures/site-photo.js';
import { siteMap } from '../pictures/site-map.js';
import { randomFrom } from '../../random.js';
import { countries } from '../world.js';
import {
  globalIdField,
  globalIdOf,
  objectIdField,
  type Attachment,
  type Feature,
  type FeatureLayer,
} from './feature-layer.js';

const kinds = ['Gauge', 'Mast', 'Plot', 'Beacon', 'Borehole'] as const;
const statuses = ['Active', 'Active', 'Active', 'Planned', 'Closed'] as const;
const firstVisitMs = Date.UTC(2025, 0, 6);
const dayMs = 86_400_000;

const pick = <T>(random: () => number, options: readonly T[]): T =>
  options[Math.floor(random() * options.length)]!;

function siteIn(country: (typeof countries)[number], i: number): Feature {
  const random = randomFrom(`site ${country.name}`);
  const kind = pick(random, kinds);
  const status = pick(random, statuses);
  return {
    objectId: i + 1,
    attributes: {
      OBJECTID: i + 1,
      GLOBALID: globalIdOf('Sites', i + 1),
      NAME: `${country.name} ${kind.toLowerCase()} ${String(i + 1).padStart(2, '0')}`,
      COUNTRY: country.name,
      KIND: kind,
      STATUS: status,
      // A planned site has no visit yet.
      VISITED: status === 'Planned' ? null : firstVisitMs + Math.floor(random() * 600) * dayMs,
    },
    shape: { kind: 'point', position: country.labelPoint },
  };
}

// A site in each of the largest countries, numbered from west to east.
const features = countries
  .filter(({ continent }) => continent !== 'Antarctica')
  .toSorted((a, b) => b.areaKm2 - a.areaKm2)
  .slice(0, 60)
  .toSorted((a, b) => a.labelPoint[0] - b.labelPoint[0])
  .map(siteIn);

const pictures = new Map<string, Uint8Array>();

/** Draws a picture once: its size is in the list, and its bytes are requested later. */
function drawnOnce(key: string, draw: () => Uint8Array): () => Uint8Array {
  return () => {
    const picture = pictures.get(key) ?? draw();
    pictures.set(key, picture);
    return picture;
  };
}

function attachmentsOf({ objectId, attributes, shape }: Feature): readonly Attachment[] {
  // Features that users have added have no pictures.
  if (shape.kind !== 'point' || objectId > features.length) return [];
  const seed = String(attributes['NAME']);
  const picture = (id: number, name: string, draw: () => Uint8Array): Attachment => ({
    id,
    name,
    contentType: 'image/png',
    content: drawnOnce(`${objectId}/${id}`, draw),
  });
  return [
    picture(objectId * 10 + 1, `site-${objectId}-photo.png`, () => sitePhoto(seed, shape.position[1])),
    picture(objectId * 10 + 2, `site-${objectId}-map.png`, () => siteMap(shape.position)),
  ];
}

export const sitesLayer: FeatureLayer = {
  name: 'Sites',
  description: 'Survey sites, invented for this demo: one in each of the sixty largest countries.',
  copyright: 'Positions derived from Natural Earth; everything else is made up.',
  displayField: 'NAME',
  geometryType: 'esriGeometryPoint',
  fields: [
    objectIdField,
    globalIdField,
    { name: 'NAME', alias: 'Name', type: 'esriFieldTypeString', length: 80 },
    { name: 'COUNTRY', alias: 'Country', type: 'esriFieldTypeString', length: 64 },
    { name: 'KIND', alias: 'Kind', type: 'esriFieldTypeString', length: 16, codedValues: kinds },
    {
      name: 'STATUS',
      alias: 'Status',
      type: 'esriFieldTypeString',
      length: 16,
      codedValues: [...new Set(statuses)],
    },
    { name: 'VISITED', alias: 'Last visit', type: 'esriFieldTypeDate', length: 8 },
  ],
  features,
  renderer: {
    type: 'uniqueValue',
    field1: 'STATUS',
    uniqueValueInfos: [
      ['Active', [214, 90, 62, 255]],
      ['Planned', [240, 190, 80, 255]],
      ['Closed', [130, 138, 146, 255]],
    ].map(([value, color]) => ({
      value,
      label: value,
      symbol: {
        type: 'esriSMS',
        style: 'esriSMSCircle',
        size: 9,
        color,
        outline: { color: [255, 255, 255, 255], width: 1.5 },
      },
    })),
  },
  attachmentsOf,
  editableBy: 'every-user',
};
