/** Which kinds of entity a snapshot has vectors of: its items, and artists and albums where they were made. */
import { AppError } from '../errors.js';
import { groupedKinds, kindFiles, trainedKind, type GroupedKind, type KindFiles } from './layout.js';
import { numTrained, type Manifest } from './manifest.js';
import { hasVectors } from './scorer.js';

export type Kind = typeof trainedKind | GroupedKind;

/** A kind that a snapshot has, and where: its look-ups are in `snapshotFile.itemStore` under its name. */
export interface FoundKind extends KindFiles {
  readonly name: Kind;
}

/** The artists and albums that a manifest states, in the order of `groupedKinds`. */
export function kindsOf({ model }: Pick<Manifest, 'model'>): {
  readonly name: GroupedKind;
  readonly rows: number;
  readonly vectors: number;
}[] {
  const { kinds = {} } = model;
  return groupedKinds.flatMap((name) => {
    const section = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    return section === undefined ? [] : [{ name, rows: section.rows, vectors: section.vectors }];
  });
}

interface WithManifest {
  readonly id: string;
  readonly manifest: Pick<Manifest, 'model'>;
}

/** The names of all kinds that a snapshot has, items first. */
export function kindNames({ manifest }: WithManifest): Kind[] {
  return [trainedKind, ...kindsOf(manifest).map(({ name }) => name)];
}

/** How many entities of a kind have vectors, or scores: its first rows. */
export function numRanked({ manifest }: { readonly manifest: Manifest }, kind: Kind): number {
  const grouped = kindsOf(manifest).find(({ name }) => name === kind);
  return grouped?.vectors ?? manifest.inputs.interactions.items;
}

/** How many of those were played: items that were added were not. */
export function numPlayed(snapshot: { readonly manifest: Manifest }, kind: Kind): number {
  return kind === trainedKind ? numTrained(snapshot.manifest) : numRanked(snapshot, kind);
}

/** AppError 'missing-part' for a kind that the snapshot has no vectors of: says which command makes them. */
export function requireKind(snapshot: WithManifest, kind: string): FoundKind {
  const kinds = kindNames(snapshot);
  const name = kinds.find((known) => known === kind);
  if (name !== undefined) return { name, ...kindFiles[name] };
  throw new AppError(
    'missing-part',
    `snapshot ${snapshot.id} has no vectors of kind ${JSON.stringify(kind)}; it has: ${kinds.join(', ')}`,
    {
      suggestions: [...waysTo(snapshot, kind), `\`kind\` ${trainedKind}`],
      details: { snapshot: snapshot.id, kind, kinds },
    },
  );
}

function waysTo(snapshot: WithManifest, kind: string): string[] {
  const wanted = groupedKinds.find((known) => known === kind);
  if (wanted === undefined) return [];
  const train = `segue train EVENTS… --items FILE, where FILE has a column ${wanted}, or \`itemColumns\` ${wanted}=NAME says which it is`;
  return [hasVectors(snapshot) ? train : `${train}; without \`model\` it is of one with vectors`];
}
