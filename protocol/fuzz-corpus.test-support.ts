/** Inputs that a parser has failed on, by the name of the target: they are tried first. */
export const fuzzCorpus: Readonly<Record<string, readonly unknown[]>> = {
  'errors as values': [
    // Facts that are none, and one that is no text, once threw while the message was made.
    { code: 'portal-unreachable', facts: null },
    { code: 'portal-unreachable', facts: { origin: { toString: null, valueOf: null } } },
  ],
  // More features than an array holds, none, and a page of no feature.
  'descriptions and counts of features': ['{"count":1e308}', '{}', '{"maxRecordCount":null,"count":3}'],
  'descriptions of cached services': ['{"tileInfo":{}}', '{"tileInfo":null,"fullExtent":null}'],
  'descriptions and styles of vector tiles': ['{"layers":[null]}', '{"layers":7}'],
  // Half a surrogate pair.
  presets: [{ url: 'https://id.example.org', realm: '\ud800', clientId: 'abc' }],
  'redacted addresses': [
    // Encoded twice, and a JSON Web Token without digits.
    'https://gis.example.org/rest/%2561%2542%2533/layer',
    'https://gis.example.org/rest/eyJhbGciOi.eyJzdWIi.c2ln/layer',
  ],
};
