/** Defences of sign-ins: PKCE, state and issuer, redirect URIs, the callback, and whose response is taken. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const withoutVerifier: Edit = {
  file: 'sw/oauth/arcgis-server.ts',
  from: '      code_verifier: request.codeVerifier,\n',
  to: '',
};

const withoutPromisedIssuer: Edit = {
  file: 'sw/oauth/rfc-server.ts',
  from: 'server.authorization_response_iss_parameter_supported === true\n        : ',
  to: 'false\n        : ',
};

/** Responses that no sign-in of the app's asked for stay in the address of the page. */
const leavesForeign: Edit = {
  file: 'sw/parts/strict-callback.ts',
  from: "  const state = parameters.get('state') ?? '';\n",
  to: "  if (outcome === 'authorization-url-unknown') return fetch(request);\n  const state = parameters.get('state') ?? '';\n",
};

const keepsFragment: Edit = {
  file: 'protocol/callback-outcome.ts',
  from: '=${outcome}${OWN_FRAGMENT}`',
  to: '=${outcome}`',
};

const withoutCallbackGuard: Edit = {
  file: 'server/guards.ts',
  from: '    if (pathname !== path || readOutcome(searchParams) !== undefined) return undefined;',
  to: '    if (pathname !== "" || readOutcome(searchParams) !== undefined) return undefined;',
};

const broughtHome = attacks(
  'sign-in-csrf',
  'is not taken in a hidden frame where',
  'is not taken in a frame of a frame where',
  'is not taken by a form in a frame where',
  'is not taken in a call of the library where',
  'is not taken in a message of another window where',
);

