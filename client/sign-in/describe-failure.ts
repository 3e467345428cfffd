/** Describes a failure to the user. */
import type { PortalInfo } from '../../protocol/credential-info.js';
import type { IdentityError } from '../../protocol/errors.js';
import { isRecord } from '../../protocol/record.js';
import { wordingFor, type WordingOptions } from './languages.js';
import { failureText } from './texts.js';

/**
 * The text of a failure, with the name of the portal in it.
 *
 * @param error - Whatever was thrown.
 */
export async function describeFailure(
  error: unknown,
  portals: readonly PortalInfo[],
  options: WordingOptions,
): Promise<string> {
  const { code, facts: { origin } = {} } = (isRecord(error) ? error : {}) as Partial<IdentityError>;
  const { texts, dir } = await wordingFor(options);
  const isOfPortal = ({ url }: PortalInfo): boolean => new URL(url).origin === origin;
  const [first, ...others] = portals.filter((portal) => origin === undefined || isOfPortal(portal));
  const name = first && others.length === 0 ? first.name : (origin?.replace(/^https?:\/\//, '') ?? '…');
  // The name may run in the other direction than the text.
  return texts[failureText(code)].split('{portal}').join(dir === 'rtl' ? `\u2068${name}\u2069` : name);
}
