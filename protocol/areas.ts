/** What pages and the worker say to each other of saved areas: a request header, commands, and the worker's answers. */
import { isRecord } from './record.js';
import type { WireError } from './errors.js';

/**
 * Name of the header. A request that has it never leaves the browser with it: the worker takes it off. Its value is the id of the
 * area that the response is kept for, or {@link AREA_COMMAND}.
 */
export const AREA_HEADER = 'identity-worker-area';

/** Value of {@link AREA_HEADER} for a command, which is the body of the request. */
export const AREA_COMMAND = 'command';

/** Header of the worker's answer: the bytes that it keeps of the response, 0 where the server has none at this address. */
export const AREA_BYTES_HEADER = 'identity-worker-bytes';

/** West, south, east, north, in degrees (RFC 7946 §5). A box whose west is greater than its east crosses the antimeridian. */
export type BoundingBox = readonly [west: number, south: number, east: number, north: number];

/** What is stored of an area beside its responses. */
export interface AreaRecord {
  readonly id: string;
  readonly name: string;
  /** URL of the portal whose user it belongs to. */
  readonly portal: string;
  readonly bbox: BoundingBox;
  /** What the page needs to go on saving; the worker does not read it. */
  readonly layers: readonly unknown[];
  readonly minZoom: number;
  readonly maxZoom: number;
  /** When it was saved first, in ms since the epoch. */
  readonly savedAt: number;
  /** Bytes kept, as far as the page has counted them. */
  readonly bytes: number;
  /** Number of requests kept, and of all. */
  readonly kept: number;
  readonly requests: number;
  readonly isComplete: boolean;
}

/** An area, and the user that it belongs to. */
export interface StoredArea extends AreaRecord {
  /** `undefined` where the server names no user. */
  readonly username?: string;
}

/** What a page asks of the worker. */
export type AreaCommand =
  | { readonly type: 'list' }
  /** Begins an area, or stores how far it is. */
  | { readonly type: 'write'; readonly record: AreaRecord; readonly isNew: boolean }
  | { readonly type: 'remove'; readonly id: string };

/** The worker's answer to a command, as JSON. */
export type AreaAnswer =
  | { readonly ok: true; readonly areas: readonly StoredArea[] }
  | { readonly ok: false; readonly error: WireError };

/** Ids are made by pages: what is not a UUID names no cache. */
export const isAreaId = (id: unknown): id is string => typeof id === 'string' && /^[\da-f-]{36}$/.test(id);

/** Admits the body of a command; `undefined` for others. */
export function parseAreaCommand(data: unknown): AreaCommand | undefined {
  if (!isRecord(data)) return undefined;
  const { type, id, record } = data;
  if (type === 'list' || (type === 'remove' && isAreaId(id))) return data as AreaCommand;
  return type === 'write' && isAreaRecord(record) ? (data as AreaCommand) : undefined;
}

const isFiniteNumber = (value: unknown): boolean => Number.isFinite(value);

/** Whether a value is what is stored of an area. */
export function isAreaRecord(value: unknown): value is AreaRecord {
  if (!isRecord(value)) return false;
  const { id, name, portal, bbox, layers, isComplete } = value;
  return (
    isAreaId(id) &&
    typeof name === 'string' &&
    typeof portal === 'string' &&
    Array.isArray(bbox) &&
    bbox.length === 4 &&
    bbox.every(isFiniteNumber) &&
    Array.isArray(layers) &&
    typeof isComplete === 'boolean' &&
    ['minZoom', 'maxZoom', 'savedAt', 'bytes', 'kept', 'requests'].every((each) =>
      isFiniteNumber(value[each]),
    )
  );
}
