/** Why a browser makes exactness impossible. Each is explained in docs/limits.md, in a line that holds these words. */
export const reasons = {
  abort: 'A request that the page aborts before its headers arrive',
  lastEventId: '`Last-Event-ID`',
  readWithCors: 'A media element or style sheet without `crossorigin` is asked for with CORS',
  metadata: 'no client hints (`Sec-CH-UA…`), and `Sec-Fetch-Dest: empty`',
  navigation: 'Frames, objects and embeds of the portal; downloads by link',
  redirect: 'A redirect that the worker follows',
  referer: "has the app's origin as `Referer`",
  synchronous: 'Synchronous XHR of a page',
  timing: '`performance` entries',
  opaque: 'Opaque answers (no-cors: plain images) cannot be judged',
  type: '`response.type` is `basic`',
  revalidated: "With `tokenPlacement: 'header'` every answer is revalidated",
  upload: 'Upload progress events of XHR',
} as const;
