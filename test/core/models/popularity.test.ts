import { describe, expect, it } from 'vitest';
import type { Pairs, RankedItem } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { rankByScore } from '#dist/core/search/score-ranking.js';
import { pairsOf, type Entries } from '../../helpers/sparse.js';

const popularity = findModel('popularity');
const context = { signal: new AbortController().signal, onProgress: (): void => undefined };

/** Item 1 has four users, 0 and 2 two each, 3 one who likes and one who dislikes it, 4 nobody. */
const entries: Entries = [
  [
    [0, 1],
    [1, 3],
    [3, 1],
  ],
  [
    [0, 1],
    [1, 1],
  ],
  [
    [1, 1],
    [2, 5],
  ],
  [
    [1, 2],
    [2, 5],
    [3, -1],
  ],
];
const pairs = pairsOf(entries, 5);

function fit(given: Record<string, string> = {}): Promise<FittedModel> {
  const plan = popularity.plan({ pairs }, resolveOptions(popularity, given), 1);
  return plan.fit({ threads: 1, clock: () => 0, context });
}

function scoresOf(model: FittedModel): number[] {
  const [[name, chunks]] = [...model.files()] as [readonly [string, Iterable<Uint8Array>]];
  expect(name).toBe('scores');
  const bytes = Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));
  return [
    ...new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + bytes.length - 20, bytes.byteOffset + bytes.length),
    ),
  ];
}

async function rank(model: Pick<FittedModel, 'rank'>, histories: Pairs, k: number): Promise<RankedItem[][]> {
  const rankings: RankedItem[][] = [];
  await model.rank(histories, k, (_, items) => rankings.push([...items]));
  return rankings;
}

describe('the popularity model', () => {
  it('scores an item by its users, less those who dislike it', async () => {
    expect(scoresOf(await fit())).toEqual([2, 4, 2, 0, 0]);
  });

  it('scores by plays with `confidence` linear:1', async () => {
    expect(scoresOf(await fit({ confidence: 'linear:1' }))).toEqual([2, 7, 10, 0, 0]);
  });

  it('ranks alike for everyone what they have not heard, ties by row', async () => {
    const model = await fit();
    const wanted = [
      [2, 4],
      [2, 3, 4],
      [0, 3, 4],
      [0, 4],
    ];
    expect((await rank(model, pairs, 10)).map((list) => list.map(({ row }) => row))).toEqual(wanted);
    expect(await rank(model, pairs, 1)).toEqual([
      [{ row: 2, score: 2 }],
      [{ row: 2, score: 2 }],
      [{ row: 0, score: 2 }],
      [{ row: 0, score: 2 }],
    ]);
    expect(await rank(rankByScore(Float32Array.from(scoresOf(model))), pairs, 10)).toEqual(
      await rank(model, pairs, 10),
    );
  });

  it('has no epochs and no vectors', async () => {
    const model = await fit();
    expect(model.epochs).toEqual([]);
    expect(model.userVectors(pairs, context)).toBeUndefined();
  });

  it('takes flags of weights only', () => {
    expect(resolveOptions(popularity, {})).toEqual({
      confidence: 'binary',
      'item-discount': 0,
      'user-discount': 0,
    });
    expect(() => resolveOptions(popularity, { reg: 3 })).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: '`reg` does not apply to `model` popularity',
        suggestions: [expect.stringMatching(/`model` als or .*ease/) as string],
      }) as Error,
    );
  });
});
