import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestCapped, bestOfManyCapped, cappedFirst, ungrouped } from '#dist/core/search/capped-ranking.js';
import { emptyBatch, packRanking } from '#dist/core/search/ranked-batch.js';

interface Row {
  readonly row: number;
  readonly score: number;
}

/** The walk as anybody would write it. */
function greedy(ranked: readonly Row[], k: number, most: number, groupOf: Uint32Array): Row[] {
  const counts = new Map<number, number>();
  const first: Row[] = [];
  for (const entry of ranked) {
    const group = groupOf[entry.row]!;
    const count = counts.get(group) ?? 0;
    if (first.length < k && (group === ungrouped || count < most)) {
      first.push(entry);
      counts.set(group, count + 1);
    }
  }
  return first;
}

const byScore = (a: Row, b: Row): number => b.score - a.score || a.row - b.row;

const rankings = fc.record({
  // Few values: ties are the common case.
  rows: fc.array(
    fc.record({ score: fc.integer({ min: 0, max: 5 }), group: fc.option(fc.nat(4), { freq: 3 }) }),
    { minLength: 1, maxLength: 60 },
  ),
  k: fc.integer({ min: 1, max: 20 }),
  most: fc.integer({ min: 1, max: 4 }),
  leaveOut: fc.array(fc.nat(59), { maxLength: 10 }),
});

test('a capped search is the greedy walk down the full ranking, and asks for little of it', () => {
  fc.assert(
    fc.property(rankings, ({ rows, k, most, leaveOut }) => {
      const groupOf = Uint32Array.from(rows, ({ group }) => group ?? ungrouped);
      const all = rows.map(({ score }, row) => ({ row, score })).sort(byScore);
      let asked = 0;
      const best = (count: number, out: Iterable<number>): Row[] => {
        expect(count).toBeLessThanOrEqual(rows.length);
        asked++;
        const without = new Set(out);
        return all.filter(({ row }) => !without.has(row)).slice(0, count);
      };
      const left = all.filter(({ row }) => !leaveOut.includes(row));
      const wanted = greedy(left, k, most, groupOf);
      expect(bestCapped(best, k, leaveOut, { most, groupOf })).toEqual(wanted);
      expect(cappedFirst(left, k, { most, groupOf })).toEqual(wanted);
      expect(asked).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(rows.length)));
    }),
    { numRuns: 2000, seed: 5 },
  );
});

test('many capped searches at once find what each finds alone, and the same questions are asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rankings, { minLength: 1, maxLength: 6 }),
      rankings,
      async (queries, { rows, k, most }) => {
        // Two artists: several rankings lack some after the first question.
        const groupOf = Uint32Array.from(rows, ({ group }) => (group === null ? ungrouped : group % 2));
        const rankingOf = (query: number): Row[] =>
          rows.map(({ score }, row) => ({ row, score: (score * (query + 2)) % 7 })).sort(byScore);
        const best = (some: readonly number[], count: number, out: (at: number) => Uint32Array) => {
          expect(count).toBeLessThanOrEqual(rows.length);
          expect([...some]).toEqual([...new Set(some)].sort((a, b) => a - b));
          const found = emptyBatch(some.length, count);
          some.forEach((query, at) => {
            const without = out(at);
            expect([...without]).toEqual([...new Set(without)].sort((a, b) => a - b));
            const left = rankingOf(query).filter(({ row }) => !without.includes(row));
            packRanking(found, at, left.slice(0, count));
          });
          return Promise.resolve(found);
        };
        const outOf = (query: number): readonly number[] => queries[query]!.leaveOut;
        const cap = { most, groupOf };
        const found = await bestOfManyCapped(best, queries.length, k, outOf, cap);
        const wanted = queries.map((_, query) => {
          const left = rankingOf(query).filter(({ row }) => !outOf(query).includes(row));
          return greedy(left, k, most, groupOf);
        });
        expect(found).toEqual(wanted);
      },
    ),
    { numRuns: 500, seed: 6 },
  );
});

test('what was taken before a full artist is not found again', () => {
  const groupOf = Uint32Array.from({ length: 30 }, (_, row) => (row > 0 && row < 20 ? 0 : ungrouped));
  const all = Array.from(groupOf, (_, row) => ({ row, score: 1 }));
  const best = (count: number, out: Iterable<number>): Row[] => {
    const without = new Set(out);
    return all.filter(({ row }) => !without.has(row)).slice(0, count);
  };
  const found = bestCapped(best, 4, [], { most: 1, groupOf });
  expect(found.map(({ row }) => row)).toEqual([0, 1, 20, 21]);
});

describe('what an approximate search finds later', () => {
  test('stands where its score puts it', () => {
    const groupOf = Uint32Array.of(0, 0, 0, 1, 2);
    const answers: Row[][] = [
      [0, 1, 2].map((row) => ({ row, score: 5 - row })),
      [
        { row: 4, score: 9 },
        { row: 3, score: 1 },
      ],
    ];
    // The first answer is as long as was asked for, so there may be more.
    const best = (count: number): Row[] => (count > 4 ? answers[1]! : [...answers[0]!, { row: 2, score: 3 }]);
    const found = bestCapped(best, 2, [], { most: 1, groupOf });
    expect(found).toEqual([
      { row: 4, score: 9 },
      { row: 0, score: 5 },
    ]);
  });
});
