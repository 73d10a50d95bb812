import { featureTable } from '#dist/core/tables/grown-column.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EpochReport, ItemColumn, Pairs, Progress, RankedItem } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { FittedModel, ModelOptions, ModelPlan } from '#dist/core/models/model.js';
import { openInnerProductRanker } from '#dist/core/models/open-ranker.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { usersAt, usersOf } from '#dist/core/numeric/split-pairs.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { normalEquationsFold } from '#dist/core/models/folding/user-fold.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';
import { readUserVectors } from '../../../helpers/user-vectors.js';

const als = findModel('als');
const numItems = 50;
const pairs = pairsOf(plantedEntries(1500, numItems, { perUser: 8, dislikes: 0.1 }), numItems);
/** Of items by threes; of one nothing is known. */
const columns: readonly ItemColumn[] = [
  { name: 'name', type: 'text', values: Array.from({ length: numItems }, (_, i) => `Song ${i}`) },
  {
    ...{ name: 'artist', type: 'text' },
    values: Array.from({ length: numItems }, (_, i) => (i === 7 ? null : `Artist ${i % 3}`)),
  },
];
const context = { signal: new AbortController().signal, onProgress: () => undefined };

let fitted: FittedModel | undefined;
afterEach(async () => {
  await fitted?.close();
  fitted = undefined;
});

async function fit(given: Record<string, number | string> = {}, threads = 1): Promise<FittedModel> {
  const options = resolveOptions(als, { factors: 7, epochs: 3, ...given });
  fitted = await als.plan({ pairs }, options, 42).fit({ threads, clock: () => 0, context });
  return fitted;
}

async function rankingsOf(
  model: Pick<FittedModel, 'rank'>,
  histories: Pairs,
  k: number,
): Promise<RankedItem[][]> {
  const rankings: RankedItem[][] = [];
  await model.rank(histories, k, (user, items) => {
    expect(user).toBe(rankings.length);
    rankings.push([...items]);
  });
  return rankings;
}

/** The vectors of a model's item.npy, as rows. */
function itemRows(model: FittedModel, dim: number): number[][] {
  const [, chunks] = [...model.files()].find(([name]) => name === 'itemVectors')!;
  const bytes = Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));
  const values = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + bytes.length - 4 * dim * numItems, bytes.byteOffset + bytes.length),
  );
  return Array.from({ length: numItems }, (_, i) => [...values.subarray(i * dim, (i + 1) * dim)]);
}

