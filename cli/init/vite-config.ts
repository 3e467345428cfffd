/** Reads and edits the configuration of Vite. */
import { posix } from 'node:path';
import { valueOf } from './json.js';
import { type Module, textOf, unwrap, walk } from './module.js';
import { ProjectError } from './project-error.js';
import { insertItem, type ArrayLiteral, type Expression, type ObjectLiteral } from './source.js';

export const PLUGIN = 'identity-worker/vite';
const PLUGIN_NAME = 'identityWorker';

/** What a configuration says of the app. */
export interface ViteConfig {
  /** Vite's root, from the project's folder. */
  readonly root: string;
  /** Source of the worker that vite-plugin-pwa builds, from Vite's root. */
  readonly pwaWorker: string | undefined;
  /** Our plugin is in it. With which worker of the app's own, if any. */
  readonly plugin: { readonly worker: string | undefined } | undefined;
}

/** @throws ProjectError where code computes what cannot be guessed. */
export function readConfig(config: Module): ViteConfig {
  const object = configObject(config);
  return {
    root: rootOf(config, object && valueOf(object, 'root')),
    pwaWorker: pwaWorkerOf(config),
    plugin: pluginOf(config),
  };
}

function rootOf(config: Module, value: Expression | undefined): string {
  if (!value) return '.';
  const text = textOf(value);
  if (text !== undefined && !posix.isAbsolute(text)) return posix.normalize(text);
  if (['__dirname', 'import.meta.dirname', 'process.cwd()'].includes(config.slice(value))) return '.';
  throw new ProjectError(
    `${config.path} computes Vite's root, so that the app's page cannot be found. Nothing was changed. Set up the app by hand: docs/development.md of identity-worker.`,
  );
}

/** @returns `undefined` where vite-plugin-pwa is not there, or generates its worker. */
function pwaWorkerOf(config: Module): string | undefined {
  const name = config.localName('vite-plugin-pwa', 'VitePWA');
  const [call] = name === undefined ? [] : config.calls(name);
  const [given] = call?.arguments ?? [];
  if (!given) return undefined;
  const options = given.type === 'SpreadElement' ? undefined : resolveObject(config, given);
  const unknown = (): never => {
    throw new ProjectError(
      `${config.path} computes the options of vite-plugin-pwa, so that its worker cannot be found. Nothing was changed. Write strategies, srcDir and filename as texts, or set up the app by hand: docs/development.md of identity-worker.`,
    );
  };
  if (!options || options.properties.some(({ type }) => type === 'SpreadElement')) return unknown();
  const read = (key: string, byDefault: string): string => {
    const value = valueOf(options, key);
    return value ? (textOf(value) ?? unknown()) : byDefault;
  };
  if (read('strategies', 'generateSW') !== 'injectManifest') return undefined;
  return posix.join(read('srcDir', 'public'), read('filename', 'sw.js'));
}

function pluginOf(config: Module): ViteConfig['plugin'] {
  const name = config.localName(PLUGIN, PLUGIN_NAME);
  const [call] = name === undefined ? [] : config.calls(name);
  if (!call) return undefined;
  const [given] = call.arguments;
  const options = given && given.type !== 'SpreadElement' ? resolveObject(config, given) : undefined;
  return { worker: options && textOf(valueOf(options, 'worker')) };
}

/** An object that is written here, or a constant of this module. */
function resolveObject(config: Module, node: Expression): ObjectLiteral | undefined {
  const value = unwrap(node);
  if (value.type === 'ObjectExpression') return value;
  const constant = value.type === 'Identifier' ? config.constant(value.name) : undefined;
  return constant && resolveObject(config, constant);
}

