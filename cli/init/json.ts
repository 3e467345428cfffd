/** JSON files, with comments or without. JSON is an expression of JavaScript, so that its parser tells where everything is. */
import { ProjectError } from './project-error.js';
import {
  Editor,
  insertItem,
  type ArrayLiteral,
  type Expression,
  type List,
  type ObjectLiteral,
  type Parse,
} from './source.js';
import { textOf, unwrap } from './module.js';

export class JsonFile extends Editor {
  readonly root: ObjectLiteral;
  readonly #offset = 1;

  /** @throws ProjectError for what is no JSON object. */
  constructor(path: string, text: string, parse: Parse) {
    super(text);
    const { program, errors } = parse('json.ts', `(${this.text}\n)`);
    const [statement] = program.body;
    const value = statement?.type === 'ExpressionStatement' ? unwrap(statement.expression) : undefined;
    if (errors.length > 0 || program.body.length !== 1 || value?.type !== 'ObjectExpression')
      throw new ProjectError(`${path} is no JSON object. Correct it, then run this again.`);
    this.root = value;
  }

  /** Whether it is written in more than one line. */
  get isBroken(): boolean {
    return this.text.trim().includes('\n');
  }

  /** Adds a property, where a list of names in order has its place for it. */
  addProperty(object: ObjectLiteral, name: string, json: string, before?: string): void {
    const names = object.properties.map(keyOf);
    const isSorted = names.every((each, i) => i === 0 || (names[i - 1] ?? '') <= (each ?? ''));
    const next =
      before === undefined
        ? names.findIndex((each) => isSorted && (each ?? '') > name)
        : names.indexOf(before);
    insertItem(this, this.#listOf(object, object.properties), `${JSON.stringify(name)}: ${json}`, {
      isBroken: this.isBroken,
      comma: '',
      ...(next === -1 ? {} : { index: next }),
    });
  }

  addElement(array: ArrayLiteral, json: string): void {
    insertItem(
      this,
      this.#listOf(
        array,
        array.elements.filter((each) => each !== null),
      ),
      json,
      { comma: '' },
    );
  }

  #listOf({ start, end }: Expression, items: readonly { start: number; end: number }[]): List {
    const moved = (range: { start: number; end: number }) => ({
      start: range.start - this.#offset,
      end: range.end - this.#offset,
    });
    return { ...moved({ start, end }), items: items.map(moved) };
  }
}

type Property = ObjectLiteral['properties'][number];

const keyOf = (property: Property): string | undefined => {
  if (property.type !== 'Property' || property.computed) return undefined;
  return property.key.type === 'Identifier' ? property.key.name : textOf(property.key as Expression);
};

/** Value of a property that is written as such. */
export function valueOf(object: ObjectLiteral, name: string): Expression | undefined {
  for (const property of object.properties)
    if (property.type === 'Property' && keyOf(property) === name) return unwrap(property.value);
  return undefined;
}

export const objectIn = (object: ObjectLiteral, name: string): ObjectLiteral | undefined => {
  const value = valueOf(object, name);
  return value?.type === 'ObjectExpression' ? value : undefined;
};

/** package.json with a dependency. */
export function withDependency(
  path: string,
  text: string,
  parse: Parse,
  [name, range]: [string, string],
): string {
  const file = new JsonFile(path, text, parse);
  const dependencies = objectIn(file.root, 'dependencies');
  if (dependencies) file.addProperty(dependencies, name, JSON.stringify(range));
  else {
    const entry = `${JSON.stringify(name)}: ${JSON.stringify(range)}`;
    const value = file.isBroken ? `{\n${file.indent}${entry}\n}` : `{ ${entry} }`;
    file.addProperty(file.root, 'dependencies', value, 'devDependencies');
  }
  return file.edited;
}

/**
 * tsconfig.json with types among those that it names.
 *
 * @param mayName - Whether a list may be begun where there is none: what is not named is not found then.
 * @returns `undefined` where the list is not to be found here.
 */
export function withTypes(
  path: string,
  text: string,
  parse: Parse,
  { types, mayName }: { types: string; mayName: boolean },
): string | undefined {
  const file = new JsonFile(path, text, parse);
  const options = objectIn(file.root, 'compilerOptions');
  if (!options) return undefined;
  const named = valueOf(options, 'types');
  if (named?.type === 'ArrayExpression') file.addElement(named, JSON.stringify(types));
  else if (named || !mayName || valueOf(file.root, 'extends')) return undefined;
  else file.addProperty(options, 'types', `[${JSON.stringify(types)}]`, 'strict');
  return file.edited;
}
