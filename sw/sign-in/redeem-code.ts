/** Redeems authorization responses: matched by state, exchanged once, refused where another portal may have sent them. */
import { authorizationErrorCode } from '../../protocol/authorization-response.js';
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { IdentityError, toIdentityError } from '../../protocol/identity-error.js';
import type { AuthorizationCodeResponse, AuthorizationErrorResponse } from '../../protocol/worker-api.js';
import { OAuthError, TokenEndpointUnavailable, type TokenResponse } from '../oauth/token-endpoint.js';
import type { PortalIndex } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { allowsLocalNetwork } from '../rpc/local-network.js';
import type { ChallengeRecord } from '../storage/records.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { ChallengeRecords } from './challenge-records.js';
import type { Challenges } from './challenges.js';
import { isRedirectUriOfAnother } from './mix-up.js';
import type { WaitingRequests } from './waiting-requests.js';

/** How an authorization response comes to the worker. */
export type ResponseWay = 'page' | 'window' | 'frame';

/** Takes authorization responses, from pages and from navigations. */
export class CodeRedemption {
  /** By challenge. */
  readonly #redeeming = new Map<
    string,
    { readonly portal: Portal; readonly work: Promise<CredentialInfo> }
  >();

  constructor(
    private readonly portalIndex: PortalIndex,
    private readonly records: ChallengeRecords,
    private readonly tokens: TokenManager,
    private readonly challenges: Challenges,
    private readonly waitingRequests: WaitingRequests,
  ) {}

  /**
   * Redeems an authorization code.
   *
   * @param callId - Names the page's call; its repetition after a restart of the worker gets the result of the first.
   * @param via - How it came: in a call of a page, or in the navigation of a window or a frame.
   * @throws ChallengeError `authorization-url-unknown`, `response-misplaced`, `code-missing`, `code-reused`, `code-refused`, `sign-in-interrupted`, `issuer-mismatch`.
   * @throws PortalError `portal-unreachable`.
   */
  async submitCode(
    response: AuthorizationCodeResponse,
    callId: string,
    via: ResponseWay,
  ): Promise<CredentialInfo> {
    // The authorization URL holds the state too (out of band); an app may have added to that URL.
    const record = await this.records.byState(response.state ?? stateOf(response.authorizationUrl));
    const portal = record && this.portalIndex.byUrl(record.portal);
    if (!record || !portal || record.fingerprint !== fingerprintOf(portal))
      throw new IdentityError('authorization-url-unknown');
    // Where the worker takes codes, script cannot bring one of another user's unseen. Silent sign-ins end in frames, others in windows.
    if (portal.callback === 'worker' && via !== (record.isSilent ? 'frame' : 'window'))
      throw new IdentityError('response-misplaced', { origin: new URL(portal.url).origin });
    if (record.phase !== 'open') return this.#repeat(record, portal, callId);
    const code = response.code.trim();
    if (code === '') throw new IdentityError('code-missing');
    const work = this.#redeem(portal, record, { ...response, code }, callId);
    this.#redeeming.set(record.id, { portal, work });
    try {
      return await work;
    } finally {
      this.#redeeming.delete(record.id);
    }
  }

  /**
   * Takes an authorization error response: the user declined, or the portal refused.
   *
   * @throws ChallengeError `authorization-url-unknown` for an unknown state, `issuer-mismatch`.
   * @see RFC 6749 §4.1.2.1, RFC 9207 §2.4
   */
  async submitError({ error, state, iss, redirectUri }: AuthorizationErrorResponse): Promise<void> {
    const record = await this.records.byState(state);
    const portal = record && this.portalIndex.byUrl(record.portal);
    if (!portal || record.phase !== 'open') throw new IdentityError('authorization-url-unknown');
    const origin = new URL(portal.url).origin;
    await portal.authorizationServer.checkIssuer(portal, iss);
    if (isRedirectUriOfAnother(redirectUri, portal, this.portalIndex.portals))
      throw new IdentityError('issuer-mismatch', { origin });
    const oauthError = /^[\w.-]{1,64}$/.test(error) ? error : 'unnamed';
    // OpenID Connect Core §3.1.2.6: it would have had to ask the user.
    const isSilenced = /^(login|interaction|consent|account_selection)_required$/.test(error);
    const code = isSilenced ? 'login-required' : authorizationErrorCode(error);
    const reason = new IdentityError(code, {
      origin,
      ...(code === 'authorization-failed' ? { oauthError } : {}),
    });
    const outcome = error === 'access_denied' ? 'cancelled' : 'failed';
    await this.challenges.close(record, portal, { outcome, reason });
  }

