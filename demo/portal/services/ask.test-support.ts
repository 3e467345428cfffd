// Asks a service the way the HTTP side does, for tests.
import { answerService } from './catalogue.js';
import type { ServiceAnswer } from './service-request.js';

export const rootUrl = 'http://portal.test/server/rest/services';

/** Answers a GET of a path with an optional query string. */
export function ask(pathAndQuery: string): ServiceAnswer | undefined {
  const [path = '', query = ''] = pathAndQuery.split('?');
  return answerService({
    path,
    method: 'GET',
    params: new URLSearchParams(query),
    headers: {},
    rootUrl,
    user: 'ana',
  });
}

/** The body as bytes; fails when there is no answer or it is text. */
export function bytesOf(answer: ServiceAnswer | undefined): Uint8Array {
  if (!(answer?.body instanceof Uint8Array)) throw new Error('Bytes expected.');
  return answer.body;
}

/** The body as parsed JSON; fails when there is no answer. */
export function jsonOf(answer: ServiceAnswer | undefined): ReturnType<typeof JSON.parse> {
  if (answer === undefined) throw new Error('An answer expected.');
  return JSON.parse(
    typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body).toString('utf8'),
  );
}
