/** Keeps the worker alive for work that outlives the response to an event. */

/** Extends an event's lifetime by a piece of work. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** An event that has ended takes no more work: it then goes on as long as the worker happens to live. */
export function waitUntilOf(event: ExtendableEvent): WaitUntil {
  return (work) => {
    const settled = work.catch(() => undefined);
    try {
      event.waitUntil(settled);
    } catch {
      // Too late for this event.
    }
  };
}
