/** The events of the IdentityManager. */
import { ACTIVITY_CHANNEL, type Activity, type CodeRequired } from '../protocol/messages.js';
import type { TracedRequest } from '../protocol/traced-request.js';

/** The user has to sign in. After `preventDefault()` the app does it: the library then opens no window and no dialog. */
export class OAuthCodeRequiredEvent extends Event {
  /** Root URL of the portal. */
  readonly portal: string;
  /** Name of the portal to show to the user. */
  readonly portalName: string;
  /** Address of the sign-in page. */
  readonly authorizationUrl: string;
  /** The portal shows a code, which the user copies. */
  readonly outOfBand: boolean;
  /** Why: a page called `signIn`, no user is signed in, or the portal has ended the session. */
  readonly reason: NonNullable<CodeRequired['reason']>;
  /** Number of requests that waited for this sign-in when it began; more may have come since. */
  readonly waitingRequests: number;

  constructor(
    challenge: CodeRequired,
    /** Fires when the challenge has ended, here or in another tab. */
    readonly signal: AbortSignal,
    /** Answers with an authorization code, as received or as pasted. Rejects as `IdentityManager.setOAuthCodeForUrl` does. */
    readonly setCode: (code: string) => Promise<void>,
    /** Cancels: the waiting requests get the portal's own answers. */
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

/** Another page of the site prompts the user. Any page may do so: `signIn({ portal })` joins the sign-in. */
export class SignInElsewhereEvent extends Event {
  /** Root URL of the portal. */
  readonly portal: string;
  /** Name of the portal to show to the user. */
  readonly portalName: string;

  constructor(
    challenge: CodeRequired,
    /** Fires when the sign-in has ended, or when this page is to prompt instead. */
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

/** What the worker did to one request and why; only while `IdentityManager.trace` is on. */
export class RequestTracedEvent extends Event {
  constructor(readonly traced: TracedRequest) {
    super('request-traced');
  }
}

/** The events of {@link IdentityManager}, by name. */
export interface IdentityEventMap {
  'oauth-code-required': OAuthCodeRequiredEvent;
  'sign-in-elsewhere': SignInElsewhereEvent;
  'credentials-changed': Event;
  /** A worker has claimed this page, or a new version of it has taken over: see `IdentityManager.inspectClients`. */
  'controller-changed': Event;
  activity: ActivityEvent;
  'request-traced': RequestTracedEvent;
}

/** An `EventTarget` whose listeners get the events of {@link IdentityManager}. */
interface TypedEventTarget extends EventTarget {
  addEventListener<K extends keyof IdentityEventMap>(
    type: K,
    listener: ((event: IdentityEventMap[K]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof IdentityEventMap>(
    type: K,
    listener: ((event: IdentityEventMap[K]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Dispatches the events of {@link IdentityManager}; listens to the worker's activity where the app does. */
export class IdentityEventTarget extends (EventTarget as new () => TypedEventTarget) {
  #activity: BroadcastChannel | undefined;

  override addEventListener<K extends keyof IdentityEventMap>(
    type: K,
    listener: ((event: IdentityEventMap[K]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (type === 'activity' && !this.#activity) {
      this.#activity = new BroadcastChannel(ACTIVITY_CHANNEL);
      this.#activity.addEventListener('message', ({ data }: MessageEvent<Activity>) =>
        this.dispatchEvent(new ActivityEvent(data)),
      );
    }
    super.addEventListener(type, listener, options);
  }
}
