/** The requests with which a page has the worker keep responses, and asks what it keeps. */
import {
  AREA_BYTES_HEADER,
  AREA_COMMAND,
  AREA_HEADER,
  type AreaAnswer,
  type AreaCommand,
  type StoredArea,
} from '../../protocol/areas.js';
import { fromWireError, identityError, type WireError } from '../../protocol/errors.js';

/** How often a request is repeated in the middle of which the browser stopped the worker. */
const MAX_REPETITIONS = 3;

/**
 * Has a command carried out.
 *
 * @returns The areas of the users who are signed in.
 * @throws ConfigurationError `part-missing`; ConnectionError `area-lost`, `quota-insufficient`, …; ChallengeError `sign-in-required`.
 */
export async function callWorker(command: AreaCommand): Promise<readonly StoredArea[]> {
  const response = await send(location.href, AREA_COMMAND, {
    method: 'POST',
    body: JSON.stringify(command),
  });
  const answer = (await response.json()) as AreaAnswer;
  if (answer.ok) return answer.areas;
  throw fromWireError(answer.error);
}

/**
 * Has the response of an address kept. What is kept already is not requested again.
 *
 * @returns The bytes kept, 0 where the server has nothing there.
 * @throws What kept it from being kept: PortalError `answer-unusable`, `save-interrupted`; ConnectionError `area-lost`,
 * `quota-insufficient`; ChallengeError `sign-in-required`; or an AbortError.
 */
export async function keepResponse(areaId: string, url: string, signal: AbortSignal): Promise<number> {
  const response = await send(url, areaId, { signal });
  if (response.ok) return Number(response.headers.get(AREA_BYTES_HEADER));
  throw fromWireError((await response.json()) as WireError);
}

async function send(url: string, value: string, init: RequestInit): Promise<Response> {
  // Without the worker the header would go to a server.
  if (!navigator.serviceWorker?.controller) throw identityError('page-uncontrolled');
  for (let repetition = 0; repetition < MAX_REPETITIONS; repetition++) {
    try {
      const response = await fetch(url, { ...init, headers: { [AREA_HEADER]: value } });
      if (response.headers.has(AREA_BYTES_HEADER)) return response;
      throw identityError('part-missing', { field: 'offline' });
    } catch (error) {
      // The worker answers every request with this header, so that only its end makes one fail.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw identityError('worker-restarted');
}
