/** How what a user played of late differs from all of it: their vector with a half-life beside the one without. */
import type { Cosine, ItemRecord, Pairs, TaskContext, Text } from '../../contracts.js';
import { parseHalfLife, type Decay } from '../../models/folding/decay.js';
import { innerProduct } from '../../models/folding/score-parts.js';
import { isTime } from '../../numeric/pairs.js';
import type { NeighbourSearch } from '../../search/neighbour-search.js';
import { unitOf } from '../../search/weighted-direction.js';
import { kindNames } from '../../snapshot/kinds.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { OpenNeighbours } from '../open-neighbours.js';
import type { OpenUserVectors } from '../user-vectors.js';

/** The nearest to either vector that are compared. */
const compared = 50;

/** An item or artist, and its cosine to the two vectors. */
export type Shift = ItemRecord & { readonly before: Cosine; readonly after: Cosine };

export interface Shifts {
  /** What the recent vector is nearer to, by most first. */
  readonly gaining: readonly Shift[];
  readonly losing: readonly Shift[];
}

export interface RecentTaste {
  /** @exclusiveMinimum 0 */
  readonly halfLifeMs: number;
  /** The user's latest event, from which ages count; ISO 8601. */
  readonly asOf: Text;
  /** Cosine of the two vectors. */
  readonly similarity: Cosine;
  readonly items: Shifts;
  /** Where the snapshot has artists. */
  readonly artists?: Shifts;
}

/** The parts of an open snapshot that are asked. */
export interface VectorSources {
  readonly snapshot: OpenSnapshot;
  readonly neighbours: OpenNeighbours;
  readonly vectors: OpenUserVectors;
}

/**
 * Beside `lifetime`, the vector as the model folds the history in. By default the half-life is a quarter of the time between
 * the first and the latest of the items' latest events. null without two times, and where a vector has no direction.
 */
export async function recentTaste(
  { snapshot, neighbours, vectors }: VectorSources,
  history: Pairs,
  lifetime: Float32Array,
  { k, halfLife }: { readonly k: number; readonly halfLife?: string | undefined },
  context: TaskContext,
): Promise<RecentTaste | null> {
  const decay = recentDecay(history, halfLife);
  if (history.vector !== undefined || decay === undefined) return null;
  const [folded] = vectors.of([{ user: null, history }], decay);
  if (folded === undefined || folded.vector.every((x) => x === 0)) return null;
  const [before, after] = [unitOf(lifetime), unitOf(Float32Array.from(folded.vector))];
  const shiftsOf = async (kind: 'item' | 'artist'): Promise<Shifts> => {
    const { search } = await neighbours.among(kind, true, context);
    return shiftsAmong(search, before, after, k, (row) => neighbours.catalogue.record(kind, row));
  };
  return {
    halfLifeMs: decay.halfLifeMs,
    asOf: new Date(decay.asOfMs).toISOString(),
    similarity: innerProduct(before, 0, after, before.length),
    items: await shiftsOf('item'),
    ...(kindNames(snapshot).includes('artist') ? { artists: await shiftsOf('artist') } : {}),
  };
}

function recentDecay({ lastAt, weight }: Pairs, halfLife: string | undefined): Decay | undefined {
  const asked = halfLife === undefined ? undefined : parseHalfLife(halfLife);
  // A ban weighs nothing, and its time is that of no play.
  const times = [...lastAt].filter((at, p) => isTime(at) && weight[p]! > 0n).map(Number);
  const asOfMs = times.reduce((latest, at) => Math.max(latest, at), -Infinity);
  const span = asOfMs - times.reduce((first, at) => Math.min(first, at), Infinity);
  if (!(span > 0) || Number.isNaN(new Date(asOfMs).getTime())) return undefined;
  return { halfLifeMs: asked ?? span / 4, asOfMs };
}

/** Of the 50 nearest to either vector, those whose cosine to the second is larger, or smaller, by most. */
function shiftsAmong(
  search: NeighbourSearch,
  before: Float32Array,
  after: Float32Array,
  k: number,
  recordOf: (row: number) => ItemRecord,
): Shifts {
  const rows = new Set(
    [before, after].flatMap((unit) => search.best(unit, compared, []).map((one) => one.row)),
  );
  const shifts = [...rows]
    .sort((a, b) => a - b)
    .map((row) => {
      const unit = search.vectorOf(row);
      const cosine = (to: Float32Array): number => innerProduct(unit, 0, to, unit.length);
      return { row, before: cosine(before), after: cosine(after) };
    })
    .sort((a, b) => b.after - b.before - (a.after - a.before));
  const said = (some: typeof shifts): Shift[] =>
    some.slice(0, k).map(({ row, ...cosines }) => ({ ...recordOf(row), ...cosines }));
  return {
    gaining: said(shifts.filter((one) => one.after > one.before)),
    losing: said(shifts.filter((one) => one.after < one.before).reverse()),
  };
}
