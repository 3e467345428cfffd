/** How a page with this library is told from one without, by the page that opened its window or holds it in a frame. */

/** The same in every copy of this code: windows of one origin share the registry of symbols. */
const MARK = Symbol.for('identity-worker:page');

/** A page of this origin, or what is there in its place. */
type MarkedWindow = Pick<Window, 'location' | 'document'> & { [MARK]?: boolean };

/** This page has the library. @param hasResponse - And something of a sign-in in its address, which it takes. */
export function markPage(hasResponse: boolean, view: MarkedWindow = window): void {
  view[MARK] = hasResponse;
}

/**
 * Whether a window or frame of a sign-in has come back to this origin, to a page that does not take its response: one without the library
 * at the redirect URI, or one with it that has got no response.
 *
 * @param authorizationUrl - Of the sign-in.
 */
export function isStranded(view: MarkedWindow | null, authorizationUrl: string): boolean {
  try {
    if (view?.document.readyState !== 'complete') return false;
    const hasResponse = view[MARK];
    if (hasResponse !== undefined) return !hasResponse;
    const asked = new URL(authorizationUrl).searchParams;
    const { href, origin, pathname } = view.location;
    // A sign-in page of this origin has neither: it is left alone.
    const address = decodeURIComponent(href);
    return (
      origin + pathname === asked.get('redirect_uri') ||
      (address.includes(`state=${asked.get('state')}`) && /[?&](code|error)=/.test(address))
    );
  } catch {
    // A page of another origin.
    return false;
  }
}
