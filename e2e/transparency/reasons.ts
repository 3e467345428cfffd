/** Why a browser makes exactness impossible: the headings of docs/limits.md that explain it. */
export const reasons = {
  abort: 'Aborted requests',
  lastEventId: 'EventSource',
  readWithCors: 'Requests without CORS',
  metadata: 'Client hints and destination',
  navigation: 'Navigations to the portal',
  redirect: 'Redirects that the worker follows',
  referer: "Referer of what a portal's file loads",
  synchronous: 'Synchronous XMLHttpRequest',
  timing: 'Performance entries',
  type: 'Type of a response',
  uncached: 'Header placement',
  upload: 'Upload progress',
} as const;
