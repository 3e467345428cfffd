/** Inputs that a parser has failed on, by the name of the target: they are tried first. */
export const fuzzCorpus: Readonly<Record<string, readonly unknown[]>> = {
  'errors as values': [
    // Facts that are none, and one that is no text, once threw while the message was made.
    { code: 'portal-unreachable', facts: null },
    { code: 'portal-unreachable', facts: { origin: { toString: null, valueOf: null } } },
  ],
  // Half a surrogate pair.
  presets: [{ url: 'https://id.example.org', realm: '\ud800', clientId: 'abc' }],
  'redacted addresses': [
    // Encoded twice, and a JSON Web Token without digits.
    'https://gis.example.org/rest/%2561%2542%2533/layer',
    'https://gis.example.org/rest/eyJhbGciOi.eyJzdWIi.c2ln/layer',
  ],
};