/** The object that a configuration exports, where there is exactly one. */
function configObject(config: Module): ObjectLiteral | undefined {
  const exported = config.program.body.find(({ type }) => type === 'ExportDefaultDeclaration');
  if (exported?.type !== 'ExportDefaultDeclaration') return undefined;
  const helpers = ['vite', 'vitest/config'].map((source) => config.localName(source, 'defineConfig'));
  const resolve = (node: Expression | undefined): ObjectLiteral | undefined => {
    const value = node && unwrap(node);
    if (!value || value.type === 'ObjectExpression') return value;
    if (value.type === 'Identifier') return resolve(config.constant(value.name));
    if (value.type === 'CallExpression') {
      const [given] = value.arguments;
      const isHelper = value.callee.type === 'Identifier' && helpers.includes(value.callee.name);
      return isHelper && given?.type !== 'SpreadElement' ? resolve(given) : undefined;
    }
    const isFunction = value.type === 'ArrowFunctionExpression' || value.type === 'FunctionExpression';
    return isFunction ? resolve(returned(value.body)) : undefined;
  };
  const { declaration } = exported;
  if (declaration.type === 'FunctionDeclaration') return resolve(returned(declaration.body));
  return 'expression' in declaration || isExpression(declaration)
    ? resolve(declaration as Expression)
    : undefined;
}

const isExpression = ({ type }: { type: string }): boolean => !type.endsWith('Declaration');

/** What a function returns, where it has one place to do so. */
function returned(body: unknown): Expression | undefined {
  const block = body as { type: string; expression?: Expression; body?: unknown };
  if (block.type !== 'BlockStatement') return body as Expression;
  const found: (Expression | null)[] = [];
  // One of a function inside counts too: it is left alone then.
  walk(block.body, (node) => {
    if (node.type === 'ReturnStatement') found.push(node.argument);
  });
  return found.length === 1 ? (found[0] ?? undefined) : undefined;
}

/** The plugins of a configuration: a list to add to, or the object that has none. */
function pluginsOf(config: Module): ArrayLiteral | ObjectLiteral | undefined {
  const object = configObject(config);
  if (!object) return undefined;
  const { properties } = object;
  const lastSpread = properties.findLastIndex(({ type }) => type === 'SpreadElement');
  const index = properties.findIndex(
    (property) => property.type === 'Property' && valueOf(object, 'plugins') === unwrap(property.value),
  );
  // What is spread may have plugins of its own.
  if (index < lastSpread) return undefined;
  if (index === -1)
    return properties.some((each) => 'computed' in each && each.computed) ? undefined : object;
  const value = valueOf(object, 'plugins');
  const list = value?.type === 'Identifier' ? config.constant(value.name) : value;
  const array = list && unwrap(list);
  return array?.type === 'ArrayExpression' && !array.elements.includes(null) ? array : undefined;
}

/**
 * Adds the plugin.
 *
 * @param call - Makes its call, by the name that it has here.
 * @returns Whether the configuration has a shape that can be edited; otherwise it is as it was.
 */
export function addPlugin(config: Module, call: (name: string) => string): boolean {
  const imported = config.localName(PLUGIN, PLUGIN_NAME);
  const plugins = pluginsOf(config);
  if (!plugins || (imported === undefined && config.declares(PLUGIN_NAME))) return false;
  if (imported === undefined) config.addAtTop([`import { ${PLUGIN_NAME} } from ${config.quote(PLUGIN)}`]);
  const item = call(imported ?? PLUGIN_NAME);
  if (plugins.type === 'ArrayExpression')
    insertItem(config, { ...plugins, items: plugins.elements.filter((each) => each !== null) }, item);
  else {
    const lines = `plugins: [\n${config.indent}${item.replaceAll('\n', `\n${config.indent}`)},\n]`;
    insertItem(config, { ...plugins, items: plugins.properties }, lines, { isBroken: true });
  }
  return true;
}

/** A configuration for a project that has none. */
export const newConfig = (
  call: string,
  indent: string,
  { quote, semicolon }: Pick<Module, 'semicolon'> & { quote: (text: string) => string },
): string => {
  const item = call.replaceAll('\n', `\n${indent.repeat(2)}`);
  return [
    `import { ${PLUGIN_NAME} } from ${quote(PLUGIN)}${semicolon}`,
    `import { defineConfig } from ${quote('vite')}${semicolon}`,
    '',
    'export default defineConfig({',
    `${indent}plugins: [`,
    `${indent.repeat(2)}${item},`,
    `${indent}],`,
    `})${semicolon}`,
    '',
  ].join('\n');
};
