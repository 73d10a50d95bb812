import { beforeAll, describe, expect, it } from 'vitest';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import { requireKind } from '#dist/core/snapshot/kinds.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { openNeighbourRanker } from '#dist/core/query/many/rank-neighbours.js';
import { similar, similarAll, type SimilarAllOptions } from '#dist/core/library.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows, type Rows } from '../../helpers/vectors.js';

const keptDirectory = temporaryDirectories('file');
/** The same row twice, and two without direction. */
const some = randomRows(11, 50, 6, 5);
const without = [0, 0, 0, 0, 0, 0];
const rows: Rows = [...some, without, ...randomRows(12, 20, 6, 5), some[3]!, without];
const idOf = (row: number): string => `song-${row}`;
let root: string;

beforeAll(async () => {
  root = keptDirectory();
  await makeSmallSnapshot(root, idA, { items: rows.map((row, i) => [idOf(i), ...row] as const) });
});

async function documents(options: Partial<SimilarAllOptions>): Promise<string[]> {
  const pieces: Buffer[] = [];
  const write = (bytes: Uint8Array): Promise<void> => {
    pieces.push(Buffer.from(bytes));
    return Promise.resolve();
  };
  await similarAll({ root, exact: true, threads: 1, write, ...options }, listening());
  return Buffer.concat(pieces).toString().split('\n').slice(0, -1);
}

describe('similar to every item', () => {
  it.each([
    { k: 10, threads: 1 },
    { k: 1000, threads: 2 },
    { k: 7, threads: 2, exclude: ['song-5', 'song-71'] },
  ])(
    'is to the byte what it is to each alone, and nothing to one without direction: %o',
    async ({ threads, ...options }) => {
      const lines = await documents({ threads, ...options });
      expect(lines).toHaveLength(rows.length);
      for (const [row, vector] of rows.entries()) {
        if (vector.every((x) => x === 0)) {
          expect(JSON.parse(lines[row]!)).toMatchObject({ query: [{ id: idOf(row) }], neighbours: [] });
          continue;
        }
        const alone = { root, exact: true, ...options };
        expect(lines[row]).toBe(JSON.stringify(await similar({ ...alone, items: [idOf(row)] }, listening())));
      }
    },
  );

  it('is the same wherever a block begins', async () => {
    const context = listening();
    const snapshot = await openForReading(root, idA, context);
    try {
      const asked = { k: 9, among: undefined, exact: true, threads: 1 };
      const ranker = await openNeighbourRanker(snapshot, requireKind(snapshot, 'item'), asked, context);
      const whole = await ranker.rank(0, rows.length);
      for (const [from, to] of [
        [30, 60],
        [71, 72],
      ] as const) {
        const part = await ranker.rank(from, to);
        for (let row = from; row < to; row++)
          expect(rankingOf(part, row - from)).toEqual(rankingOf(whole, row));
      }
      await ranker.close();
    } finally {
      snapshot.close();
    }
  });
});
