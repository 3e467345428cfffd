/** What was done to a request: for reports, and for what keeps its answer. */
export interface RequestTrace {
  isSigned: boolean;
  refreshed: boolean;
  waited: boolean;
  /** The user is signed in, and no token could be had: the answer says nothing of what the user may see. */
  lacksToken?: boolean;
  /** The session of the portal (`TokenManager.session`) before its token was taken: the answer is of no other. */
  session?: number;
}

/** The trace of a request that nothing was done to yet. */
export const newTrace = (): RequestTrace => ({ isSigned: false, refreshed: false, waited: false });
