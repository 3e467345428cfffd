/** Tells a person of a failure. */
import type { PortalInfo } from '../../protocol/credential-info.js';
import type { WireError } from '../../protocol/errors.js';
import type { Wording } from './languages.js';
import { failureText } from './texts.js';

/** The text of a failure, with the name of the portal in it. */
export function describeFailure(
  { code, facts }: WireError,
  portals: readonly PortalInfo[],
  { texts, dir }: Wording,
): string {
  const isOfPortal = ({ url }: PortalInfo): boolean => new URL(url).origin === facts.origin;
  const [first, ...others] = portals.filter((portal) => facts.origin === undefined || isOfPortal(portal));
  const name = first && others.length === 0 ? first.name : (facts.origin?.replace(/^https?:\/\//, '') ?? '…');
  // A name stands in a direction of its own.
  return texts[failureText(code)].split('{portal}').join(dir === 'rtl' ? `\u2068${name}\u2069` : name);
}
