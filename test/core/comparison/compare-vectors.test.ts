import { beforeAll, describe, expect, it } from 'vitest';
import { compareVectors } from '#dist/core/comparison/compare-vectors.js';
import type { ComparedVectors } from '#dist/core/comparison/compare-vectors.js';
import { findKnownItems } from '#dist/core/comparison/known-items.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { matchItems } from '#dist/core/comparison/match-snapshots.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { makeSmallSnapshot, type SmallSnapshot } from '../../helpers/small-snapshot.js';
import { contentOf, idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const directory = temporaryDirectories();

type Vector = readonly number[];
type Item = readonly [string, ...number[]];

const idOf = (at: number): string => `song-${String(at)}`;

function randomVectors(count: number, dim: number, seed: number): Vector[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: dim }, () => random.nextFraction() + random.nextFraction() - 1),
  );
}

const named = (vectors: readonly Vector[]): Item[] => vectors.map((vector, at) => [idOf(at), ...vector]);
const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, f) => sum + x * (b[f] ?? 0), 0);
const cosine = (a: Vector, b: Vector): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const times = (vector: Vector, q: readonly Vector[]): Vector =>
  (q[0] ?? []).map((_, j) => vector.reduce((sum, x, f) => sum + x * q[f]![j]!, 0));

/** Orthogonal, of plane rotations by a few angles. */
function turning(dim: number): Vector[] {
  const q: number[][] = Array.from({ length: dim }, (_, i) =>
    Array.from({ length: dim }, (__, j) => (i === j ? 1 : 0)),
  );
  for (let i = 0; i + 1 < dim; i++) {
    const [c, s] = [Math.cos(1 + i), Math.sin(1 + i)];
    for (const row of q)
      [row[i], row[i + 1]] = [c * row[i]! - s * row[i + 1]!, s * row[i]! + c * row[i + 1]!];
  }
  return q;
}

async function compare(
  a: SmallSnapshot,
  b: SmallSnapshot,
  { most = 5, threads = 1, idOfB = idB } = {},
): Promise<ComparedVectors | null> {
  const root = directory();
  await makeSmallSnapshot(root, idA, a);
  await makeSmallSnapshot(root, idOfB, b);
  const [sideA, sideB] = [
    await openForReading(root, idA, listening()),
    await openForReading(root, idOfB, listening()),
  ];
  try {
    const items = findKnownItems(sideA, sideB, await matchItems(sideA, sideB));
    return await compareVectors({ a: sideA, b: sideB, items, most, threads }, listening());
  } finally {
    sideA.close();
    sideB.close();
  }
}

const vectors = randomVectors(60, 6, 1);
const q = turning(6);

