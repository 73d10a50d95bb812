import { importCycles, importEdges, staticallyReached } from './import-graph.js';
import type { ImportEdge, SourceTree } from './import-graph.js';

/** The architecture as data. Modules are folders of src/ and src/core/, and the single files that stand beside them. */
export interface Architecture {
  /** Module → modules and single files (by path) that it may import. A module may always import itself. */
  readonly arrows: Readonly<Record<string, readonly string[]>>;
  /** Module → modules of which it may import types only. */
  readonly typesOf: Readonly<Record<string, readonly string[]>>;
  /** Most files of a folder. */
  readonly maxFiles: number;
  /** Modules, and single files, that every module may import. */
  readonly anyModuleMayImport: readonly string[];
  /** Files of which only types may be imported, from anywhere. */
  readonly typesOnly: readonly string[];
  /** Package → modules that may import it, values or types. Packages that are not listed are free. */
  readonly packageModules: Readonly<Record<string, readonly string[]>>;
  /** Modules that import no package at all, Node's own modules included. */
  readonly noPackages: readonly string[];
  /** Packages that starting a command must not load. */
  readonly heavyPackages: readonly string[];
  /** Longest file, by the start of its path; the first match counts. */
  readonly maxLines: readonly (readonly [prefix: string, lines: number])[];
  /** Words that are no name of a file or folder, since they say nothing about what is inside. */
  readonly emptyNames: readonly string[];
}

/**
 * `src/core/files/npy.ts` → `files`, `src/cli/views/tags.ts` → `cli/views`, `src/core/errors.ts` → `src/core/errors.ts`. A folder in
 * a module belongs to it, but where the table names it.
 */
function moduleOf(path: string, { arrows }: Architecture): string {
  const [top, ...folders] = path.split('/').slice(1, -1);
  if (top === 'core') return folders[0] ?? path;
  const inner = [top, ...folders].join('/');
  return inner in arrows ? inner : (top ?? path);
}

/** Every departure of a tree from the architecture, as sentences. */
export function violations(tree: SourceTree, architecture: Architecture): string[] {
  const edges = importEdges(tree);
  return [
    ...moduleViolations(tree, edges, architecture),
    ...packageViolations(edges, architecture),
    ...importCycles(edges).map((cycle) => `cycle: ${cycle.join(' → ')}`),
    ...heavyViolations(tree, edges, architecture),
    ...sizeViolations(tree, architecture),
    ...nameViolations(tree, architecture),
    ...folderViolations(tree, architecture),
  ];
}

function* moduleViolations(
  tree: SourceTree,
  edges: readonly ImportEdge[],
  architecture: Architecture,
): Generator<string> {
  for (const path of tree.keys()) {
    if (!(moduleOf(path, architecture) in architecture.arrows)) yield `${path} is in no module of the table`;
  }
  for (const { from, to, external, kind } of edges) {
    if (external) continue;
    if (architecture.typesOnly.includes(to)) {
      if (kind !== 'type') yield `${from} imports more than types of ${to}`;
      continue;
    }
    const [here, there] = [moduleOf(from, architecture), moduleOf(to, architecture)];
    const mayImport = architecture.arrows[here] ?? [];
    const allowed =
      here === there ||
      mayImport.includes(there) ||
      (kind === 'type' && architecture.typesOf[here]?.includes(there) === true) ||
      mayImport.includes(to) ||
      [to, there].some((each) => architecture.anyModuleMayImport.includes(each));
    if (!allowed)
      yield `${from} imports ${to}, but ${here} may import only: ${mayImport.join(', ') || 'nothing'}`;
  }
}

function* packageViolations(edges: readonly ImportEdge[], architecture: Architecture): Generator<string> {
  for (const { from, to, external } of edges) {
    if (!external) continue;
    const here = moduleOf(from, architecture);
    const modules = architecture.packageModules[to];
    if (modules !== undefined && !modules.includes(here))
      yield `${from} imports ${to}, which only ${modules.join(', ')} may`;
    if (architecture.noPackages.includes(here))
      yield `${from} imports ${to}, but ${here} imports no packages`;
  }
}

function* heavyViolations(
  tree: SourceTree,
  edges: readonly ImportEdge[],
  architecture: Architecture,
): Generator<string> {
  for (const command of tree.keys()) {
    if (moduleOf(command, architecture) !== 'commands') continue;
    const reached = staticallyReached(edges, command);
    for (const heavy of architecture.heavyPackages) {
      const chain = reached.get(heavy);
      if (chain !== undefined) yield `starting ${command} loads ${heavy}: ${chain.join(' → ')}`;
    }
  }
}

function* sizeViolations(tree: SourceTree, architecture: Architecture): Generator<string> {
  for (const [path, text] of tree) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    const limit = architecture.maxLines.find(([prefix]) => path.startsWith(prefix))?.[1];
    if (limit !== undefined && lines > limit) yield `${path} has ${lines} lines; at most ${limit} are wanted`;
  }
}

function* nameViolations(tree: SourceTree, architecture: Architecture): Generator<string> {
  for (const path of tree.keys()) {
    const names = path.replace(/\.\w+$/, '').split('/');
    const empty = names.find((name) => architecture.emptyNames.includes(name));
    if (empty !== undefined) yield `${path}: "${empty}" does not say what is inside`;
  }
}

function* folderViolations(tree: SourceTree, { maxFiles }: Architecture): Generator<string> {
  const files = new Map<string, number>();
  for (const path of tree.keys()) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    files.set(folder, (files.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of files)
    if (count > maxFiles) yield `${folder} holds ${count} files; at most ${maxFiles} are wanted`;
}
