import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paddedDim } from '#dist/core/compute/factors.js';
import type { Pairs } from '#dist/core/contracts.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { preferred, weightUnits } from '#dist/core/numeric/pairs.js';
import { foldInOne, type FoldInModel } from '#dist/core/models/folding/fold-in.js';
import { meanFold } from '#dist/core/models/folding/mean-fold.js';
import { emptyHistory } from '#dist/core/histories/opinions.js';
import { equationParts } from '#dist/core/models/folding/score-parts.js';
import type { VectorFile } from '#dist/core/compute/vector-file.js';
import { inner, matrix, solve, type Matrix } from '../../../helpers/dense.js';

const numItems = 30;
const weights = {
  weighting: { f: { kind: 'linear', alpha: 1 } as const, cap: Infinity, itemDiscount: 0, userDiscount: 0 },
  scale: { meanItems: 1, meanPlays: 1, itemFactor: undefined },
  decay: undefined,
};

interface World {
  readonly model: FoldInModel;
  readonly items: Matrix;
  readonly vectors: Pick<VectorFile, 'readRowsInto'>;
}

function worldOf(dim: number, beta: 0 | 1, seed: number): World {
  const random = seededRandom(seed);
  const items = matrix(numItems, dim, () => Math.fround(random.nextFraction() - 0.4));
  const eigenvalues = Float64Array.from({ length: dim }, () => 5 * random.nextFraction());
  const equations = { reg: 0.02, regExponent: 1, unobservedWeight: beta === 1 ? 1 : 0.1, beta };
  return {
    model: { dim, numItems, eigenvalues, equations, weights },
    items,
    vectors: {
      readRowsInto(workspace, address, rows) {
        Array.from(rows).forEach((row, at) => {
          workspace.f32(address + at * paddedDim(dim) * 4, dim).set(items[row]!);
        });
      },
    },
  };
}

/** [item row, weight; negative: a dislike; 0: a ban]. */
type Told = readonly (readonly [number, number])[];

function historyOf(told: Told): Pairs {
  const sorted = [...told].sort(([a], [b]) => a - b);
  return {
    ...emptyHistory(numItems),
    indptr: Uint32Array.of(0, sorted.length),
    item: Uint32Array.from(sorted, ([row]) => row),
    weight: BigInt64Array.from(sorted, ([, w]) => BigInt(Math.abs(w)) * weightUnits),
    count: new Uint32Array(sorted.length).fill(1),
    lastAt: new BigInt64Array(sorted.length),
    flags: Uint8Array.from(sorted, ([, w]) => (w < 0 ? 0 : preferred)),
  };
}

/** A₀ and Σ |w|·yyᵀ over those of `told` that `count`, in f64; reg goes by all of them. */
function equations({ model, items }: World, told: Told, counts: (w: number) => boolean): Matrix {
  const { dim, eigenvalues, equations: o } = model;
  const reg = o.reg * (told.filter(([, w]) => w !== 0).length + o.unobservedWeight * numItems);
  return matrix(dim, dim, (r, c) =>
    told
      .filter(([, w]) => counts(w))
      .reduce(
        (sum, [row, w]) => sum + Math.abs(w) * items[row]![r]! * items[row]![c]!,
        r === c ? o.unobservedWeight * eigenvalues[r]! + reg : 0,
      ),
  );
}

/** The sum of (w + β)·y over what is liked. */
function wish({ model, items }: World, told: Told): number[] {
  const sum = new Array<number>(model.dim).fill(0);
  for (const [row, w] of told) {
    if (w > 0) items[row]!.forEach((y, f) => (sum[f]! += (w + model.equations.beta) * y));
  }
  return sum;
}

function partsOf(world: World, told: Told, targets: readonly number[]) {
  const history = historyOf(told);
  const { vector } = foldInOne(world.model, history, world.vectors);
  const { items, of } = equationParts(world.model, history, vector, world.vectors);
  const parts = targets.map((row) => [...of(Float32Array.from(world.items[row]!))]);
  return { items: [...items], parts, vector: [...vector] };
}

const total = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);
const lengthOf = (values: readonly number[]): number => Math.sqrt(inner(values, values));

/** Items once each, with weights from −4 to 9: dislikes, bans and likes. */
const tellings = fc
  .uniqueArray(fc.tuple(fc.nat(numItems - 1), fc.integer({ min: -4, max: 9 })), {
    maxLength: numItems,
    selector: ([row]) => row,
  })
  .map((told): Told => told);

