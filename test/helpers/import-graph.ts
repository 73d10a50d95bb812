import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** How one file names another: `static` is loaded with its importer, `dynamic` when asked for, `type` never. */
export type ImportKind = 'static' | 'dynamic' | 'type';

export interface ImportEdge {
  readonly from: string;
  /** A file of the tree, or a package's name (`node:fs`, `@oclif/core`) where `external` is true. */
  readonly to: string;
  readonly external: boolean;
  readonly kind: ImportKind;
}

/** Source text by path relative to the repository's root, with `/`. */
export type SourceTree = ReadonlyMap<string, string>;

/**
 * Every import of every file: import and export declarations, `import()`, `require()`, `import('x').T`, and files named by
 * `new URL('./x.js', import.meta.url)` (workers). Throws for a relative import that names no file of the tree, and for an
 * `import()` of something other than a literal, since nothing could be said about where it leads.
 */
export function importEdges(tree: SourceTree): ImportEdge[] {
  const edges: ImportEdge[] = [];
  for (const [from, text] of tree) {
    // Parsing takes most of the time, and most files import in plain statements alone.
    const plain = [...text.matchAll(plainImport)].map(([statement]) => statement);
    const isDeep = mayNameInside.test(text) || plain.length !== [...text.matchAll(anyImport)].length;
    const source = ts.createSourceFile(from, isDeep ? text : plain.join('\n'), parsing, isDeep);
    const add = (specifier: string, kind: ImportKind): void => {
      edges.push({ from, ...resolveSpecifier(tree, from, specifier), kind });
    };
    if (isDeep) visit(source, from, add);
    else for (const statement of source.statements) visitNode(statement, from, add);
  }
  return edges;
}

const parsing = { languageVersion: ts.ScriptTarget.ES2023, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };

/** What names a file elsewhere than in a statement of the file itself. */
const mayNameInside = /\b(?:import|require)\s*\(|\bnew\s+URL\b/;

/** An import or export of a file as Prettier writes it, without comments in it. */
const plainImport = /^(?:import|export)\s(?:[\w$*{},\s]+\sfrom\s)?'[^']+'(?: with \{[^}]*\})?;/gm;
/** Where one begins or, in several lines, ends. */
const anyImport = /^import\s+["']|\bfrom\s+["']/gm;

type Add = (specifier: string, kind: ImportKind) => void;

function visit(node: ts.Node, from: string, add: Add): void {
  visitNode(node, from, add);
  ts.forEachChild(node, (child) => visit(child, from, add));
}

function visitNode(node: ts.Node, from: string, add: Add): void {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    add(node.moduleSpecifier.text, isTypeOnlyImport(node) ? 'type' : 'static');
  } else if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier &&
    ts.isStringLiteral(node.moduleSpecifier)
  ) {
    add(node.moduleSpecifier.text, node.isTypeOnly ? 'type' : 'static');
  } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const { expression } = node.moduleReference;
    if (ts.isStringLiteral(expression)) add(expression.text, node.isTypeOnly ? 'type' : 'static');
  } else if (ts.isImportTypeNode(node)) {
    if (ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      add(node.argument.literal.text, 'type');
    }
  } else if (ts.isCallExpression(node)) {
    const [argument] = node.arguments;
    const literal = argument && ts.isStringLiteralLike(argument) ? argument.text : undefined;
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (literal === undefined)
        throw new Error(`${from}: import() of ${argument?.getText() ?? 'nothing'}, which is no literal`);
      add(literal, 'dynamic');
    } else if (
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'require' &&
      literal !== undefined
    ) {
      add(literal, isInsideFunction(node) ? 'dynamic' : 'static');
    }
  } else if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
    const [file, base] = node.arguments ?? [];
    const literal = file && ts.isStringLiteralLike(file) ? file.text : undefined;
    if (literal !== undefined && /^\..*\.js$/.test(literal) && base?.getText() === 'import.meta.url')
      add(literal, 'dynamic');
  }
}

/** `import type …`, or an import of nothing but `type` names. */
function isTypeOnlyImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function isInsideFunction(node: ts.Node): boolean {
  for (let above = node.parent as ts.Node | undefined; above !== undefined; above = above.parent) {
    if (ts.isFunctionLike(above)) return true;
  }
  return false;
}

function resolveSpecifier(
  tree: SourceTree,
  from: string,
  specifier: string,
): { to: string; external: boolean } {
  if (!specifier.startsWith('.')) return { to: packageName(specifier), external: true };
  const path = join(dirname(from), specifier);
  const stem = path.replace(/\.js$/, '');
  const to = [path, `${stem}.ts`, `${stem}.tsx`, `${stem}.d.ts`, `${path}/index.ts`].find((candidate) =>
    tree.has(candidate),
  );
  if (to === undefined) throw new Error(`${from}: imports ${specifier}, which is no file of the tree`);
  return { to, external: false };
}

/** The package of a specifier: `apache-arrow/x` → `apache-arrow`, `@a/b/c` → `@a/b`, `node:fs/promises` as it is. */
function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Cycles between files, each as the files along it, the first repeated at the end. One cycle a strongly tied group. */
export function importCycles(edges: readonly ImportEdge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, external } of edges) {
    if (!external) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const to of next.get(file) ?? []) walk(to);
    path.pop();
    done.add(file);
  };
  for (const file of next.keys()) walk(file);
  return cycles;
}

/** What is loaded when `file` is: for each file and package reached by static imports, the chain that leads there. */
export function staticallyReached(
  edges: readonly ImportEdge[],
  file: string,
): Map<string, readonly string[]> {
  const next = new Map<string, ImportEdge[]>();
  for (const edge of edges) {
    if (edge.kind === 'static') next.set(edge.from, [...(next.get(edge.from) ?? []), edge]);
  }
  const chains = new Map<string, readonly string[]>([[file, [file]]]);
  const queue = [file];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const { to, external } of next.get(from) ?? []) {
      if (chains.has(to)) continue;
      chains.set(to, [...(chains.get(from) ?? []), to]);
      if (!external) queue.push(to);
    }
  }
  return chains;
}
