/** What changes for the users of two snapshots: their recommendations, and what they lose if the halves are mixed. */
import { closing } from '../closers.js';
import type { Count, Share, TaskContext, Text } from '../contracts.js';
import { agreements, isAmong, rankBiasedOverlap, type RankedSide } from '../numeric/rank-biased-overlap.js';
import type { RankedRow } from '../numeric/top-k.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { MatchedRows } from './match-ids.js';
import { persistence } from './neighbour-overlap.js';
import { historyQuality, historyMeasure, rankedForQuality } from './history-quality.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readSampled, sampleUsers, type SampledSide } from './sampled-users.js';
import type { ComparedVectors } from './compare-vectors.js';
import { openRanker } from '../query/open-scorer.js';
import { openVectorRanking, type VectorRanking } from './vector-ranking.js';
import { sampledUsers, sampleSize } from './sample-size.js';

/** Recommendations whose overlap is reported, and as many as rank-biased overlap looks at. */
const k = 10;
const depth = 50;
/** Users between two reports of progress. */
const reportEvery = 256;
/** What a place's score may miss and still be reached, as a share of the list's largest. */
const tolerance = 1e-6;

export interface ChangedUser {
  readonly rowA: number;
  /** 0 … 1 */
  readonly overlap: Share;
  /** Of their vectors, A's aligned with B; null where there are none. */
  readonly cosine: number | null;
  /** Rows of A that stood in the top 10, and rows of B that stand in it now, best first. */
  readonly gone: readonly number[];
  readonly came: readonly number[];
}

export interface ComparedRecommendations {
  readonly users: number;
  readonly overlap: number;
  readonly rbo: number;
  /** By overlap, then cosine, then row of A; unchanged ones left out. */
  readonly changedMost: readonly ChangedUser[];
}

export interface Skew {
  readonly users: Count;
  readonly measure: Text;
  /** Users of B with items of B: as it should be. */
  readonly matched: Share;
  /** Users of A with items of B, as they are. */
  readonly mixed: Share;
  /** Users of A, aligned by the best rotation, with items of B; null where they are of one basis. */
  readonly rotated: number | null;
  /**
   * 1 − mixed / matched.
   * @maximum 1
   */
  readonly lost: number;
}

export interface ComparedUsers {
  readonly recommendations: ComparedRecommendations | null;
  readonly skew: Skew | null;
}

export interface CompareUsersOptions {
  readonly a: OpenSnapshot;
  readonly b: OpenSnapshot;
  readonly items: MatchedRows;
  /** Undefined where one of the snapshots has none. */
  readonly users: MatchedRows | undefined;
  readonly vectors: ComparedVectors | null;
  /** How many users to ask; by default 500, fewer where there are very many items. */
  readonly sample: number | undefined;
  readonly threads: number;
}

/** Null where there is nobody whom both snapshots know, or nothing to compare. */
export async function compareUsers(
  { a, b, items, users, vectors, sample = defaultSample(a, b), threads }: CompareUsersOptions,
  context: TaskContext,
): Promise<ComparedUsers> {
  if (users === undefined || users.numCommon === 0) return { recommendations: null, skew: null };
  const { rowsA, rowsB } = sampleUsers(users, sample);
  const [sideA, sideB] = [readSampled(a, rowsA), readSampled(b, rowsB)];
  const askedA = await openAsked(a, sideA, threads, context);
  const listsA = await askedA.recommend().finally(() => askedA.close());
  return closing(await openAsked(b, sideB, threads, context), async (askedB) => {
    const listsB = await askedB.recommend();
    return {
      recommendations: compareLists(sideA, sideB, listsA, listsB, items, vectors),
      skew: await measureSkew(askedB.ranking, sideA, sideB, vectors),
    };
  });
}

function defaultSample(a: OpenSnapshot, b: OpenSnapshot): number {
  const sizes = [a, b].map(({ manifest: { inputs, model } }) =>
    sampleSize(sampledUsers, inputs.interactions.items, model.dim),
  );
  return Math.min(...sizes);
}

interface Asked {
  /** By user: the best items that are not in their history, by the vectors that are stored of them or by their histories. */
  recommend(): Promise<readonly (readonly RankedRow[])[]>;
  /** Undefined where users have no vectors. */
  readonly ranking: VectorRanking | undefined;
  close(): Promise<void>;
}

