/** A module of the project: what it imports and declares, how it is written, and where code is added. */
import { ProjectError } from './project-error.js';
import {
  Editor,
  type Call,
  type Expression,
  type ImportDeclaration,
  type Node,
  type Parse,
  type Program,
} from './source.js';

export class Module extends Editor {
  readonly path: string;
  readonly program: Program;

  /** @throws ProjectError for a syntax error. */
  constructor(path: string, text: string, parse: Parse) {
    super(text);
    this.path = path;
    const { program, errors } = parse(path.replace(/\.js$/, '.jsx'), this.text);
    const [error] = errors;
    if (error) {
      const line = this.text.slice(0, error.labels[0]?.start ?? 0).split('\n').length;
      throw new ProjectError(
        `${path} has a syntax error in line ${line}: ${error.message}. Correct it, then run this again.`,
      );
    }
    this.program = program;
  }

  get #imports(): ImportDeclaration[] {
    return this.program.body.filter((statement) => statement.type === 'ImportDeclaration');
  }

  importsFrom(source: string): boolean {
    return this.#imports.some((each) => each.source.value === source && each.importKind !== 'type');
  }

  /** What the module calls an export of another one. */
  localName(source: string, name: string): string | undefined {
    for (const { source: from, specifiers } of this.#imports)
      for (const specifier of from.value === source ? specifiers : [])
        if (specifier.type === 'ImportSpecifier' && nameOf(specifier.imported) === name)
          return specifier.local.name;
    return undefined;
  }

  /** Calls of a function, and with `new`, by the name that it has here. */
  calls(name: string): Pick<Call, 'arguments' | 'start' | 'end'>[] {
    const found: Pick<Call, 'arguments' | 'start' | 'end'>[] = [];
    walk(this.program, (node) => {
      if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return;
      if (node.callee.type === 'Identifier' && node.callee.name === name) found.push(node);
    });
    return found;
  }

  /** Whether a name means something here, outside of functions. */
  declares(name: string): boolean {
    return this.program.body.some((statement) => {
      const declaration =
        statement.type === 'ExportNamedDeclaration' ? (statement.declaration ?? statement) : statement;
      if (declaration.type === 'ImportDeclaration')
        return declaration.specifiers.some(({ local }) => local.name === name);
      if (declaration.type === 'VariableDeclaration')
        return declaration.declarations.some(({ id }) => hasIdentifier(id, name));
      return 'id' in declaration && declaration.id !== null && hasIdentifier(declaration.id, name);
    });
  }

  /** Value of a top-level `const`. */
  constant(name: string): Expression | undefined {
    for (const statement of this.program.body)
      if (statement.type === 'VariableDeclaration' && statement.kind === 'const')
        for (const { id, init } of statement.declarations)
          if (id.type === 'Identifier' && id.name === name) return init ?? undefined;
    return undefined;
  }

  /** A text as the module writes texts. */
  quote(text: string): string {
    const json = JSON.stringify(text);
    if (this.#imports[0] && this.text[this.#imports[0].source.start] === '"') return json;
    return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }

  /** What a statement ends with. */
  get semicolon(): string {
    const first = this.#imports[0] ?? this.program.body[0];
    return !first || /[;}]/.test(this.text[this.#endOf(first) - 1] ?? '') ? ';' : '';
  }

  /** Adds imports behind those at the top, and code behind them. */
  addAtTop(imports: readonly string[], code: readonly string[] = []): void {
    const { body } = this.program;
    const isDirective = (node: Node): boolean => 'directive' in node && typeof node.directive === 'string';
    const isHead = (node: Node): boolean => node.type === 'ImportDeclaration' || isDirective(node);
    const end = body.findIndex((node) => !isHead(node));
    const head = end === -1 ? body : body.slice(0, end);
    const next = body[head.length];
    const last = head.at(-1);
    const hasImports = last?.type === 'ImportDeclaration';
    const position = last ? this.#afterLine(this.#endOf(last)) : this.#firstLine();
    const lines = [...imports, ...(code.length > 0 ? ['', ...code] : [])];
    // A line that begins like this would continue the last one.
    const isAmbiguous =
      next && (!last || this.#endOf(last) === last.end) && /[([`/+\-*.,]/.test(this.text[next.start] ?? '');
    const ending = isAmbiguous ? ';' : this.semicolon;
    const written = lines.map((line, i) => {
      if (line === '') return '';
      const [statement = '', comment = ''] = line.split(/(?= \/\/ )/);
      return statement + (i === lines.length - 1 ? ending : this.semicolon) + comment;
    });
    const isAtLineStart = position === 0 || this.text[position - 1] === '\n';
    const rest = this.text.slice(position);
    const needsSpace = rest.trim() !== '' && (!hasImports || code.length > 0) && !/^\s*\n/.test(rest);
    this.insert(position, `${isAtLineStart ? '' : '\n'}${written.join('\n')}\n${needsSpace ? '\n' : ''}`);
  }

  /** Without a semicolon that begins the next line, as code without semicolons has it before a bracket. */
  #endOf({ start, end }: Node): number {
    const [before] = /\s*\n\s*;$/.exec(this.text.slice(start, end)) ?? [''];
    return end - before.length;
  }

  /** Behind the line of a statement, or the statement where another one follows in the line. */
  #afterLine(end: number): number {
    const next = this.nextLine(end);
    return /^[ \t]*(\/\/.*)?\r?\n?$/.test(this.text.slice(end, next)) ? next : end;
  }

  /** Behind what has to stand first: `#!` and references to types. */
  #firstLine(): number {
    const [first = ''] = /^(?:#!.*(?:\n|$))?(?:[ \t]*\/\/\/.*(?:\n|$))*/.exec(this.text) ?? [];
    return first.length;
  }
}

const nameOf = (node: { name: string } | { value: string }): string =>
  'name' in node ? node.name : node.value;

/** Calls back for a node and all nodes inside. */
export function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (typeof node === 'object' && node !== null) {
    if ('type' in node && typeof node.type === 'string') visit(node as Node);
    for (const value of Object.values(node)) walk(value, visit);
  }
}

function hasIdentifier(node: unknown, name: string): boolean {
  let isFound = false;
  walk(node, (each) => {
    isFound ||= each.type === 'Identifier' && each.name === name;
  });
  return isFound;
}

/** An expression without brackets and what TypeScript writes around it. */
export function unwrap(node: Expression): Expression {
  return node.type === 'ParenthesizedExpression' ||
    node.type === 'TSAsExpression' ||
    node.type === 'TSSatisfiesExpression'
    ? unwrap(node.expression)
    : node;
}

/** Value of a text in the source. */
export const textOf = (node: Expression | undefined): string | undefined =>
  node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
