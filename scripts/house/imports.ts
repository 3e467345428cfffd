/** Reads what TypeScript files import: static, dynamic and type-only imports, re-exports, `import()` types. */
import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceTree } from './source-tree.js';

export interface Import {
  /** Path of the importing file. */
  from: string;
  /** Path of the imported file, or the specifier as it is written when it names a package. */
  to: string;
  isPackage: boolean;
  /** Erased by the compiler. */
  isTypeOnly: boolean;
}

/** Every import of every TypeScript file in the tree. */
export function importsOf(tree: SourceTree): Import[] {
  return [...tree].flatMap(([from, text]) =>
    from.endsWith('.ts') ? specifiersOf(from, text).map((found) => resolve(from, found, tree)) : [],
  );
}

interface Specifier {
  text: string;
  isTypeOnly: boolean;
}

function specifiersOf(path: string, text: string): Specifier[] {
  const found: Specifier[] = [];
  const add = (node: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ text: node.text, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS));
  return found;
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function resolve(from: string, { text, isTypeOnly }: Specifier, tree: SourceTree): Import {
  if (!text.startsWith('.')) return { from, to: text, isPackage: true, isTypeOnly };
  const path = posix.join(posix.dirname(from), text);
  const source = path.replace(/\.js$/, '.ts');
  return { from, to: tree.has(source) ? source : path, isPackage: false, isTypeOnly };
}