async function openAsked(
  snapshot: OpenSnapshot,
  { histories, vectors }: SampledSide,
  threads: number,
  context: TaskContext,
): Promise<Asked> {
  const phase = `recommending from ${snapshot.id}`;
  if (vectors !== undefined) {
    const most = Math.max(depth, rankedForQuality);
    const path = snapshot.file(snapshotFile.itemVectors);
    const ranking = openVectorRanking(path, most, threads, phase, context);
    const seen = (u: number): Uint32Array =>
      histories.item.subarray(histories.indptr[u] ?? 0, histories.indptr[u + 1] ?? 0);
    return {
      ranking,
      async recommend() {
        const lists = await ranking.best(vectors, depth, seen);
        // All items are alike to someone without a taste.
        return lists.map((list, u) => (vectors[u]?.some((x) => x !== 0) === true ? list : []));
      },
      close: () => ranking.close(),
    };
  }
  const ranker = await openRanker(snapshot, threads, context);
  return {
    ranking: undefined,
    async recommend() {
      const lists: (readonly RankedRow[])[] = [];
      await ranker.rank(histories, depth, (_, list) => {
        lists.push(list);
        if (lists.length % reportEvery > 0) return;
        const done = lists.length;
        context.onProgress({ kind: 'step', phase, done, total: histories.numUsers, unit: 'users' });
      });
      return lists;
    },
    close: () => ranker.close(),
  };
}

function compareLists(
  sideA: SampledSide,
  sideB: SampledSide,
  listsA: readonly (readonly RankedRow[])[],
  listsB: readonly (readonly RankedRow[])[],
  { rowInA, rowInB }: MatchedRows,
  vectors: ComparedVectors | null,
): ComparedRecommendations | null {
  const changed: ChangedUser[] = [];
  let [users, overlaps, rbos] = [0, 0, 0];
  for (const [u, rowA] of sideA.rows.entries()) {
    const [listA, listB] = [listsA[u] ?? [], listsB[u] ?? []];
    const [a, b] = [rankedSide(listA, listB, rowInB), rankedSide(listB, listA, rowInA)];
    const agreement = agreements(a, b);
    const size = Math.min(k, agreement.length);
    const overlap = agreement[size - 1];
    if (overlap === undefined) continue;
    users++;
    overlaps += overlap;
    rbos += rankBiasedOverlap(agreement, persistence);
    if (overlap === 1) continue;
    const cosine = cosineOf(vectors?.align(sideA.vectors?.[u] ?? none), sideB.vectors?.[u]);
    changed.push({
      rowA,
      overlap,
      cosine,
      gone: missing(listA, a, b, size),
      came: missing(listB, b, a, size),
    });
  }
  if (users === 0) return null;
  changed.sort(
    (one, other) =>
      one.overlap - other.overlap || (one.cosine ?? 0) - (other.cosine ?? 0) || one.rowA - other.rowA,
  );
  return { users, overlap: overlaps / users, rbo: rbos / users, changedMost: changed };
}

const none = new Float32Array(0);

/** What is not in the other list has no score there, whether it fell below its end, was a seen item, or is not in the catalogue. */
function rankedSide(
  list: readonly RankedRow[],
  other: readonly RankedRow[],
  rowInOther: Int32Array,
): RankedSide {
  const scores = new Map(other.map(({ row, score }) => [row, score]));
  return {
    scores: list.map(({ score }) => score),
    elsewhere: list.map(({ row }) => scores.get(rowInOther[row] ?? -1) ?? Number.NaN),
    tolerance: tolerance * Math.abs(list[0]?.score ?? 0),
  };
}

function missing(list: readonly RankedRow[], side: RankedSide, other: RankedSide, size: number): number[] {
  return list
    .slice(0, size)
    .flatMap(({ row }, at) => (isAmong(side.elsewhere[at] ?? 0, other, size) ? [] : row));
}

function cosineOf(a: Float32Array | undefined, b: Float32Array | undefined): number | null {
  if (a === undefined || b === undefined) return null;
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [f, x] of a.entries()) {
    product += x * (b[f] ?? 0);
    squaresA += x * x;
  }
  for (const y of b) squaresB += y * y;
  const norms = Math.sqrt(squaresA * squaresB);
  return norms === 0 ? null : product / norms;
}

/** How well B's items suit the users of B, and those of A; null where there are no vectors of one width, or nobody's history. */
async function measureSkew(
  itemsOfB: VectorRanking | undefined,
  sideA: SampledSide,
  sideB: SampledSide,
  vectors: ComparedVectors | null,
): Promise<Skew | null> {
  const [ofA, ofB] = [sideA.vectors, sideB.vectors];
  if (itemsOfB === undefined || vectors === null || ofA === undefined || ofB === undefined) return null;
  if (ofA[0]?.length !== ofB[0]?.length) return null;
  const quality = async (queries: readonly Float32Array[]): Promise<ReturnType<typeof historyQuality>> =>
    historyQuality(await itemsOfB.best(queries, rankedForQuality), sideB.histories);
  const matched = await quality(ofB);
  if (matched.users === 0 || matched.mean === 0) return null;
  const mixed = await quality(ofA);
  const isTurned = vectors.drift.aligned === 'rotation';
  return {
    users: matched.users,
    measure: historyMeasure,
    matched: matched.mean,
    mixed: mixed.mean,
    rotated: isTurned ? (await quality(ofA.map((vector) => vectors.align(vector)))).mean : null,
    lost: 1 - mixed.mean / matched.mean,
  };
}
