/** package.json as far as `init` reads it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from './plan.js';
import { ProjectError } from './project-error.js';

export interface Manifest {
  readonly text: string;
  /** Of all packages that it depends on. */
  readonly names: ReadonlySet<string>;
  readonly hasBuild: boolean;
  /** By the lock file that is there. */
  readonly packageManager: string;
}

const lockFiles = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' };

/** @throws ProjectError for what npm could not read either. */
export function readManifest(plan: Plan): Manifest | undefined {
  const text = plan.read('package.json');
  if (text === undefined) return undefined;
  const json = parseObject(text.replace(/^\uFEFF/, ''));
  const names = ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((key) => keysOf(json[key]));
  const lock = Object.entries(lockFiles).find(([name]) => existsSync(join(plan.folder, name)));
  return {
    text,
    names: new Set(names),
    hasBuild: keysOf(json['scripts']).includes('build'),
    packageManager: lock?.[1] ?? 'npm',
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
    throw new SyntaxError('It is no object.');
  } catch (error) {
    throw new ProjectError(
      `package.json is no JSON: ${(error as SyntaxError).message}. Correct it, then run this again.`,
    );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keysOf = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);
