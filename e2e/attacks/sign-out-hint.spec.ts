/** The ID token with which a user is signed out at a server: page script opens the window, and must not read it there. */
import { expect } from '../support/fixtures.js';
import { signIn, test } from '../support/oauth-servers/fixtures.js';

/** Page code: the address that the library would open a window at. */
const takeAddress = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const open = window.open.bind(window);
    const location = Object.defineProperty({}, 'href', { set: resolve });
    window.open = () => ({ location, close: () => undefined }) as unknown as Window;
    window.identity
      .signOut({ portalSession: true })
      .catch(reject)
      .finally(() => {
        window.open = open;
      });
  });

/** Page code: follows an address in every way that a page has. @returns Everything that it sees. */
const follow = async ([address, way]: [string, 'window' | 'form']): Promise<string> => {
  const seen: string[] = [];
  const note = async (act: () => unknown): Promise<void> => {
    const result: unknown = await Promise.resolve()
      .then(act)
      .catch((error: unknown) => String(error));
    seen.push(String(result));
  };
  const reports: string[] = [];
  addEventListener('securitypolicyviolation', ({ blockedURI, documentURI, sourceFile, sample }) => {
    reports.push(blockedURI, documentURI, sourceFile, sample);
  });
  for (const redirect of ['follow', 'manual', 'error'] satisfies RequestRedirect[])
    await note(async () => {
      const response = await fetch(address, { redirect });
      return [response.url, ...response.headers, await response.text()].join('\n');
    });
  await note(async () => (await fetch(address, { mode: 'no-cors' })).url);
  await note(
    () =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open('GET', address);
        request.addEventListener('loadend', () => resolve(request.responseURL + request.responseText));
        request.send();
      }),
  );
  for (const tag of ['iframe', 'object', 'embed'])
    await note(async () => {
      const element = document.createElement(tag) as HTMLIFrameElement;
      element.setAttribute(tag === 'object' ? 'data' : 'src', address);
      // Of what may not be embedded browsers tell nothing.
      const loaded = new Promise((resolve) => {
        element.addEventListener('load', resolve, { once: true });
        setTimeout(resolve, 500);
      });
      document.body.append(element);
      await loaded;
      return element.contentWindow?.location.href;
    });
  await note(async () => {
    const opened = window.open('about:blank', 'attack')!;
    if (way === 'window') opened.location.href = address;
    else {
      // A policy of the page's own reports where a form is led.
      const policy = document.createElement('meta');
      policy.httpEquiv = 'content-security-policy';
      policy.content = "form-action 'self'";
      document.head.append(policy);
      const { origin, pathname, searchParams } = new URL(address);
      const form = Object.assign(document.createElement('form'), {
        action: origin + pathname,
        target: 'attack',
      });
      for (const [name, value] of searchParams)
        form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
      document.body.append(form);
      form.submit();
    }
    const addresses = new Set<string>();
    try {
      while (reports.length === 0) {
        addresses.add(opened.location.href);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } catch {
      // It is at the server.
    }
    return [...addresses].join('\n');
  });
  const entries = performance.getEntries().map(({ name }) => name);
  const { navigation } = window as unknown as { navigation: { entries(): { url: string }[] } };
  return [...seen, ...reports, ...entries, ...navigation.entries().map(({ url }) => url)].join('\n');
};

for (const way of ['window', 'form'] as const)
  test(
    `page script that opens the sign-out at a server does not see the ID token: ${way}`,
    { tag: ['@S1'] },
    async ({ app, server }) => {
      let idToken = '';
      server.front.change(/^\/token$/, ({ body }) => {
        idToken = (JSON.parse(body) as { id_token?: string }).id_token ?? idToken;
      });
      await app.open();
      await signIn(app);
      expect(idToken).not.toBe('');
      const attack = (address: string): Promise<string> =>
        app.page.evaluate(follow, [address, way] as [string, typeof way]);
      const address = await app.page.evaluate(takeAddress);
      expect(address + (await attack(address))).not.toContain(idToken);
      const hints = (): (string | null)[] =>
        server.front.requests(/^\/session\/end$/).map(({ query }) => query.get('id_token_hint'));
      // A form is stopped by the policy that was to report it.
      expect(hints()).toEqual(way === 'window' ? [idToken] : []);
      const tab = await app.page.context().newPage();
      await tab.goto(address);
      await expect.poll(() => hints().at(-1)).toBeNull();
      await tab.close();
      // A control: an address that holds the ID token gives it away.
      const naive = new URL('/session/end', server.issuer);
      naive.search = String(new URLSearchParams({ client_id: 'map-app', id_token_hint: idToken }));
      await app.page.reload();
      await app.ready();
      expect(await attack(naive.href)).toContain(idToken);
    },
  );
