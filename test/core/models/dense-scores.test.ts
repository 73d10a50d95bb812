import { describe, expect, it } from 'vitest';
import type { RankedItem } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { rankScores } from '#dist/core/search/score-ranking.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

const context = { signal: new AbortController().signal, onProgress: (): void => undefined };
// More users than are folded in at once, items past a tile of every kernel.
const numItems = 131;
const pairs = pairsOf(plantedEntries(1100, numItems, { perUser: 5, dislikes: 0.1 }), numItems);

describe('the scores of a ranker', () => {
  const cases = [
    ['als', { factors: 5, epochs: 1 }],
    ['als', { factors: 5, epochs: 1, solver: 'partial-sums' }],
    ['ease', {}],
    ['slim', {}],
    ['popularity', {}],
  ] as const;
  it.each(cases)(
    'are those that it ranks by, to the bit, at any number of threads: %s %j',
    async (...asked) => {
      const model = findModel(asked[0]);
      const { solver, ...given } = { solver: undefined, ...asked[1] };
      const plan = model.plan({ pairs }, resolveOptions(model, given), 42, solver);
      for (const threads of [1, 3]) {
        const fitted = await plan.fit({ threads, clock: () => 0, context });
        try {
          const ranked: RankedItem[][] = [];
          await fitted.rank(pairs, numItems, (_, items) => ranked.push([...items]));
          let next = 0;
          await fitted.score(pairs, (user, scores) => {
            expect(user).toBe(next++);
            if (user % 9 !== 0) return;
            const own = new Set(pairs.item.subarray(pairs.indptr[user], pairs.indptr[user + 1]));
            const sorted = rankScores(scores).filter(({ row }) => !own.has(row));
            if (JSON.stringify(sorted) !== JSON.stringify(ranked[user])) expect(sorted).toEqual(ranked[user]);
          });
          expect(next).toBe(pairs.numUsers);
        } finally {
          await fitted.close();
        }
      }
    },
  );
});
