/**
 * Public entry for the app's server: Web standards only, for Node and edge runtimes alike.
 *
 * @module identity-worker/server
 */
export type { AccountReport, AppAccount } from './app-account.js';
export { appProxy, type AppProxyOptions, type ProxyAllowance } from './app-proxy.js';
export { appTokens, type AppTokensOptions, type RateOptions } from './app-tokens.js';
export {
  contentSecurityPolicy,
  type ContentSecurityPolicies,
  type ContentSecurityPolicyOptions,
} from './content-security-policy.js';
export { formPostResponse, type FormPostOptions } from './form-post-response.js';
export { guardCallback, guardWorkers } from './guards.js';
export { ServerConfigurationError, type ServerConfigurationErrorCode } from './errors.js';
export { issueSealCookie } from './cookie.js';
export { sealSite, type SealedSite, type SealSiteOptions } from './seal-site.js';
export { sealWorkerScript, type ScriptSource, type SealOptions } from './seal-worker-script.js';
export type { RefusalCode } from './refusal.js';
export type { Secrets } from './keys.js';
