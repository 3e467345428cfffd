/** The events of IdentityManager. */
import type { Activity, CodeRequired } from '../protocol/messages.js';

/** A person must sign in. `preventDefault()` hands the sign-in to the app: the default login then shows nothing. */
export class OAuthCodeRequiredEvent extends Event {
  /** Root URL of the portal. */
  readonly portal: string;
  /** Name of the portal for people. */
  readonly portalName: string;
  /** Where the person signs in. */
  readonly authorizationUrl: string;
  /** The portal shows a code, which the person copies. */
  readonly outOfBand: boolean;
  /** Why: a page called `signIn`, nobody is signed in, or the portal has ended the session. */
  readonly reason: NonNullable<CodeRequired['reason']>;
  /** How many requests waited for this sign-in when it began; more may have come since. */
  readonly waitingRequests: number;

  constructor(
    challenge: CodeRequired,
    /** Fires when the challenge has ended, here or in another tab. */
    readonly signal: AbortSignal,
    /** Answers with an authorization code, as received or as pasted; rejects with what went wrong. */
    readonly setCode: (code: string) => Promise<void>,
    /** Gives up: the waiting requests get the portal's own answer. */
    readonly cancel: () => Promise<void>,
  ) {
    super('oauth-code-required', { cancelable: true });
    this.portal = challenge.portal;
    this.portalName = challenge.portalName;
    this.authorizationUrl = challenge.authorizationUrl;
    this.outOfBand = challenge.outOfBand;
    this.reason = challenge.reason ?? 'signed-out';
    this.waitingRequests = challenge.waitingRequests ?? 0;
  }
}

/** Another page of the site is asked to sign somebody in. Any page may do it: `signIn(portal)` joins what is under way. */
export class SignInElsewhereEvent extends Event {
  /** Root URL of the portal. */
  readonly portal: string;
  /** Name of the portal for people. */
  readonly portalName: string;

  constructor(
    challenge: CodeRequired,
    /** Fires when it is over, or when this page is asked instead. */
    readonly signal: AbortSignal,
  ) {
    super('sign-in-elsewhere');
    this.portal = challenge.portal;
    this.portalName = challenge.portalName;
  }
}

/** What the worker did to one request; only with `activity: true` in the worker. */
export class ActivityEvent extends Event {
  constructor(readonly activity: Activity) {
    super('activity');
  }
}

/** The events of {@link IdentityManager}, by name. */
export interface IdentityEventMap {
  'oauth-code-required': OAuthCodeRequiredEvent;
  'sign-in-elsewhere': SignInElsewhereEvent;
  'credentials-changed': Event;
  /** A worker has taken this page, or another version has followed it: see `inspectClients()`. */
  'controller-changed': Event;
  activity: ActivityEvent;
}