describe('the als model', () => {
  it('resolves what is resolved to itself, λ that the data will say included', () => {
    const cases: readonly (readonly [given: ModelOptions, options: ModelOptions])[] = [
      [{}, { 'unobserved-ratio': 20, reg: 'auto' }],
      [{ reg: 0.02 }, { 'unobserved-ratio': 20, reg: 0.02 }],
      [{ 'unobserved-ratio': 5 }, { 'unobserved-ratio': 5, reg: 'auto' }],
      [{ 'unobserved-weight': 0.3 }, { 'unobserved-weight': 0.3, reg: 'auto' }],
      [{ objective: 'hu' }, { 'unobserved-weight': 1, reg: 10 }],
    ];
    for (const [given, effective] of cases) {
      const options = resolveOptions(als, given);
      expect(options).toMatchObject(effective);
      expect(resolveOptions(als, options)).toEqual(options);
    }
  });

  it('ranks every user as a scan of all inner products would, more users than it folds in at once', async () => {
    const model = await fit();
    const rankings = await rankingsOf(model, pairs, 10);
    const items = itemRows(model, 7);
    const vectors = await readUserVectors(model.userVectors(pairs, context)!);
    for (const u of [0, 1, 255, 256, 1023, 1024, 1499]) {
      const vector = vectors.subarray(7 * u, 7 * u + 7);
      const own = new Set(pairs.item.subarray(pairs.indptr[u], pairs.indptr[u + 1]));
      const scores = items.map((item) => item.reduce((sum, x, f) => sum + x * vector[f]!, 0));
      const wanted = [...scores.keys()]
        .filter((row) => !own.has(row))
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, 10);
      expect(rankings[u]!.map(({ score }) => score)).toHaveLength(10);
      rankings[u]!.forEach(({ row, score }, at) => {
        expect(own.has(row)).toBe(false);
        expect(score).toBeCloseTo(scores[wanted[at]!]!, 5);
      });
    }
  });

  it('gives a history the same ranking, whoever else is asked about', async () => {
    const model = await fit();
    const all = await rankingsOf(model, pairs, 5);
    expect(await rankingsOf(model, usersOf(pairs, 700, 720), 5)).toEqual(all.slice(700, 720));
    expect(await rankingsOf(model, usersAt(pairs, [1400, 3]), 5)).toEqual([all[1400], all[3]]);
    expect(await rankingsOf(model, usersAt(pairs, []), 5)).toEqual([]);
  });

  it('ranks after every epoch without changing what is trained', async () => {
    const plain = itemRows(await fit(), 7);
    await fitted!.close();
    const seen: RankedItem[][][] = [];
    const options = resolveOptions(als, { factors: 7, epochs: 3 });
    fitted = await als.plan({ pairs }, options, 42).fit({
      threads: 2,
      clock: () => 0,
      context,
      afterEpoch: async (_report, model) => {
        seen.push(await rankingsOf(model, usersOf(pairs, 0, 30), 5));
        return true;
      },
    });
    expect(itemRows(fitted, 7)).toEqual(plain);
    expect(seen).toHaveLength(3);
    expect(seen[2]).toEqual(await rankingsOf(fitted, usersOf(pairs, 0, 30), 5));
    expect(seen[0]).not.toEqual(seen[2]);
  });

  it('stops where afterEpoch says so: the same model as with so many epochs', async () => {
    const two = itemRows(await fit({ epochs: 2 }), 7);
    await fitted!.close();
    const options = resolveOptions(als, { factors: 7, epochs: 9 });
    fitted = await als
      .plan({ pairs }, options, 42)
      .fit({ threads: 1, clock: () => 0, context, afterEpoch: ({ epoch }) => Promise.resolve(epoch < 2) });
    expect(fitted.epochs).toHaveLength(2);
    expect(itemRows(fitted, 7)).toEqual(two);
  });

  it.each([
    [1, 'svd'],
    [3, 'svd'],
    [2, 'normal'],
    [2, 'svd', 'all'],
  ])('goes on from what epoch %i left as if it had never stopped, from a start by %s', async (...given) => {
    const [stop, init, features] = given;
    const options = resolveOptions(als, { factors: 7, epochs: 5, init, 'item-features': features });
    const plan = (): ModelPlan => als.plan({ pairs, items: featureTable(columns) }, options, 42);
    const run = { threads: 2, clock: () => 0, context };
    const left = new Map<string, Uint8Array>();
    let reports: EpochReport[] = [];
    fitted = await plan().fit({
      ...run,
      afterEpoch: ({ epoch }, _model, state) => {
        if (epoch === stop) for (const [name, bytes] of state.arrays) left.set(name, Uint8Array.from(bytes));
        return Promise.resolve(true);
      },
    });
    const whole = itemRows(fitted, 7);
    reports = [...fitted.epochs];
    await fitted.close();
    fitted = await plan().fit({
      ...run,
      threads: 1,
      resume: (state) => {
        expect([...state.arrays.keys()]).toEqual([...left.keys()]);
        for (const [name, bytes] of state.arrays) bytes.set(left.get(name)!);
        return reports.slice(0, stop);
      },
    });
    expect(fitted.epochs).toEqual(reports);
    expect(itemRows(fitted, 7)).toEqual(whole);
  });

  it('ends with an earlier epoch’s model where that is put back', async () => {
    const two = itemRows(await fit({ epochs: 2 }), 7);
    const ranked = await rankingsOf(fitted!, usersOf(pairs, 0, 20), 5);
    await fitted!.close();
    const left = new Map<string, Uint8Array>();
    fitted = await als.plan({ pairs }, resolveOptions(als, { factors: 7, epochs: 9 }), 42).fit({
      threads: 2,
      clock: () => 0,
      context,
      afterEpoch: ({ epoch }, _model, state) => {
        if (epoch === 2) for (const [name, bytes] of state.arrays) left.set(name, Uint8Array.from(bytes));
        if (epoch === 4) for (const [name, bytes] of state.arrays) bytes.set(left.get(name)!);
        return Promise.resolve(epoch < 4);
      },
    });
    expect(fitted.epochs).toHaveLength(4);
    expect(itemRows(fitted, 7)).toEqual(two);
    expect(await rankingsOf(fitted, usersOf(pairs, 0, 20), 5)).toEqual(ranked);
  });

  it('ranks from its files as it ranks fresh from training', async () => {
    const model = await fit({ 'unobserved-weight': 0.1, reg: 0.007, 'item-discount': 0, 'user-discount': 0 });
    const fresh = await rankingsOf(model, usersOf(pairs, 0, 300), 10);
    const folder = mkdtempSync(join(tmpdir(), 'segue-test-'));
    try {
      const files = new Map<string, Buffer>();
      for (const [name, chunks] of model.files())
        files.set(name, Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk))));
      writeFileSync(join(folder, 'item.npy'), files.get('itemVectors')!);
      const values = files.get('eigenvalues')!;
      const eigenvalues = new Float64Array(
        values.buffer.slice(values.byteOffset + values.length - 56, values.byteOffset + values.length),
      );
      const equations = { reg: 0.007, regExponent: 1, unobservedWeight: 0.1, beta: 0 };
      const weights = historyWeights(pairs, weighingOptions({}, 'log'), openWorkspace(0).kernels);
      const vectors = openVectorFile(join(folder, 'item.npy'));
      const fold = normalEquationsFold({ dim: 7, numItems, eigenvalues, equations, weights });
      const ranker = await openInnerProductRanker(vectors, fold, 2, context);
      expect(await rankingsOf(ranker, usersOf(pairs, 0, 300), 10)).toEqual(fresh);
      await ranker.close();
      vectors.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('als with what is known of items', () => {
  const plan = (asked: string, items?: readonly ItemColumn[]): ModelPlan =>
    als.plan(
      { pairs, items: items && featureTable(items) },
      resolveOptions(als, { factors: 7, epochs: 3, 'item-features': asked }),
      42,
    );

  it('draws the items of an artist together, says by which columns, and is plain als without', async () => {
    const notes: string[] = [];
    const onProgress = (progress: Progress): void => {
      if (progress.kind === 'note') notes.push(progress.message);
    };
    const run = { threads: 1, clock: () => 0, context: { ...context, onProgress } };
    const drawn = plan('all', columns);
    expect(drawn.parameters).toMatchObject({ 'item-features': 'artist' });
    fitted = await drawn.fit(run);
    expect(notes).toEqual([
      'item vectors are drawn to what columns say, and how many values they have: artist (3); left out: name (it names the items)',
    ]);
    const rows = itemRows(fitted, 7);
    const spread = (of: number[][]): number => {
      const mean = of[0]!.map((_, f) => of.reduce((sum, row) => sum + row[f]!, 0) / of.length);
      return (
        of.reduce((sum, row) => sum + row.reduce((s, x, f) => s + (x - mean[f]!) ** 2, 0), 0) / of.length
      );
    };
    const within = (all: number[][]): number =>
      [0, 1, 2].reduce((sum, a) => sum + spread(all.filter((_, i) => i % 3 === a && i !== 7)), 0) /
      spread(all);
    await fitted.close();
    const plain = itemRows(await fit(), 7);
    expect(within(rows)).toBeLessThan(0.98 * within(plain));
    await fitted.close();
    fitted = await als
      .plan({ pairs, items: featureTable(columns) }, resolveOptions(als, { factors: 7, epochs: 3 }), 42)
      .fit(run);
    expect(itemRows(fitted, 7)).toEqual(plain);
  });

  it('takes the same columns in any order for the same', () => {
    expect(resolveOptions(als, { 'item-features': 'b, a,b' })).toMatchObject({ 'item-features': 'a,b' });
    expect(resolveOptions(als, {})).not.toHaveProperty('item-features');
  });

  it('refuses what it cannot do, by name', () => {
    const refused: readonly (readonly [() => unknown, string])[] = [
      [() => plan('all'), '`itemFeatures` needs columns of the items'],
      [() => plan('genre', columns), '`itemFeatures` names "genre", which is no column of the items'],
      [
        () => plan('all', columns.slice(0, 1)),
        'no column says anything of the items: name (it names the items)',
      ],
      [
        () =>
          als.plan(
            { pairs, items: featureTable(columns) },
            resolveOptions(als, { 'item-features': 'all' }),
            42,
            'partial-sums',
          ),
        '`itemFeatures` does not apply to `solver` partial-sums',
      ],
      [
        () => resolveOptions(findModel('slim'), { 'item-features': 'all' }),
        '`item-features` does not apply to `model` slim',
      ],
    ];
    for (const [make, message] of refused) {
      expect(make).toThrow(
        expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(message) }),
      );
    }
  });
});

describe('options of a model', () => {
  it('fills in what is not said', () => {
    expect(resolveOptions(als, { factors: undefined, objective: 'hu' })).toMatchObject({
      ...{ factors: 64, objective: 'hu', 'unobserved-weight': 1, confidence: 'linear:1' },
    });
  });

  it.each([
    [{ window: 5 }, '`window` does not apply to `model` als'],
    [{ factors: '64' }, '`factors` "64": wanted a number'],
    [{ confidence: 3 }, '`confidence` 3: wanted log, binary'],
    [{ init: 'zeros' }, '`init` "zeros": wanted svd or normal'],
    [{ factors: 2.5 }, '`factors` 2.5: wanted a whole number from 1 to 1024'],
  ])('refuses %o', (given, message) => {
    expect(() => resolveOptions(als, given as Record<string, number>)).toThrow(message);
  });
});