describe('compareVectors', () => {
  it('finds a planted rotation: cosines of 1, nothing left over, nobody moved', async () => {
    const b = vectors.map((vector) => times(vector, q));
    const found = await compare({ items: named(vectors) }, { items: named(b).toReversed() });
    expect(found?.drift).toMatchObject({ aligned: 'rotation', items: 60 });
    expect(found!.drift.meanCosine).toBeCloseTo(1, 9);
    expect(found!.drift.p10Cosine).toBeCloseTo(1, 9);
    expect(found!.drift.residual).toBeLessThan(1e-5);
    expect(found!.movedMost).toEqual([]);
    const vector = Float32Array.from(vectors[3]!);
    [...found!.align(vector)].forEach((x, f) => expect(x).toBeCloseTo(b[3]![f]!, 5));
  });

  it('names what moved against it, and measures what the true rotation leaves where noise is small', async () => {
    const noise = randomVectors(60, 6, 2);
    const b: Vector[] = vectors.map((vector, at) =>
      times(vector, q).map((x, f) => x + 0.05 * noise[at]![f]!),
    );
    b[7] = b[7]!.map((x) => -x);
    b[30] = randomVectors(1, 6, 9)[0]!;
    const found = await compare({ items: named(vectors) }, { items: named(b) });
    const naive = vectors.map((vector, at) => cosine(times(vector, q), b[at]!));
    const [most, second] = found!.movedMost;
    expect([most!.rowB, second!.rowB]).toEqual([7, 30]);
    expect(most!.cosine).toBeLessThan(-0.95);
    const mean = naive.reduce((sum, value) => sum + value, 0) / naive.length;
    // No rotation gives a larger mean, and the true one is near to the best.
    expect(found!.drift.meanCosine).toBeGreaterThanOrEqual(mean - 1e-6);
    expect(found!.drift.meanCosine).toBeCloseTo(mean, 2);
    const turned = vectors.map((vector) => [...found!.align(Float32Array.from(vector))]);
    const byHand = turned.map((vector, at) => cosine(vector, b[at]!));
    byHand.forEach((value, at) => expect(found!.cosines[at]).toBeCloseTo(value, 5));
    expect(found!.drift.p10Cosine).toBeCloseTo(byHand.toSorted((x, y) => x - y)[5]!, 5);
    const left = turned.reduce((sum, vector, at) => {
      const apart = vector.map((x, f) => x - b[at]![f]!);
      return sum + dot(apart, apart);
    }, 0);
    const whole = b.reduce((sum, vector) => sum + dot(vector, vector), 0);
    expect(found!.drift.residual).toBeCloseTo(Math.sqrt(left / whole), 5);
  });

  it('is the same from the other side, but for the residual’s measure', async () => {
    const b = vectors.map((vector, at) => times(vector, q).map((x, f) => x + 0.3 * vectors[59 - at]![f]!));
    const there = await compare({ items: named(vectors) }, { items: named(b) });
    const back = await compare({ items: named(b) }, { items: named(vectors) });
    expect(back!.drift.meanCosine).toBeCloseTo(there!.drift.meanCosine, 6);
    expect(back!.drift.p10Cosine).toBeCloseTo(there!.drift.p10Cosine, 6);
    expect(back!.movedMost.map(({ rowB }) => rowB)).toEqual(there!.movedMost.map(({ rowB }) => rowB));
  });

  it('sees no change where all vectors grow: directions are compared, and the residual tells', async () => {
    const b = vectors.map((vector) => times(vector, q).map((x) => 1.5 * x));
    const { drift } = (await compare({ items: named(vectors) }, { items: named(b) }))!;
    expect(drift.meanCosine).toBeCloseTo(1, 9);
    expect(drift.residual).toBeCloseTo(1 / 3, 5);
  });

  it('compares vectors of one basis as they are', async () => {
    const b = vectors.map((vector) => times(vector, q));
    const content = { basis: idA };
    const { drift, cosines, align } = (await compare(
      { items: named(vectors) },
      { items: named(b), content: { ...contentOf(idB), ...content } },
    ))!;
    expect(drift.aligned).toBe('direct');
    vectors.forEach((vector, at) => expect(cosines[at]).toBeCloseTo(cosine(vector, b[at]!), 5));
    expect(align(Float32Array.of(1, 2))).toEqual(Float32Array.of(1, 2));
  });

  it.each([
    [3, 6],
    [6, 3],
    [12, 9],
  ])('fills the narrower of two widths up with zeros: %i and %i', async (dimA, dimB) => {
    const narrow = Math.min(dimA, dimB);
    const low = randomVectors(40, narrow, 4);
    const widened = (dim: number): Vector[] =>
      low.map((vector) =>
        dim === narrow
          ? vector
          : times([...vector, ...new Array<number>(dim - narrow).fill(0)], turning(dim)),
      );
    const found = await compare({ items: named(widened(dimA)) }, { items: named(widened(dimB)) });
    expect(found!.drift.meanCosine).toBeCloseTo(1, 9);
    expect(found!.drift.residual).toBeLessThan(1e-5);
  });

  it('has the same bits at 1 and 3 threads', async () => {
    const many = randomVectors(5000, 5, 3);
    const b = many.map((vector, at) =>
      times(vector, turning(5)).map((x, f) => x + 0.2 * many[4999 - at]![f]!),
    );
    const at = (threads: number): Promise<ComparedVectors | null> =>
      compare({ items: named(many) }, { items: named(b) }, { threads });
    const [one, three] = [await at(1), await at(3)];
    expect({ ...three, align: undefined }).toEqual({ ...one, align: undefined });
  });
});

describe('what has no direction', () => {
  const zero = [0, 0, 0, 0, 0, 0];

  it('is left out, whichever side it is on', async () => {
    const b = vectors.map((vector) => times(vector, q));
    const a = vectors.with(0, zero).with(2, zero);
    const found = await compare({ items: named(a) }, { items: named(b.with(1, zero).with(2, zero)) });
    expect(found!.drift.items).toBe(57);
    expect(found!.drift.meanCosine).toBeCloseTo(1, 9);
    expect([...found!.cosines.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
  });

  it('gives no drift at all where nothing has one, or where no item is in both', async () => {
    const zeros = vectors.map(() => zero);
    expect(await compare({ items: named(vectors) }, { items: named(zeros) })).toBeNull();
    const others = vectors.map((vector, at): Item => [`other-${String(at)}`, ...vector]);
    expect(await compare({ items: named(vectors) }, { items: others })).toBeNull();
  });

  it('is not needed for a single item: any rotation brings it where it was', async () => {
    const found = await compare({ items: [['one', 3, 4]] }, { items: [['one', -5, 0]] });
    expect(found!.drift).toMatchObject({ items: 1, aligned: 'rotation' });
    expect(found!.drift.meanCosine).toBeCloseTo(1, 9);
  });
});

describe('well known items', () => {
  let found: ComparedVectors;

  beforeAll(async () => {
    // Items 0 … 29 have 5 users and follow the rotation; the others have none and do not.
    const rows = Array.from({ length: 30 }, (_, row) => row);
    const users = new Map(Array.from({ length: 5 }, (_, u) => [`user-${String(u)}`, rows]));
    const wild = randomVectors(60, 6, 8);
    const b = vectors.map((vector, at) => (at < 30 ? times(vector, q) : wild[at]!));
    const result = await compare({ items: named(vectors), users }, { items: named(b), users });
    found = result!;
  });

  it('decide the rotation, and what is reported', () => {
    expect(found.drift.items).toBe(30);
    expect(found.drift.meanCosine).toBeCloseTo(1, 9);
    expect(found.movedMost).toEqual([]);
  });

  it('are not the only ones with a cosine', () => expect(found.cosines[45]).toBeLessThan(0.99));
});
