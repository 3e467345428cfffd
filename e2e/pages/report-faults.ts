/** What every test looks for: the worker never throws out of an event handler, and leaves no promise unanswered. */

/** Writes what a worker leaves unhandled to its console. Call it before the worker is made. */
export function reportFaults(): void {
  self.addEventListener('error', ({ message }) => console.error(`worker fault: ${message}`));
  self.addEventListener('unhandledrejection', ({ reason }) =>
    console.error(`worker fault: ${String(reason)}`),
  );
}
