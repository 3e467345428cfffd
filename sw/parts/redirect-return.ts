/** Sign-ins that take the place of their page: where each began, so that the user is brought back there. */
import { OWN_FRAGMENT } from '../../protocol/callback-outcome.js';
import { IdentityError } from '../../protocol/identity-error.js';
import { isWebKit } from '../rpc/engine.js';
import type { RedirectReturn, ReturnTo } from '../../protocol/worker-api.js';
import type { ChallengeRecord } from '../storage/records.js';
import type { PartServices, WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

type Services = Pick<PartServices, 'challengeRecords'>;

/** The part. Serves pages with `login: 'redirect'`. */
export const redirectReturn = (): WorkerPart => ({
  name: 'redirect-return',
  redirectReturn: { save: saveReturnTo, urlOf: returnUrlOf, take: takeReturn, isReturn },
});

/** Never a way to another site. */
const isOwn = ({ url }: ReturnTo): boolean =>
  URL.canParse(url) && new URL(url).origin === self.location.origin;

const withoutFragment = (url: string): string => url.replace(/#.*$/s, '');

/** The first page that comes back is the one, whatever its address becomes. */
async function isReturn({ returnTo, toldTo }: ChallengeRecord, clientId: string): Promise<boolean> {
  if (!returnTo || clientId === '') return false;
  if (toldTo !== undefined) return toldTo === clientId;
  const client = await self.clients.get(clientId);
  return client !== undefined && withoutFragment(client.url) === withoutFragment(returnTo.url);
}

/**
 * Notes where a sign-in begins that takes the place of its page.
 *
 * @throws ChallengeError `authorization-url-unknown` for a challenge that is not open; ConfigurationError `option-invalid`.
 */
export async function saveReturnTo(
  challengeId: string,
  returnTo: ReturnTo,
  { challengeRecords }: Services,
): Promise<void> {
  if (!isOwn(returnTo)) throw new IdentityError('option-invalid', { field: 'returnTo' });
  const record = await challengeRecords.byId(challengeId);
  if (record?.phase !== 'open') throw new IdentityError('authorization-url-unknown');
  await challengeRecords.replace(record, { ...record, returnTo });
}

/** With a fragment: it replaces the one of an implicit grant. */
export async function returnUrlOf(state: string, { challengeRecords }: Services): Promise<string | null> {
  const { returnTo, toldTo } = (await challengeRecords.byState(state)) ?? {};
  if (!returnTo || toldTo !== undefined || !isOwn(returnTo)) return null;
  if (returnTo.url.includes('#')) return returnTo.url;
  // An app that reads its own fragment finds none elsewhere.
  return returnTo.url + (isWebKit() ? OWN_FRAGMENT : '#');
}

/**
 * How the sign-in ended that a page has come back from; the same for the same page, whose call is repeated where its answer is lost.
 * The page is not prompted again for what the user cancelled at the portal.
 */
export async function takeReturn(
  clientId: string,
  { challengeRecords }: Services,
): Promise<RedirectReturn | undefined> {
  for (const record of await challengeRecords.all()) {
    const { returnTo, toldTo, reason, phase, dismissedBy = [] } = record;
    const hasEnded = phase === 'signed-in' || phase === 'cancelled' || phase === 'failed';
    if (!returnTo || !hasEnded || !(await isReturn(record, clientId))) continue;
    if (toldTo === undefined)
      await challengeRecords.replace(record, {
        ...record,
        toldTo: clientId,
        dismissedBy: [...dismissedBy, clientId],
      });
    return { ...returnTo, portal: record.portal, ...(reason ? { error: reason } : {}) };
  }
  return undefined;
}
