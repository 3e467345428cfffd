/** The map of the house in CONTRIBUTING.md, and whether it is right. */
import { topFolderOf, type SourceTree } from './source-tree.js';

/** Top folder → its rooms, in the order of the map. */
export type HouseMap = ReadonlyMap<string, readonly string[]>;

/** Reads lines such as `sw/  the worker` and, with two spaces in front, `  storage/  credentials at rest`. */
export function readMap(text: string): HouseMap {
  const map = new Map<string, string[]>();
  let rooms: string[] = [];
  for (const [, indent = '', name = ''] of text.matchAll(/^( *)([\w-]+)\/ {2,}\S/gm)) {
    if (indent === '') map.set(name, (rooms = []));
    else rooms.push(name);
  }
  return map;
}

/** Top folders that the map invents, and rooms of `sides` that it invents or forgets. */
export function wrongOnMap(map: HouseMap, sides: readonly string[], tree: SourceTree): string[] {
  const paths = [...tree.keys()];
  const folders = new Set(paths.map(topFolderOf));
  const invented = [...map.keys()].filter((folder) => !folders.has(folder)).map((folder) => `${folder}/`);
  const rooms = sides.flatMap((side) => {
    const shown = new Set(map.get(side));
    const real = new Set(paths.filter((path) => topFolderOf(path) === side).flatMap(roomName));
    return [...shown, ...real]
      .filter((room) => shown.has(room) !== real.has(room))
      .map((room) => `${side}/${room}/`);
  });
  return [...invented, ...rooms];
}

const roomName = (path: string): string[] => path.split('/').slice(1, -1).slice(0, 1);
