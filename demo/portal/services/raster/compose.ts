// Lays one RGBA picture over another.

/** Blends `over` onto the opaque picture `onto`, in place. */
export function layOver(onto: Uint8Array, over: Uint8Array): Uint8Array {
  for (let i = 0; i < onto.length; i += 4) {
    const share = over[i + 3]! / 255;
    for (let c = 0; c < 3; c++) onto[i + c] = onto[i + c]! + (over[i + c]! - onto[i + c]!) * share;
  }
  return onto;
}
