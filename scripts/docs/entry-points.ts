/** The public entry points of the package, and the names that they export. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Paths of the sources of all entry points that have types, out of `exports` of a package. */
export function entryPoints(manifest = 'package.json'): readonly string[] {
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports: Record<string, string | { types?: string }>;
  };
  return Object.values(exports).flatMap((entry) => {
    const [, source] =
      (typeof entry === 'object' && /^\.\/dist\/types\/(.+)\.d\.ts$/.exec(entry.types ?? '')) || [];
    return source === undefined ? [] : [`${source}.ts`];
  });
}

/** The names that a source exports, types included. */
export function exportedNames(source: string): readonly string[] {
  const file = ts.createSourceFile(source, readFileSync(source, 'utf8'), ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause || !ts.isNamedExports(statement.exportClause))
        throw new Error(`${source}: the names of "export *" are not known. Export by name.`);
      return statement.exportClause.elements.map(({ name }) => name.text);
    }
    return isExported(statement) ? declaredNames(statement) : [];
  });
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  const { name } = statement as ts.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}
