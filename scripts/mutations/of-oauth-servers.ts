/** Defences of what OAuth 2.0 servers other than portals bring: silent sign-ins after a loss, step-ups, and OGC addresses. */
import { inTests, type Mutation, type NamedTests } from './mutation.js';

const oauthServers = (name: string, title: string): NamedTests =>
  inTests(`e2e/oauth-servers/${name}.spec.ts`, title);

export const ofOAuthServers: readonly Mutation[] = [
  {
    rule: 'S1',
    without: 'the check of the key that proofs are made with',
    edits: [
      { file: 'sw/oauth/proof-key.ts', from: "  key.extractable === (type === 'public') &&\n", to: '' },
      { file: 'sw/oauth/proof-key.ts', from: '  key.algorithm.name === ALGORITHM.name &&\n', to: '' },
      {
        file: 'sw/oauth/proof-key.ts',
        from: '  (key.algorithm as EcKeyGenParams).namedCurve === ALGORITHM.namedCurve &&\n',
        to: '',
      },
    ],
    tests: [
      inTests(
        'sw/oauth/proof-key.test.ts',
        'a key that could be exported is replaced',
        'a key of another curve is replaced',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the memory of whose session was lost',
    edits: [
      {
        file: 'sw/sign-in/redeem-code.ts',
        from: 'this.tokens.info(portal)?.username ?? this.tokens.lostUser(portal)',
        to: 'this.tokens.info(portal)?.username',
      },
    ],
    tests: [oauthServers('lost-answers', 'another user’s session at the server is not taken for it')],
  },
  {
    rule: 'S11',
    without: 'the look at who has signed in for a step-up',
    edits: [
      {
        file: 'sw/request/prompt-user.ts',
        from: "if (outcome === 'signed-in' && !isAnothers)",
        to: "if (outcome === 'signed-in')",
      },
    ],
    tests: [oauthServers('step-up', 'what one user asked for is not sent in the name of another')],
  },
  {
    rule: 'S6',
    without: 'the limit on the step-ups that an API may ask for',
    edits: [
      {
        file: 'sw/oauth/step-up.ts',
        from: 'const MAX_STEP_UPS = 3;',
        to: 'const MAX_STEP_UPS = 300;',
      },
    ],
    tests: [oauthServers('step-up', 'a hostile API that asks for something else each time')],
  },
  {
    rule: 'S2',
    without: 'the shape of an OGC service’s address',
    edits: [
      {
        file: 'sw/portals/ogc-path.ts',
        from: '(?:(?:w[cfmp]s|kml|map|image|feature|geodata|geocode|geometry|globe|gp|na)server)',
        to: '[^/]+',
      },
    ],
    tests: [
      inTests(
        'e2e/federation/ogc-services.spec.ts',
        'a foreign server whose services are no ArcGIS’s is not asked whose it is',
      ),
    ],
  },
];
