/** What the pages of all map libraries share: the identity, and what the tests look at. */
import { IdentityManager, isIdentityError } from 'identity-worker';

/** The control: the same page without the worker. */
const isControl = new URLSearchParams(location.search).has('without-worker');

export const identity: Pick<IdentityManager, 'ready' | 'portals' | 'credentials' | 'addEventListener'> =
  isControl
    ? { ready: Promise.resolve(), portals: [], credentials: [], addEventListener: () => undefined }
    : IdentityManager.instance({
        worker: '/worker.js',
        // The tests count the colours of the map: no line with the user's name above it.
        texts: { signedIn: '' },
      });

const client: Window['client'] = { errors: [], answers: [] };
Object.assign(window, { identity, isIdentityError, client });

/** Keeps an error as the library tells it. */
export const reportError = (error: unknown): void => {
  client.errors.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
};

/** Keeps what a library without a map has read. */
export const reportAnswer = (answer: unknown): void => {
  client.answers.push(String(answer));
};

/** @param go - Shows another part of the world, so that the library asks for what it has not asked for yet. */
export const onNextView = (
  go: (view: { longitude: number; latitude: number; zoom: number }) => unknown,
): void => {
  const centres = [
    [-100, 40],
    [100, 40],
    [20, 5],
    [-60, -15],
    [135, -25],
  ] as const;
  let next = 0;
  client.showNextView = () => {
    const [longitude, latitude] = centres[next++ % centres.length]!;
    void go({ longitude, latitude, zoom: 4 });
  };
};
