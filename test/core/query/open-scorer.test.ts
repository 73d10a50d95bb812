import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Closers } from '#dist/core/closers.js';
import type { RankedItem } from '#dist/core/contracts.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { openRanker, openScorer } from '#dist/core/query/open-scorer.js';
import type { KnownUsers } from '#dist/core/query/known-users.js';
import { openUsers } from '#dist/core/query/open-users.js';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import { requireKind } from '#dist/core/snapshot/kinds.js';
import { openForReading, type OpenSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';

const numItems = 40;
const numUsers = 25;
const models = {
  als: ['--factors', '6', '--epochs', '2'],
  item2vec: ['--model', 'item2vec', '--factors', '8', '--epochs', '2'],
  ease: ['--model', 'ease'],
  slim: ['--model', 'slim'],
  spectral: ['--model', 'spectral', '--factors', '8'],
  popularity: ['--model', 'popularity'],
};

/** Plays with dislikes and bans; and a user who only dislikes. */
function events(): string {
  const random = seededRandom(4);
  const lines = ['user,item,time,type', 'hater,i1,2024-02-01,dislike'];
  for (let n = 0; n < numUsers * 12; n++) {
    const type = (['dislike', 'ban'] as const)[random.nextBelow(9)] ?? 'play';
    const item = Math.floor(numItems * random.nextFraction() ** 2);
    lines.push(
      `u${n % numUsers},i${item},2024-02-${String(1 + random.nextBelow(28)).padStart(2, '0')},${type}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  writeFileSync(join(folder.path, 'events.csv'), events());
  for (const [tag, flags] of Object.entries(models))
    await folder.segue(['train', 'events.csv', '--tag', tag, '--threads', '1', ...flags]);
});
afterAll(() => folder.remove());

describe.each(Object.keys(models))('the scorer of %s', (tag) => {
  const opened = new Closers();
  const context = listening();
  let snapshot: OpenSnapshot;
  let users: KnownUsers;
  let rows: Uint32Array;
  beforeAll(async () => {
    snapshot = opened.keep(await openForReading(join(folder.path, 'root'), tag, context));
    const catalogue = (): never => {
      throw new Error('nothing is looked up');
    };
    users = await opened
      .keep(openUsers(snapshot, snapshot.manifest.inputs.interactions.items, catalogue))
      .asOfNow({});
    rows = Uint32Array.from({ length: users.numStored }, (_, row) => row);
  });
  afterAll(() => opened.close());

  it('ranks many histories at a time as it ranks each alone without its own items', async () => {
    const scorer = openScorer(snapshot, requireKind(snapshot, 'item'), { inMemory: false });
    const ranker = await openRanker(snapshot, 2, context);
    const ranked: (readonly RankedItem[])[] = [];
    await ranker.rank(users.readMany(rows), 7, (_, items) => ranked.push(items));
    await ranker.close();
    const alone = [...rows].map((row) => {
      const history = users.historyOf(row);
      return scorer.best(history, 7, history.item);
    });
    scorer.close();
    expect(ranked).toEqual(alone);
  });

  it.each([{ includeHeard: false }, { includeHeard: true }])(
    'answers a block of users as each alone, and knows of whom nothing is known: %j',
    async ({ includeHeard }) => {
      const scorer = openScorer(snapshot, requireKind(snapshot, 'item'), { inMemory: false });
      const best = (row: number, out: Iterable<number>): RankedItem[] =>
        scorer.best(users.historyOf(row), 5, out);
      const blocks = await scorer.openBlocks(
        {
          ...{ k: 5, includeHeard, excluded: new Uint32Array(0), among: undefined, cap: undefined },
          ...{
            mostUsers: rows.length,
            threads: 2,
            users,
            numRows: snapshot.manifest.inputs.interactions.items,
          },
          leaveOut: ({ item, indptr }, user) =>
            includeHeard ? new Uint32Array(0) : item.slice(indptr[user], indptr[user + 1]),
          best: (history, out) => scorer.best(history, 5, out),
          isColdStart: (history) => scorer.isColdStart(history),
        },
        context,
      );
      const { ranked, isColdStart } = await blocks.score(rows);
      await blocks.close();
      for (const row of rows) {
        const history = users.historyOf(row);
        expect(rankingOf(ranked, row)).toEqual(best(row, includeHeard ? [] : history.item));
        expect(isColdStart(row)).toBe(scorer.isColdStart(history));
      }
      scorer.close();
      const hater = users.rowOf('hater');
      expect([...rows].filter(isColdStart)).toEqual(tag === 'popularity' ? [] : [hater]);
    },
  );
});
