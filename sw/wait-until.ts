/** Keeps the worker alive for work that outlives the answer of an event. */

/** An event that has ended takes no more work: it then goes on as long as the worker happens to live. */
export function extender(event: ExtendableEvent): (work: Promise<unknown>) => void {
  return (work) => {
    const settled = work.catch(() => undefined);
    try {
      event.waitUntil(settled);
    } catch {
      // Too late for this event.
    }
  };
}
