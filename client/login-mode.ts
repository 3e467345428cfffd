/** Where the sign-in page opens, if it does: see `IdentityManagerOptions.login`. */
export type LoginMode = 'popup' | 'redirect' | 'none';
