import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { recommend, similar, train } from '#dist/core/library.js';
import { openItemDirections } from '#dist/core/query/item-directions.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { listening } from '../../helpers/snapshots.js';
import { temporaryFiles } from '../../helpers/temporary-directory.js';

const file = temporaryFiles();

it.each(['slim', 'ease', 'als'] as const)(
  'are those of %s whichever row was read before, a zero one too',
  async (model) => {
    // `lone` gives nothing to others: its row of a matrix is empty. Five items: rows are padded to eight.
    const rows = ['a,x', 'a,y', 'b,x', 'b,y', 'c,y', 'c,z', 'd,z', 'd,x', 'e,w', 'e,x', 'f,lone'];
    const events = file('plays.csv', `user,item\n${rows.join('\n')}\n`);
    const root = join(dirname(events), model);
    await train({ root, events: [events], model, threads: 1 }, listening());
    const snapshot = await openForReading(root, 'latest', listening());
    const read = (order: readonly number[]): Map<number, Float32Array | undefined> => {
      const directions = openItemDirections(snapshot);
      const found = new Map(order.map((row) => [row, directions.of(row)]));
      directions.close();
      return found;
    };
    const alone = new Map([0, 1, 2, 3, 4].map((row) => [row, read([row]).get(row)]));
    if (model !== 'als') expect([...alone.values()].filter((one) => one === undefined)).toHaveLength(1);
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
    ])
      for (const [row, direction] of read(order)) expect(direction).toEqual(alone.get(row));
    snapshot.close();
    const near = similar({ root, items: ['lone'], minEvents: 0 }, listening());
    if (model === 'als') await expect(near).resolves.toHaveProperty('neighbours');
    else {
      await expect(near).rejects.toThrow('"lone" has no neighbours: it gives no other item a score');
      // Whose only item it is has a like, and no score.
      const context = listening();
      expect((await recommend({ root, users: ['f'] }, context))[0]).toHaveProperty('fallback', 'popularity');
      expect(context.told.map((told) => 'message' in told && told.message)).toContainEqual(
        expect.stringContaining('nothing that f likes gives another item a score'),
      );
    }
  },
);
