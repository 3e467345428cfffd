// Feature services of the portal's user: data in GeoJSON, as a layer that is queried like those of the demo.
import { featureServer } from './features/feature-server.js';
import { geoJsonLayer, InvalidGeoJson } from './features/geojson-layer.js';
import type { Service, ServiceInfo } from './service-request.js';

/** A feature service with data of the user's own. */
export interface OwnService {
  /** Its name in addresses: `…/rest/services/{name}/FeatureServer`. Letters, digits and underscores. */
  readonly name: string;
  /** A FeatureCollection (RFC 7946 §3.3): points, lines or polygons, not mixed, in degrees. */
  readonly data: unknown;
  /** Who may read it: `private` is for users with `mayReadPrivate`. Default `signed-in`. */
  readonly access?: ServiceInfo['access'];
}

/** Data or a name that no service can be made of. The message says what is wrong, and where. */
export class InvalidService extends Error {
  override readonly name = 'InvalidService';
}

/** @throws {@link InvalidService} where a name or data cannot be used, or two services have one name. */
export function ownServices(all: readonly OwnService[]): Service[] {
  const twice = all.find(({ name }, i) => all.findIndex((other) => other.name === name) !== i);
  if (twice) throw new InvalidService(`Two services have the name "${twice.name}".`);
  return all.map(ownService);
}

function ownService({ name, data, access = 'signed-in' }: OwnService): Service {
  if (!/^\w+$/.test(name))
    throw new InvalidService(
      `"${name}" cannot be the name of a service: use letters, digits and underscores.`,
    );
  if (!['public', 'signed-in', 'private'].includes(access))
    throw new InvalidService(
      `The access of the service ${name} is public, signed-in or private, not "${access}".`,
    );
  try {
    return { name, type: 'FeatureServer', access, handle: featureServer(geoJsonLayer(name, data)) };
  } catch (error) {
    if (error instanceof InvalidGeoJson)
      throw new InvalidService(`The data of the service ${name} cannot be used: ${error.message}`);
    throw error;
  }
}
