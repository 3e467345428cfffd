/** Frames in pages of other sites: browsers partition their storage. */

/** Whether this page, or a page around it, is framed by a page of another origin. */
export function hasForeignParent(): boolean {
  for (let view: Window = window; view !== view.parent; view = view.parent) {
    try {
      if (view.parent.location.origin !== location.origin) return true;
    } catch {
      return true;
    }
  }
  return false;
}