  /** Whether a code that is being redeemed now signs the user in to a portal. */
  async signsIn(portal: Portal): Promise<boolean> {
    const pending = [...this.#redeeming.values()].find((each) => each.portal === portal);
    return (
      pending !== undefined &&
      pending.work.then(
        () => true,
        () => false,
      )
    );
  }

  /**
   * Ends the sign-ins whose code the worker was redeeming when it was stopped, and tells of those whose end it had not told. Browsers
   * do not send a navigation again whose worker was stopped: nobody else may come back to such a code. Called at the start, before
   * this boot of the worker redeems one.
   */
  async endInterrupted(): Promise<void> {
    for (const record of this.records.known()) {
      const portal = this.portalIndex.byUrl(record.portal);
      if (portal && record.phase === 'redeeming') await this.#interrupt(record, portal);
      // Written with the credential; who has dismissed it, when it is told.
      if (portal && record.phase === 'signed-in' && !record.dismissedBy)
        await this.challenges.close(record, portal, { outcome: 'signed-in' });
    }
  }

  /**
   * Refuses the tokens of a silent sign-in that would put another user in the place of the one who is signed in, or whose session was
   * lost, unseen.
   *
   * @throws ChallengeError `login-required`.
   */
  async #checkUser(
    portal: Portal,
    record: ChallengeRecord,
    { username, ...tokens }: TokenResponse,
  ): Promise<void> {
    const current = this.tokens.info(portal)?.username ?? this.tokens.lostUser(portal);
    if (!record.isSilent || current === undefined || current === username) return;
    const { refreshToken, accessToken } = tokens;
    await portal.authorizationServer.revoke(
      portal,
      refreshToken ?? accessToken,
      refreshToken === undefined ? 'access_token' : 'refresh_token',
    );
    throw new IdentityError('login-required', { origin: new URL(portal.url).origin });
  }

  /** The response to a challenge that is not open any more. */
  async #repeat(record: ChallengeRecord, portal: Portal, callId: string): Promise<CredentialInfo> {
    const isRepeated = record.callId === callId;
    if (record.phase === 'cancelled' || (record.phase === 'failed' && !isRepeated))
      throw new IdentityError('authorization-url-unknown');
    if (!isRepeated) throw new IdentityError('code-reused');
    const pending = this.#redeeming.get(record.id);
    if (pending) return pending.work;
    const info = this.tokens.info(portal);
    if (record.phase === 'signed-in' && info) return info;
    throw await this.#interrupt(record, portal);
  }

  /** The worker was stopped after it sent the code. The code may have arrived, and must not be sent twice. */
  async #interrupt(record: ChallengeRecord, portal: Portal): Promise<IdentityError> {
    const reason = new IdentityError('sign-in-interrupted', { origin: new URL(portal.url).origin });
    if (record.phase !== 'failed')
      await this.challenges.close(record, portal, { outcome: 'failed', reason, isFinal: false });
    return reason;
  }

  async #redeem(
    portal: Portal,
    record: ChallengeRecord,
    response: AuthorizationCodeResponse,
    callId: string,
  ): Promise<CredentialInfo> {
    const { codeVerifier, ...withoutVerifier } = record;
    const redeeming: ChallengeRecord = { ...withoutVerifier, phase: 'redeeming', callId };
    // Written before the code is sent; the store lets one of two tabs through.
    if (!(await this.records.replace(record, redeeming))) throw new IdentityError('code-reused');
    const origin = new URL(portal.url).origin;
    try {
      if (codeVerifier === undefined) throw new IdentityError('sign-in-interrupted', { origin });
      if (isRedirectUriOfAnother(response.redirectUri, portal, this.portalIndex.portals))
        throw new IdentityError('issuer-mismatch', { origin });
      const grant = {
        code: response.code,
        state: response.state,
        iss: response.iss,
        request: { state: record.state, codeVerifier },
      };
      const { authorizationServer } = portal;
      const tokens = await authorizationServer.exchangeCode(portal, grant).catch(async (error: unknown) => {
        // Where the user permits it only now, the code has not been sent.
        if (error instanceof TokenEndpointUnavailable && (await allowsLocalNetwork(portal.url)))
          return authorizationServer.exchangeCode(portal, grant);
        throw error;
      });
      await this.#checkUser(portal, record, tokens);
      const scope = record.asked?.['scope'];
      const info = await this.tokens.save(portal, scope === undefined ? tokens : { ...tokens, scope });
      await this.challenges.close({ ...redeeming, phase: 'signed-in' }, portal, { outcome: 'signed-in' });
      return info;
    } catch (error) {
      const reason = reasonOf(error, origin);
      // The code was refused (mistyped, too late) or the portal is out of reach: another one may succeed.
      const mayRetry = error instanceof OAuthError || error instanceof TokenEndpointUnavailable;
      const promptAgain = mayRetry ? await this.waitingRequests.retry(record, portal) : undefined;
      if (promptAgain) {
        await this.challenges.settle(redeeming, portal, { outcome: 'failed', reason, isFinal: false });
        await promptAgain();
      } else await this.challenges.close(redeeming, portal, { outcome: 'failed', reason });
      throw reason;
    }
  }
}

const stateOf = (authorizationUrl = ''): string | null =>
  URL.canParse(authorizationUrl) ? new URL(authorizationUrl).searchParams.get('state') : null;

function reasonOf(error: unknown, origin: string): IdentityError {
  if (error instanceof OAuthError)
    return error.reason ?? new IdentityError('code-refused', { origin, oauthError: error.oauthError });
  if (error instanceof TokenEndpointUnavailable) return new IdentityError('portal-unreachable', { origin });
  return toIdentityError(error);
}
