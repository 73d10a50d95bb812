import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { evaluateRanker, type Targets } from '#dist/core/evaluation/evaluate-ranker.js';
import { usersOfItems } from '#dist/core/evaluation/measured-split.js';
import { rankerOf } from '../../helpers/score-table.js';
import { pairsOf } from '../../helpers/sparse.js';

const context = { signal: new AbortController().signal, onProgress: () => undefined };

function targetsOf(rows: readonly (readonly number[])[], unknown: readonly number[] = []): Targets {
  const indptr = [0];
  for (const row of rows) indptr.push((indptr.at(-1) ?? 0) + row.length);
  return {
    indptr: Uint32Array.from(indptr),
    item: Uint32Array.from(rows.flat()),
    unknown: Uint32Array.from(rows, (_, u) => unknown[u] ?? 0),
  };
}

const historiesOf = (rows: readonly (readonly number[])[], numItems: number) =>
  pairsOf(
    rows.map((row) => row.map((item) => [item, 1] as const)),
    numItems,
  );

describe('evaluateRanker', () => {
  // Items 0 … 5. User 0 heard 0 and gets 1 2 3 4 5; user 1 heard 4 and 5 and gets 3 2 1 0.
  const histories = historiesOf([[0], [4, 5]], 6);
  const ranker = rankerOf([
    [9, 8, 7, 6, 5, 4],
    [1, 2, 3, 4, 9, 9],
  ]);
  const targets = targetsOf([[1, 3, 5], [0]], [1, 0]);
  const popularity = Uint32Array.of(10, 8, 6, 4, 2, 0);
  const options = { at: [2, 4], recallOver: 'targets', popularity, phase: 'ranking' } as const;

  it('is what it is by hand', async () => {
    const quality = await evaluateRanker(ranker, histories, targets, options, context);
    expect(quality.users).toBe(2);
    // User 0: hits at ranks 1 and 3 (and 5) of 4 targets, one of them of an item that is nowhere. User 1: at rank 4 of 1.
    const ideal2 = 1 + 1 / Math.log2(3);
    const ideal4 = ideal2 + 1 / 2 + 1 / Math.log2(5);
    const { metrics } = quality;
    expect(metrics['recall@2']).toBeCloseTo((1 / 4 + 0) / 2, 14);
    expect(metrics['recall@4']).toBeCloseTo((2 / 4 + 1) / 2, 14);
    expect(metrics['ndcg@2']).toBeCloseTo((1 / ideal2 + 0) / 2, 14);
    expect(metrics['ndcg@4']).toBeCloseTo((1.5 / ideal4 + 1 / Math.log2(5)) / 2, 14);
    expect(metrics['map@2']).toBeCloseTo((1 / 2 + 0) / 2, 14);
    expect(metrics['map@4']).toBeCloseTo(((1 + 2 / 3) / 4 + 1 / 4) / 2, 14);
    expect(metrics['hit-rate@2']).toBe(0.5);
    expect(metrics['hit-rate@4']).toBe(1);
    expect(metrics['mrr@2']).toBe(0.5);
    expect(metrics['mrr@4']).toBeCloseTo((1 + 1 / 4) / 2, 14);
    expect(metrics['coverage@2']).toBeCloseTo(3 / 6, 14); // 1 2 3
    expect(metrics['coverage@4']).toBeCloseTo(5 / 6, 14); // 0 1 2 3 4
    expect(metrics['popularity@2']).toBeCloseTo(((8 + 6) / 2 + (4 + 6) / 2) / 2, 14);
    expect(quality.historyPopularity).toBeCloseTo((10 + 1) / 2, 14);
    expect(metrics['popularity-lift@2']).toBeCloseTo(6 / 5.5 - 1, 14);
  });

  it('divides recall by what k places can hold where it is told to', async () => {
    const minK = await evaluateRanker(
      ranker,
      histories,
      targets,
      { ...options, recallOver: 'min-k' },
      context,
    );
    expect(minK.metrics['recall@2']).toBeCloseTo((1 / 2 + 0) / 2, 14);
    expect(minK.metrics['recall@4']).toBeCloseTo((2 / 4 + 1) / 2, 14);
  });

  it('tells the deciles of the targets apart, unknown ones as the least popular', async () => {
    const { deciles } = await evaluateRanker(ranker, histories, targets, options, context);
    // Five targets, of items with 10 (item 0), 8, 4, 0 users, and one that training never saw.
    expect(deciles).toEqual([
      { decile: 2, fewestUsers: 10, mostUsers: 10, targets: 1, metrics: { 'recall@2': 0, 'recall@4': 1 } },
      { decile: 4, fewestUsers: 8, mostUsers: 8, targets: 1, metrics: { 'recall@2': 1, 'recall@4': 1 } },
      { decile: 6, fewestUsers: 4, mostUsers: 4, targets: 1, metrics: { 'recall@2': 0, 'recall@4': 1 } },
      { decile: 8, fewestUsers: 0, mostUsers: 0, targets: 1, metrics: { 'recall@2': 0, 'recall@4': 0 } },
      { decile: 10, fewestUsers: 0, mostUsers: 0, targets: 1, metrics: { 'recall@2': 0, 'recall@4': 0 } },
    ]);
  });

  it('tells how far it is', async () => {
    const told: Progress[] = [];
    await evaluateRanker(ranker, histories, targets, options, {
      ...context,
      onProgress: (progress) => told.push(progress),
    });
    expect(told.at(0)).toEqual({ kind: 'step', phase: 'ranking', done: 0, total: 2, unit: 'users' });
    expect(told.at(-1)).toEqual({ kind: 'step', phase: 'ranking', done: 2, total: 2, unit: 'users' });
  });

  it('agrees with a naive reading of the definitions', async () => {
    const numItems = 12;
    const user = fc.record({
      scores: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: numItems, maxLength: numItems }),
      history: fc.uniqueArray(fc.nat(numItems - 1), { maxLength: 6 }),
      targets: fc.uniqueArray(fc.nat(numItems - 1), { minLength: 1, maxLength: 8 }),
      unknown: fc.nat(2),
    });
    const everyUser = fc.array(user, { minLength: 1, maxLength: 5 });
    const lengths = fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        everyUser,
        lengths,
        fc.constantFrom('targets', 'min-k'),
        async (users, at, recallOver) => {
          const quality = await evaluateRanker(
            rankerOf(users.map(({ scores }) => scores)),
            historiesOf(
              users.map(({ history }) => history.sort((a, b) => a - b)),
              numItems,
            ),
            targetsOf(
              users.map((each) => each.targets),
              users.map(({ unknown }) => unknown),
            ),
            { at, recallOver, popularity: new Uint32Array(numItems).fill(1), phase: '' },
            context,
          );
          const mean = (of: (each: (typeof users)[number]) => number): number =>
            users.reduce((total, each) => total + of(each), 0) / users.length;
          for (const k of at) {
            const shown = ({ scores, history }: (typeof users)[number]): number[] =>
              scores
                .map((score, row) => [score, row] as const)
                .filter(([, row]) => !history.includes(row))
                .sort(([a, i], [b, j]) => b - a || i - j)
                .slice(0, k)
                .map(([, row]) => row);
            const relevant = (each: (typeof users)[number]): number[] =>
              shown(each).map((row) => (each.targets.includes(row) ? 1 : 0));
            const numTargets = (each: (typeof users)[number]): number => each.targets.length + each.unknown;
            const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
            const dcg = (values: number[]): number =>
              total(values.map((value, rank) => value / Math.log2(rank + 2)));
            const expected = {
              recall: mean(
                (each) =>
                  total(relevant(each)) /
                  (recallOver === 'targets' ? numTargets(each) : Math.min(k, numTargets(each))),
              ),
              ndcg: mean(
                (each) =>
                  dcg(relevant(each)) / dcg(Array.from({ length: Math.min(k, numTargets(each)) }, () => 1)),
              ),
              map: mean((each) => {
                const hits = relevant(each);
                const precisions = hits.map(
                  (hit, rank) => hit * (total(hits.slice(0, rank + 1)) / (rank + 1)),
                );
                return total(precisions) / Math.min(k, numTargets(each));
              }),
              'hit-rate': mean((each) => (relevant(each).includes(1) ? 1 : 0)),
              mrr: mean((each) => (relevant(each).includes(1) ? 1 / (relevant(each).indexOf(1) + 1) : 0)),
              coverage: new Set(users.flatMap(shown)).size / numItems,
            };
            for (const [name, value] of Object.entries(expected))
              expect(quality.metrics[`${name}@${k}`], `${name}@${k}`).toBeCloseTo(value, 12);
          }
        },
      ),
    );
  });
});

it('usersOfItems counts users, not events', () => {
  expect([...usersOfItems(historiesOf([[0, 2], [2]], 4))]).toEqual([1, 0, 2, 0]);
});
