/** The testing package is made of what this repository tests with. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  engines: unknown;
}

const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
const [own, root] = [read('testing/package.json'), read('package.json')];

test('it has the version of identity-worker, and the versions of packages that the tests run with', () => {
  expect(own.version).toBe(root.version);
  expect(own.engines).toEqual(root.engines);
  for (const [name, version] of Object.entries(own.dependencies))
    expect(root.devDependencies[name], name).toBe(version);
});
