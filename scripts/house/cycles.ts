/** Finds cycles in a directed graph. */

export type Edge = readonly [from: string, to: string];

/** One cycle of every strongly connected group of nodes, written as `a → b → a`. */
export function cyclesOf(edges: readonly Edge[]): string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from === to) continue;
    const targets = next.get(from) ?? new Set<string>();
    next.set(from, targets.add(to));
  }
  const cycles: string[] = [];
  const reported = new Set<string>();
  for (const start of [...next.keys()].sort()) {
    if (reported.has(start)) continue;
    const path = shortestCycle(start, next);
    if (path === undefined) continue;
    cycles.push(path.join(' → '));
    for (const node of reachable(start, next)) if (reachable(node, next).has(start)) reported.add(node);
  }
  return cycles;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Breadth first from `start` until an edge leads back to it. */
function shortestCycle(start: string, next: Graph): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const target of next.get(node) ?? []) {
      if (target === start) {
        const path = [start];
        for (let at = node; at !== start; at = cameFrom.get(at) ?? start) path.unshift(at);
        return [start, ...path];
      }
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return undefined;
}

function reachable(start: string, next: Graph): Set<string> {
  const seen = new Set([start]);
  for (const node of seen) for (const target of next.get(node) ?? []) seen.add(target);
  return seen;
}
