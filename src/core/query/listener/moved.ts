/**
 * What moved for a user since another snapshot: by which items are near and recommended there, which can be compared, where
 * vectors of two trainings cannot.
 */
import type { Count, ItemRecord, Pairs, SnapshotId, TaskContext } from '../../contracts.js';
import type { FeedbackOptions } from '../../feedback/follow-ledger.js';
import { Closers } from '../../closers.js';
import { AppError } from '../../errors.js';
import { unitOf } from '../../search/weighted-direction.js';
import { trainedKind } from '../../snapshot/layout.js';
import { membersOf } from '../../snapshot/members-of.js';
import { openForReading, type OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { publishedBefore, readHistory } from '../../snapshot/publication-log.js';
import { readCurrent } from '../../snapshot/resolve-reference.js';
import { hasVectors } from '../../snapshot/scorer.js';
import { openNeighbours, type OpenNeighbours } from '../open-neighbours.js';
import { openRecommender, type Recommender } from '../open-recommender.js';
import { openUserVectors } from '../user-vectors.js';

/** How many are compared. */
const compared = 20;

/** Of two lists of the first 20 items, those that both have. */
export interface Overlap {
  readonly same: Count;
  /** Items of the longer list. */
  readonly of: Count;
}

export interface MovedTaste {
  /** The snapshot that is compared with. */
  readonly since: SnapshotId;
  /** Of the items nearest to the user's vector; null where one of the models has no vectors. */
  readonly nearest: Overlap | null;
  /** Of their recommendations. */
  readonly recommendations: Overlap & {
    readonly entered: readonly ItemRecord[];
    readonly left: readonly ItemRecord[];
  };
}

/** What one snapshot has for a user. */
export interface Surroundings {
  /** Nearest items, the nearest first; undefined for a model without vectors. */
  readonly nearest: readonly ItemRecord[] | undefined;
  readonly recommended: readonly ItemRecord[];
}

/** @param vector the user's, where the model has vectors */
export async function surroundingsOf(
  recommender: Recommender,
  neighbours: OpenNeighbours,
  history: Pairs,
  vector: Float32Array | undefined,
  context: TaskContext,
): Promise<Surroundings> {
  const catalogue = recommender.catalogue();
  const record = ({ row }: { readonly row: number }): ItemRecord => catalogue.record(trainedKind, row);
  const kind = recommender.kind();
  const limits = { k: compared, includeHeard: false, excluded: new Uint32Array(0) };
  const { all } = kind.exclusions.of(history, limits);
  const ranked = kind.best(history, all, { ...limits, among: undefined, cap: undefined });
  const hasDirection = vector?.some((x) => x !== 0) === true;
  const nearest = hasDirection
    ? (await neighbours.among(trainedKind, true, context)).search.best(unitOf(vector), compared, [])
    : undefined;
  return { nearest: nearest?.map(record), recommended: ranked.map(record) };
}

/**
 * What was current before a snapshot that is; for any other what is current. undefined where there is neither. Of a bundle's
 * member what had its name then.
 */
export function comparedWith(root: string, { id, member }: OpenSnapshot): string | undefined {
  const current = readCurrent(root);
  const named = member?.bundle.id ?? id;
  const since = current === named ? publishedBefore(readHistory(root), current) : current;
  if (since === undefined || member === undefined) return since;
  const members = membersOf(root, since);
  return members.length === 0 ? since : members.find(({ as }) => as === member.as)?.snapshot;
}

/**
 * Opens the snapshot `since` for it. null where that does not know the user, or cannot be read (a warning says so).
 * @param now what the snapshot that is asked has
 */
export async function movedTaste(
  root: string,
  since: string,
  question: FeedbackOptions & { readonly user: string },
  now: Surroundings,
  context: TaskContext,
): Promise<MovedTaste | null> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(root, since, context));
    const recommender = opened.keep(openRecommender(snapshot, { inMemory: false }));
    const neighbours = opened.keep(openNeighbours(snapshot, { inMemory: false }));
    const { user } = question;
    const users = await recommender.users(question);
    const row = users.findRow(user);
    if (row === undefined) return null;
    const history = users.historyOf(row);
    const vectors = hasVectors(snapshot) ? opened.keep(openUserVectors(snapshot)) : undefined;
    const [folded] = vectors?.of([{ user, history }], undefined) ?? [];
    const vector = folded && Float32Array.from(folded.vector);
    const before = await surroundingsOf(recommender, neighbours, history, vector, context);
    const without = (some: readonly ItemRecord[], others: readonly ItemRecord[]): ItemRecord[] => {
      const ids = new Set(others.map(({ id }) => id));
      return some.filter(({ id }) => !ids.has(id));
    };
    const overlap = (a: readonly ItemRecord[], b: readonly ItemRecord[]): Overlap => ({
      same: a.length - without(a, b).length,
      of: Math.max(a.length, b.length),
    });
    return {
      since,
      nearest: before.nearest && now.nearest ? overlap(now.nearest, before.nearest) : null,
      recommendations: {
        ...overlap(now.recommended, before.recommended),
        entered: without(now.recommended, before.recommended),
        left: without(before.recommended, now.recommended),
      },
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'interrupted') throw error;
    const message = `what moved since snapshot ${since} is not known: ${error.message}`;
    context.onProgress({ kind: 'warning', message, suggestions: error.suggestions });
    return null;
  } finally {
    opened.close();
  }
}