export const ofSignIn: readonly Mutation[] = [
  {
    rule: 'S7',
    without: 'the code verifier in the token request',
    edits: [withoutVerifier],
    tests: [
      attacks('own-code-flow', 'a code issued to the attacker without a code challenge is refused'),
      attacks('mix-up', 'a sign-in whose code challenge was stripped from its address is refused'),
    ],
  },
  {
    rule: 'S7',
    without: 'the code verifier, for codes that are bound to a code challenge of the attacker’s',
    edits: [withoutVerifier],
    tests: [
      attacks(
        'own-code-flow',
        'a code issued to the attacker with a code challenge of the attacker’s is refused',
      ),
    ],
    survives:
      'A code with a code challenge is redeemed by its verifier alone: the portal refuses a request without one.',
  },
  {
    rule: 'S7',
    without: 'the code challenge in the authorization request',
    edits: [
      {
        file: 'sw/oauth/authorization-request.ts',
        from: "    code_challenge: codeChallenge,\n    code_challenge_method: 'S256',\n",
        to: '',
      },
    ],
    tests: [attacks('own-code-flow', 'a stolen code cannot be redeemed elsewhere')],
  },
  {
    rule: 'S7',
    without: 'the hash of the code challenge: the method is plain',
    edits: [
      {
        file: 'sw/oauth/authorization-request.ts',
        from: "    code_challenge: codeChallenge,\n    code_challenge_method: 'S256',\n",
        to: "    code_challenge: codeVerifier,\n    code_challenge_method: 'plain',\n",
      },
    ],
    tests: [attacks('own-code-flow', 'a stolen code cannot be redeemed elsewhere')],
  },
  {
    rule: 'S7',
    without: 'the demand for S256 in the metadata of a server',
    edits: [
      {
        file: 'sw/oauth/discovery.ts',
        from: "if (Array.isArray(methods) && !methods.includes('S256'))",
        to: 'if (methods === null)',
      },
    ],
    tests: [
      attacks('mix-up', 'a server that announces the plain method only', 'a server that announces no method'),
    ],
  },
  {
    rule: 'S7',
    without: 'the comparison of redirect URIs among portals',
    edits: [
      {
        file: 'sw/sign-in/mix-up.ts',
        from: '  if (redirectUri === asked.redirectUri) return false;\n',
        to: '  if (redirectUri !== "") return false;\n',
      },
    ],
    tests: [attacks('mix-up', 'a malicious portal that redirects to an honest one cannot redeem its code')],
  },
  {
    rule: 'S7',
    without: 'the demand for the issuer that a server has promised',
    edits: [withoutPromisedIssuer],
    tests: [
      attacks(
        'mix-up',
        'an authorization response without an issuer is refused',
        'a code of one portal with the state of another is refused',
      ),
    ],
  },
  {
    rule: 'S7',
    without: 'the demand for an issuer, and its comparison',
    edits: [
      withoutPromisedIssuer,
      {
        file: 'sw/oauth/rfc-server.ts',
        from: "    if (grant.iss !== undefined) parameters.set('iss', grant.iss);\n",
        to: '',
      },
    ],
    tests: [attacks('mix-up', 'an authorization response with the issuer of another portal is refused')],
  },
  {
    rule: 'S7',
    without: 'the search by state: a response is taken for the sign-in that there is',
    edits: [
      {
        file: 'sw/sign-in/challenge-records.ts',
        from: 'return (await this.all()).find((record) => record.state === state);',
        to: 'return (await this.all()).find((record) => record.state !== state) ?? (await this.all())[0];',
      },
    ],
    tests: [attacks('mix-up', 'a code with a used or invented state is refused')],
  },
  {
    rule: 'S7',
    without: 'the taking of responses that the app has not asked for',
    edits: [leavesForeign],
    tests: [
      attacks(
        'own-code-flow',
        'in a hidden frame yields no code where the worker takes it',
        'in a window yields no code where the worker takes it',
      ),
    ],
  },
  {
    rule: 'S7',
    without: 'a fragment of its own for the page behind the callback',
    edits: [keepsFragment],
    tests: [
      attacks(
        'own-code-flow',
        'a token requested in place of a code cannot be read in the fragment where the worker takes the answer',
        'a token in the fragment cannot be read without the worker where the server guards the callback',
      ),
    ],
  },
  {
    rule: 'S7',
    without: 'the server’s guard of the callback page',
    edits: [withoutCallbackGuard],
    tests: [
      attacks(
        'own-code-flow',
        'a code flow after removing the worker yields no code where the server guards the callback',
        'a token in the fragment cannot be read without the worker where the server guards the callback',
      ),
    ],
  },
  {
    rule: 'S7',
    without: 'the server’s guard of the callback page, while the worker is there',
    edits: [withoutCallbackGuard],
    tests: [
      attacks(
        'own-code-flow',
        'in a hidden frame yields no code where the worker takes it',
        'in a window yields no code where the worker takes it',
        'a token requested in place of a code cannot be read in the fragment where the worker takes the answer',
      ),
    ],
    survives: 'The worker takes the response before the server sees it.',
  },
  {
    rule: 'S7',
    without: 'the form that posts the response on: the redirect URI of an own origin redirects with the code',
    edits: [
      {
        file: 'server/form-post-response.ts',
        from: '    return new Response(formOf(page.href, fields), { headers: await headers });',
        to: '    return new Response(formOf(page.href, fields) && null, { status: 303, headers: { location: `${page.href}?${searchParams.toString()}` } });',
      },
    ],
    tests: [
      attacks(
        'blocked-callback',
        'a blocked redirect home tells no code where the redirect URI is at an origin of its own',
      ),
    ],
  },
  {
    rule: 'S12',
    without: 'the policy that allows no frames',
    edits: [
      {
        file: 'server/content-security-policy.ts',
        from: "    'frame-src': framed === '' ? \"'none'\" : `'self' ${framed}`,\n    'frame-ancestors': framed === '' ? \"'none'\" : \"'self'\",\n",
        to: "    'frame-src': framed === '' ? `'self' ${servers}` : `'self' ${framed}`,\n    'frame-ancestors': \"'self'\",\n",
      },
    ],
    tests: [
      attacks(
        'blocked-callback',
        'a blocked redirect home tells no code where the server’s policy allows no frames',
      ),
    ],
  },
  {
    rule: 'S12',
    without: 'the Trusted Types policy for the worker’s URL',
    edits: [
      {
        file: 'client/trusted-url.ts',
        from: 'return policy ? policy.createScriptURL(String(url)) : url;',
        to: 'return url;',
      },
    ],
    tests: [attacks('configuration', 'injected script does not run under the strictest policy')],
  },
  {
    rule: 'S11',
    without: 'the rule where a response has to come home',
    edits: [
      {
        file: 'sw/sign-in/redeem-code.ts',
        from: "if (portal.callback === 'worker' && via !== (record.isSilent ? 'frame' : 'window'))",
        to: "if (portal.callback === 'worker' && via === undefined)",
      },
    ],
    tests: [broughtHome],
  },
  {
    rule: 'S11',
    without: 'the comparison of users in silent sign-ins',
    edits: [
      {
        file: 'sw/sign-in/redeem-code.ts',
        from: 'if (!record.isSilent || current === undefined || current === username) return;',
        to: "if (!record.isSilent || current === undefined || current !== '') return;",
      },
    ],
    tests: [
      attacks(
        'sign-in-csrf',
        'a silent sign-in does not put another user in the place of the one who is signed in',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the line that says in whose account the page works',
    edits: [
      {
        file: 'client/sign-in/coordinator.ts',
        from: 'if (wording.texts.signedIn) showSignedIn(name, username, wording);',
        to: "if (wording.texts.signedIn === '') showSignedIn(name, username, wording);",
      },
    ],
    tests: [attacks('sign-in-csrf', 'the user is told in whose account the page works')],
  },
];
