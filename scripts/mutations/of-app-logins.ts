/** Defences of app logins: who is given the app's token, what opens its answers, and what its proxy passes on. */
import { attacks, inTests, type Mutation } from './mutation.js';

export const ofAppLogins: readonly Mutation[] = [
  {
    rule: 'S10',
    without: 'the encryption of the app’s tokens',
    edits: [
      {
        file: 'server/app-tokens.ts',
        from: '        sealing && cookie\n          ?',
        to: '        sealing && !cookie\n          ?',
      },
      {
        file: 'sw/tokens/app-tokens.ts',
        from: 'if (!this.#encrypter) {',
        to: 'if (sealed === undefined || !this.#encrypter) {',
      },
    ],
    tests: [
      attacks(
        'app-login',
        'page script that asks for the app’s token gets nothing that it can read',
        'a sealed worker takes no answer that everybody could read',
      ),
    ],
  },
  {
    rule: 'S10',
    without: 'the demand that the app itself asks for its token',
    edits: [
      {
        file: 'server/app-tokens.ts',
        from: "if (!isOwnFetch(headers, ['empty'])) return refusal('not-a-fetch-of-the-app');",
        to: '',
      },
    ],
    tests: [
      attacks(
        'app-login',
        'another site’s page gets no token and has none issued: with the demand on the request',
      ),
      inTests('server/app-tokens.test.ts', 'a request of another site is refused'),
    ],
  },
  {
    rule: 'S10',
    without: 'the request that an encrypted answer is bound to',
    edits: [
      {
        file: 'protocol/app-tokens.ts',
        from: '`identity-worker app token v1\\0${portal}\\0${nonce}`',
        to: '`identity-worker app token v1\\0${portal}\\0${nonce.slice(0, 0)}`',
      },
    ],
    tests: [attacks('app-login', 'an encrypted answer that was recorded does not open a second time')],
  },
  {
    rule: 'S10',
    without: 'the allow list of the proxy',
    edits: [
      {
        file: 'server/app-proxy.ts',
        from: 'isBelow(segments, rule.prefix) ? rule.methods : []',
        to: 'isBelow(segments, []) ? rule.methods : []',
      },
    ],
    tests: [
      attacks('app-login', 'the proxy signs what is listed, for the app’s own pages, and shows no token'),
    ],
  },
  {
    rule: 'S10',
    without: 'the refusal of what issues tokens, in the proxy',
    edits: [
      {
        file: 'server/app-proxy.ts',
        from: 'if (isArcGIS && isUnsignable(',
        to: 'if (!isArcGIS && isUnsignable(',
      },
    ],
    tests: [inTests('server/app-proxy.test.ts', 'what issues tokens is not passed on')],
  },
  {
    rule: 'S10',
    without: 'the refusal of paths that could be read as other ones',
    edits: [
      {
        file: 'server/proxy-path.ts',
        from: '!ambiguous.test(text) && !dots.test(text)',
        to: 'text !== ambiguous.source + dots.source',
      },
      // It refuses the encoded ones among them, too.
      {
        file: 'server/app-proxy.ts',
        from: 'if (isArcGIS && isUnsignable(',
        to: 'if (!isArcGIS && isUnsignable(',
      },
    ],
    tests: [
      inTests(
        'server/app-proxy.test.ts',
        'a path that could be read as another one is not passed on: "Roads/MapServer/..%2f',
        'a path that could be read as another one is not passed on: "Roads/MapServer/..%5c',
        'a path that could be read as another one is not passed on: "Roads/MapServer/%252e%252e%252f',
        'a path that could be read as another one is not passed on: "Roads/MapServer/..;/',
        'a path that could be read as another one is not passed on: "Roads/MapServer/..%00/',
      ),
    ],
  },
];
