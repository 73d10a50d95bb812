/** What `similar` is asked: items, artists and albums by name, added up by their weights, and a vector from elsewhere. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { Asked } from '../options/option.js';
import type { similarQuery } from '../options/queries.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { openUnitVectors, type UnitVectors } from '../search/unit-vectors.js';
import { unitOf, weightedDirection, type WeightedVector } from '../search/weighted-direction.js';
import { findEntity, recordOf, type Entity } from './find-entities.js';
import type { Kind } from '../snapshot/kinds.js';
import { whyNoNeighbours } from '../snapshot/item-item.js';
import { kindFiles } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import type { Catalogue } from '../store/catalogue.js';
import type { VectorOwner } from './owned-vector.js';

/** Weights are in the order of `items`, `minus` and `vector`; the later ones may be left out, as 1. */
type SimilarQueryOptions = Pick<Asked<typeof similarQuery.options>, 'items' | 'minus' | 'weights' | 'vector'>;

export interface SimilarQuery {
  readonly plus: readonly ItemRecord[];
  readonly minus: readonly ItemRecord[];
  /** Whose vector was given, where one was. */
  readonly owner: VectorOwner | undefined;
  readonly direction: Float32Array;
  /** Rows, of the kind that is looked among, of the entities that are asked about. */
  readonly asked: readonly number[];
}

/** AppError 'bad-usage' where nothing is named. */
export function requireItemsOrVector({ items, vector }: Pick<SimilarQueryOptions, 'items' | 'vector'>): void {
  if (items.length > 0 || vector !== undefined) return;
  throw new AppError('bad-usage', 'no item is named', {
    suggestions: ['name an ITEM, or give a vector: `vector` FILE'],
  });
}

/**
 * Finds what is named and adds it up.
 *
 * @param search among the rows of `kind`
 * @throws AppError 'bad-usage' for weights that do not fit, and where nothing is left of the sum;
 *   'item-without-vector'; what `findEntity` and `readFreeVector` throw
 */
export async function readSimilarQuery(
  vectors: UnitVectorsByKind,
  kind: Kind,
  search: NeighbourSearch,
  options: SimilarQueryOptions,
  context: TaskContext,
): Promise<SimilarQuery> {
  const weights = weightsOf(options);
  const { snapshot, catalogue } = vectors;
  const find = (query: string): Entity => findEntity(snapshot, catalogue, query, kind);
  const plus = options.items.map(find);
  const minus = options.minus.map(find);
  const terms: WeightedVector[] = [...plus, ...minus].map((entity, at) => {
    const unit = vectors.unitOf(entity, entity.kind === kind ? search : vectors.of(entity.kind));
    return { unit, weight: weights[at]! };
  });
  let owner: VectorOwner | undefined;
  if (options.vector !== undefined) {
    requireVectors(snapshot, 'there is nothing to compare a vector with');
    const { readOwnedVector } = await import('./owned-vector.js');
    const read = await readOwnedVector(options.vector, snapshot, search.dim, context);
    owner = read.owner;
    terms.push({ unit: unitOf(read.values), weight: weights[terms.length]! });
  }
  const direction = weightedDirection(terms);
  if (direction === undefined) throw nothingLeft();
  return {
    plus: plus.map((entity) => recordOf(catalogue, entity)),
    minus: minus.map((entity) => recordOf(catalogue, entity)),
    owner,
    direction,
    asked: [...plus, ...minus].filter((entity) => entity.kind === kind).map(({ row }) => row),
  };
}

/** The weight of each term, below 0 for what is taken away. */
function weightsOf({ items, minus, vector, weights = [] }: SimilarQueryOptions): number[] {
  const numVectors = vector === undefined ? 0 : 1;
  const numTerms = items.length + minus.length + numVectors;
  const lengths = new Set([items.length, items.length + minus.length, numTerms]);
  if (weights.length > 0 && !lengths.has(weights.length)) {
    const counts = [...lengths].filter((length) => length > 0).join(' or ');
    throw new AppError(
      'bad-usage',
      `\`weights\` has ${weights.length} number${weights.length === 1 ? '' : 's'}; wanted ${counts}: one for each ITEM, then for each \`minus\`, then for \`vector\``,
      { details: { weights, items: items.length, minus: minus.length } },
    );
  }
  return Array.from({ length: numTerms }, (_, at) => {
    const weight = weights[at] ?? 1;
    if (weight === 0 || !Number.isFinite(weight)) {
      throw new AppError('bad-usage', `\`weights\`: ${weight} is no weight; wanted a number other than 0`);
    }
    const isTaken = at >= items.length && at < items.length + minus.length;
    if (isTaken && weight < 0) {
      throw new AppError(
        'bad-usage',
        `\`weights\`: ${weight} for a \`minus\` would add it; wanted a number above 0`,
        { suggestions: ['name it as an ITEM to add it'] },
      );
    }
    return isTaken ? -weight : weight;
  });
}

/** The unit vectors of every kind: the files of each are opened when the first is asked for. */
export class UnitVectorsByKind {
  readonly snapshot: OpenSnapshot;
  readonly catalogue: Catalogue;
  readonly #opened = new Map<Kind, UnitVectors>();

  constructor(snapshot: OpenSnapshot, catalogue: Catalogue) {
    this.snapshot = snapshot;
    this.catalogue = catalogue;
  }

  of(kind: Kind): UnitVectors {
    let vectors = this.#opened.get(kind);
    if (vectors === undefined) {
      vectors = openUnitVectors(this.snapshot.file(kindFiles[kind].vectors));
      this.#opened.set(kind, vectors);
    }
    return vectors;
  }

  /** From `vectors`, those of its kind. AppError 'item-without-vector'. */
  unitOf(entity: Entity, vectors: Pick<UnitVectors, 'numRows' | 'vectorOf'>): Float32Array {
    const { kind, row } = entity;
    if (row >= vectors.numRows) {
      const what = kind === 'item' ? 'it' : 'any of it';
      throw this.#without(
        entity,
        (name) => `"${name}" is in the catalogue, but nobody played ${what}: it has no vector`,
        [`name another ${kind}, or train on events that have it`],
      );
    }
    const vector = vectors.vectorOf(row);
    if (!Number.isNaN(vector[0])) return vector;
    throw this.#without(entity, (name) => `"${name}" has no neighbours: ${whyNoNeighbours(this.snapshot)}`, [
      `name another ${kind}`,
    ]);
  }

  close(): void {
    for (const vectors of this.#opened.values()) vectors.close();
    this.#opened.clear();
  }

  #without({ kind, row }: Entity, what: (name: string) => string, suggestions: readonly string[]): AppError {
    const { id, name } = this.catalogue.record(kind, row);
    return new AppError('item-without-vector', what(name), { suggestions, details: { id } });
  }
}

function nothingLeft(): AppError {
  return new AppError('bad-usage', 'the subtracted items cancel the others: the query is a zero vector', {
    suggestions: ['subtract fewer items, or others'],
  });
}
