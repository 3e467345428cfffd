/** Starts the client in the app's entry module, where nothing starts it yet. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Module } from './module.js';
import type { Plan } from './plan.js';

const LIBRARY = 'identity-worker';
const ADDRESSES = 'virtual:identity-worker';

const comment = ' // from here on every request to the portal is signed';

const importLine = (quote: (text: string) => string, names: string, from: string): string =>
  `import { ${names} } from ${quote(from)}`;

/** The lines as the example has them. */
export const startLines = [
  `${importLine((text) => `'${text}'`, 'IdentityManager', LIBRARY)};`,
  `${importLine((text) => `'${text}'`, 'type, worker', ADDRESSES)};`,
  '',
  'const identity = IdentityManager.instance({ worker, type });',
  `await identity.ready;${comment}`,
];

export function planEntry(plan: Plan, entry: Module): void {
  const rename = (name: string, other: string): string => (entry.declares(name) ? other : name);
  const type = rename('type', 'workerType');
  const worker = rename('worker', 'workerUrl');
  const identity = rename('identity', 'identityManager');
  if (['IdentityManager', type, worker, identity].some((name) => entry.declares(name))) {
    plan.byHand.push({
      path: entry.path,
      why: 'it has names of its own that these lines use',
      lines: startLines,
    });
    return;
  }
  const imported = (name: string, local: string): string => (name === local ? name : `${name} as ${local}`);
  const option = (name: string, local: string): string => (name === local ? name : `${name}: ${local}`);
  const quote = (text: string): string => entry.quote(text);
  entry.addAtTop(
    [
      importLine(quote, 'IdentityManager', LIBRARY),
      importLine(quote, `${imported('type', type)}, ${imported('worker', worker)}`, ADDRESSES),
    ],
    [
      `const ${identity} = IdentityManager.instance({ ${option('worker', worker)}, ${option('type', type)} })`,
      `await ${identity}.ready${comment}`,
    ],
  );
  plan.write(entry.path, entry.edited);
}

const sourceFile = /\.([cm]?[jt]sx?|vue|svelte)$/;
const imports = /^[^/*]*\b(?:from|import)\s*\(?\s*['"]identity-worker['"]/m;

/** Whether a module below a folder imports the client. */
export function isClientImported(plan: Plan, folder: string): boolean {
  const path = join(plan.folder, folder);
  if (!existsSync(path)) return false;
  return readdirSync(path, { withFileTypes: true }).some((each) => {
    const inside = posix.join(folder, each.name);
    if (each.isDirectory())
      return each.name !== 'node_modules' && !each.name.startsWith('.') && isClientImported(plan, inside);
    return (
      each.isFile() &&
      sourceFile.test(each.name) &&
      imports.test(readFileSync(join(path, each.name), 'latin1'))
    );
  });
}
