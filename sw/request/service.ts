/** What of a server is open, closed or broken as a whole: one service, or one item. Pure. */

const root = /^.*?\/(?:[A-Za-z]+Server|items\/[^/]+)(?=\/|$)/;

/** Names the service or item that a URL belongs to; a URL of neither kind stands for itself. */
export const serviceOf = ({ origin, pathname }: URL): string =>
  origin + (root.exec(pathname)?.[0] ?? pathname);
