/** What tests do in the page of the test app. Each function runs there and uses nothing from outside of it. */

/** A page's answer, as far as tests look at it. */
interface Seen {
  status: number;
  url: string;
  text: string;
}

/** Outcome of a page's fetch: an answer, or the name of the error. */
export type Outcome = Seen | { error: string };

/** Fetches as page code does. */
export async function fetchInPage([url, init]: [string, RequestInit?]): Promise<Outcome> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, url: response.url, text: await response.text() };
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}

/** Loads an image as page code does. @returns Its natural width; 0 when it failed. */
export const loadImageInPage = ([src, crossOrigin]: [string, string?]): Promise<number> =>
  new Promise((resolve) => {
    const image = new Image();
    if (crossOrigin !== undefined) image.crossOrigin = crossOrigin;
    image.addEventListener('load', () => resolve(image.naturalWidth));
    image.addEventListener('error', () => resolve(0));
    image.src = src;
  });

/**
 * Waits until the page has seen what its sign-in window shows: it looks four times a second, and twice before it believes. Timers
 * of one page keep their order.
 */
export const untilWindowSeen = (): Promise<void> =>
  new Promise((resolve) => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks < 3) return;
      clearInterval(timer);
      resolve();
    }, 250);
  });

/** The JSON of an outcome; fails the test on an error. Runs in the test. */
export function jsonOf(outcome: Outcome): Record<string, unknown> {
  if ('error' in outcome) throw new Error(`fetch failed: ${outcome.error}`);
  return JSON.parse(outcome.text) as Record<string, unknown>;
}
