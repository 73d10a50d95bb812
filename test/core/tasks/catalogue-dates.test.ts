import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { recommend, recommendByRecipe } from '#dist/core/library.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { train } from '#dist/core/tasks/train.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
const notes: string[] = [];
const context = {
  signal: new AbortController().signal,
  onProgress: (progress: { kind: string; message?: string }) => {
    if (progress.kind !== 'step') notes.push(progress.message ?? '');
  },
};
let root = '';

/** Films as MovieLens 100k names them: events of 1998, and dates such as 14-Mar-1997. */
beforeAll(async () => {
  const folder = makeDirectory();
  root = join(folder, 'root');
  const released = ['14-Mar-1997', '1-Jan-1995', '', '26-Dec-1996', '06-Feb-1998', '9-Nov-1962'];
  const items = released.map((date, at) => `i${at},Film ${at},Studio ${at},${date}`);
  writeFileSync(join(folder, 'items.csv'), ['id,name,artist,released', ...items, ''].join('\n'));
  const plays = released.flatMap((_, at) =>
    ['a', 'b', 'c'].map((user) => `${user},i${at},1998-04-2${at % 3}`).slice(at % 2),
  );
  writeFileSync(join(folder, 'plays.csv'), ['user,item,time', ...plays, 'd,i2,1998-04-01', ''].join('\n'));
  await train(
    askedOf(operations.train, {
      ...{ root, events: [join(folder, 'plays.csv')], items: join(folder, 'items.csv'), tag: 'films' },
      ...{ modelOptions: { factors: 4, epochs: 2 }, seed: 1, threads: 1 },
    }),
    context,
  );
});

describe('a catalogue with dates such as 14-Mar-1997', () => {
  it('says at train what they become', () => {
    expect(notes.filter((note) => note.includes('holds dates'))).toEqual([
      expect.stringContaining(
        'items.csv: "released" holds dates such as "14-Mar-1997": they are kept as 1997-03-14',
      ),
    ]);
  });

  it('is filtered by year and by day, and answers with ISO 8601', async () => {
    const answer = async (where: string): Promise<unknown[]> => {
      const [found] = await recommend(
        { root, snapshot: 'films', users: ['d'], includeHeard: true, k: 10, where },
        context,
      );
      return found!.recommendations.map((item) => item['released']).sort();
    };
    expect(await answer('released >= 1997')).toEqual(['1997-03-14', '1998-02-06']);
    expect(await answer('released < "1-Jan-1996"')).toEqual(['1962-11-09', '1995-01-01']);
    expect(await answer('released between 1996 and 1997')).toEqual(['1996-12-26', '1997-03-14']);
  });

  it('has new releases for release-radar', async () => {
    const listener = { users: ['d'] };
    const [answer] = await recommendByRecipe(
      { root, snapshot: 'films', ...listener, explain: false, recipe: 'release-radar' },
      context,
    );
    expect(answer!.recommendations.map(({ id }) => id).sort()).toEqual(['i0', 'i3', 'i4']);
  });
});
