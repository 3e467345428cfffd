/** The unit tests that prove a case of docs/field-cases.md or a rule of docs/threat-model.md: browser tests carry tags instead. */
export const unitProofs: readonly { readonly tag: string; readonly file: string; readonly title: string }[] =
  [
    {
      tag: 'B8',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'uses the rotated refresh token though it could not be stored',
    },
    {
      tag: 'B8',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'holds though the disk is full',
    },
    {
      tag: 'B8',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'that cannot be decrypted does not come back',
    },
    {
      tag: 'E2',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'does not end the sign-in that came meanwhile',
    },
    {
      tag: 'E2',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'a refusal of what another version of the worker has renewed meanwhile: its token is taken',
    },
    {
      tag: 'E4',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'beats a refresh that is being written',
    },
    {
      tag: 'E5',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'does not wait for ever for a lock',
    },
    {
      tag: 'E5',
      file: 'sw/tokens/token-manager.test.ts',
      title: 'of two versions at once is one',
    },
    {
      tag: 'G9',
      file: 'sw/portals/portal-url.test.ts',
      title: 'is the key of …',
    },
    {
      tag: 'G9',
      file: 'sw/portals/portal-url.test.ts',
      title: '… and … stay two',
    },
    {
      tag: 'G13',
      file: 'sw/portals/portal-index.test.ts',
      title: 'gives nothing to …',
    },
    {
      tag: 'G20',
      file: 'scripts/docs.test.ts',
      title: 'docs/errors.md lists every code with its message',
    },
    {
      tag: 'S3',
      file: 'sw/portals/portal-index.test.ts',
      title: 'gives nothing to …',
    },
  ];