describe('the parts of a score by normal equations', () => {
  it('add up to it, within the residual that it was solved to', () => {
    fc.assert(
      fc.property(
        ...[fc.constantFrom(1, 3, 8, 17), fc.constantFrom<0 | 1>(0, 1), fc.nat(1000), tellings],
        (dim, beta, seed, told) => {
          const world = worldOf(dim, beta, seed);
          const targets = [0, 7, 29];
          const { items, parts, vector } = partsOf(world, told, targets);
          expect(items).toEqual(told.flatMap(([row, w]) => (w === 0 ? [] : [row])).sort((a, b) => a - b));
          targets.forEach((row, t) => {
            const y = world.items[row]!;
            // Of the larger of the sum's terms, since large ones may cancel out.
            const scale = lengthOf(y) * lengthOf(vector) + total(parts[t]!.map(Math.abs));
            expect(Math.abs(total(parts[t]!) - inner(y, vector))).toBeLessThanOrEqual(4e-6 * scale);
          });
        },
      ),
    );
  });

  it('are those of Hu et al. 2008 where nothing is disliked: (w + β) · v·A⁻¹y', () => {
    fc.assert(
      fc.property(
        ...[fc.constantFrom(1, 5, 16), fc.constantFrom<0 | 1>(0, 1), fc.nat(1000), tellings],
        (dim, beta, seed, all) => {
          const told = all.filter(([, w]) => w > 0);
          const world = worldOf(dim, beta, seed);
          const { items, parts } = partsOf(world, told, [4]);
          const a = equations(world, told, () => true);
          items.forEach((row, p) => {
            const w = new Map(told).get(row)!;
            const wanted = (w + beta) * inner(world.items[4]!, solve(a, world.items[row]!));
            expect(parts[0]![p]).toBeCloseTo(wanted, 6);
          });
        },
      ),
    );
  });

  it('of dislikes are, together, what the score is less than without them', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 5, 16), fc.nat(1000), tellings, (dim, seed, told) => {
        const world = worldOf(dim, 1, seed);
        const { items, parts, vector } = partsOf(world, told, [11]);
        const disliked = new Set(told.filter(([, w]) => w < 0).map(([row]) => row));
        const taken = total(parts[0]!.filter((_, p) => disliked.has(items[p]!)));
        const undisliked = solve(
          equations(world, told, (w) => w > 0),
          wish(world, told),
        );
        const change = inner(world.items[11]!, vector) - inner(world.items[11]!, undisliked);
        expect(taken).toBeCloseTo(change, 4);
      }),
    );
  });

  it('of a dislike of what a score is for anyway take away from it', () => {
    const world = worldOf(4, 0, 5);
    const { items, parts } = partsOf(
      world,
      [
        [1, 3],
        [2, -6],
      ],
      [2],
    );
    expect(items).toEqual([1, 2]);
    expect(Math.sign(parts[0]![1]!)).toBe(-Math.sign(parts[0]![0]!));
  });

  it('of a history without a like are 0, and of none at all there are none', () => {
    const world = worldOf(3, 0, 6);
    expect(partsOf(world, [[2, -3]], [1]).parts).toEqual([[0]]);
    expect(partsOf(world, [], [1, 2])).toMatchObject({ items: [], parts: [[], []] });
    expect(partsOf(world, [[5, 0]], [1])).toMatchObject({ items: [], parts: [[]] });
  });

  it('are refused where the equations cannot be solved', () => {
    const { model, vectors } = worldOf(2, 0, 7);
    const nothing = { ...model, eigenvalues: new Float64Array(2), equations: { ...model.equations, reg: 0 } };
    expect(() => equationParts(nothing, historyOf([[1, 1]]), new Float32Array(2), vectors)).toThrow(
      expect.objectContaining({ code: 'diverged' }),
    );
  });
});

it('the parts of a score by a mean are the shares of the weights times the inner products', () => {
  const { items } = worldOf(5, 0, 8);
  const inputs = matrix(numItems, 5, (r, c) => Math.fround(Math.sin(r + 3 * c)));
  const flat = (rows: readonly number[]): Float32Array =>
    Float32Array.from(rows.flatMap((row) => inputs[row]!));
  const fold = meanFold({
    ...{ dim: 5, weights, recency: 0 },
    inputs: {
      some: (rows) => ({ values: flat(Array.from(rows)), stride: 5 }),
      every: () => ({ values: flat([...inputs.keys()]), stride: 5 }),
    },
  });
  const told: Told = [
    [3, 2],
    [9, -1],
    [20, 5],
    [21, 0],
  ];
  const { vectors } = worldOf(5, 0, 8);
  const { vector } = fold.one(historyOf(told), vectors);
  const { items: rows, of } = fold.parts(historyOf(told), vector, vectors);
  expect([...rows]).toEqual([3, 9, 20]);
  for (const target of [1, 4]) {
    const own = [...of(Float32Array.from(items[target]!))];
    [2, -1, 5].forEach((w, p) => {
      expect(own[p]).toBeCloseTo((w / 8) * inner(inputs[[3, 9, 20][p]!]!, items[target]!), 12);
    });
    expect(total(own)).toBeCloseTo(inner(items[target]!, [...vector]), 6);
  }
});
