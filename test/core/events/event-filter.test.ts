import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();

function fileOf(content: string, name = 'e.csv'): string {
  const file = join(makeDirectory(), name);
  writeFileSync(file, content);
  return file;
}

type Options = Parameters<typeof readEvents>[1];
async function shown(content: string, options: Options): Promise<string[]> {
  const { interactions } = await readEvents(fileOf(content), options);
  return plainPairs(interactions)
    .pairs.map(({ user, item, weight, count }) => `${user} ${item} ${Number(weight) / 1e9} (${count})`)
    .sort();
}

describe('events that count', () => {
  const ratings = 'user,item,rating\na,x,5\na,y,3.5\nb,x,4\nb,z,0.5\n';
  const times = 'user,item,time\na,x,1000\na,x,3000\na,y,2000\nb,y,\nb,z,2999\n';
  const ms = (seconds: number): number => seconds * 1000;

  it('weigh enough', async () => {
    expect(await shown(ratings, { minWeight: 4 })).toEqual(['a x 5 (1)', 'b x 4 (1)']);
    expect(await shown(ratings, { minWeight: 3.5 })).toEqual(['a x 5 (1)', 'a y 3.5 (1)', 'b x 4 (1)']);
  });

  it('are the same where the careful reader reads', async () => {
    const odd = ratings.replace('a,x,5', 'a,x, 5 ').replace('b,x,4', 'b,x,+4');
    const careful = await readEvents(fileOf(odd), { minWeight: 4, skipBadRows: true });
    const users = plainPairs(careful.interactions).pairs.map(({ user, item }) => `${user} ${item}`);
    for (const pair of users) expect(['a x', 'b x']).toContain(pair);
    expect(careful.interactions.numEvents).toBe(users.length);
  });

  it('weigh 1 where the file has no weights', async () => {
    expect(await shown('user,item\na,x\na,x\n', { minWeight: 1 })).toEqual(['a x 2 (2)']);
    expect(await failureOf(readEvents(fileOf('user,item\na,x\n'), { minWeight: 2 }))).toMatchObject({
      code: 'empty-input',
    });
  });

  it('leaves dislikes and bans be', async () => {
    const typed = 'user,item,weight,type\na,x,5,play\na,y,1,play\na,z,1,dislike\na,w,,ban\n';
    expect(await shown(typed, { minWeight: 4 })).toEqual(['a w 0 (1)', 'a x 5 (1)', 'a z 1 (1)']);
  });

  it('are of the time that is wanted: those of one pair apart, those without a time before', async () => {
    expect(await shown(times, { beforeMs: ms(3000) })).toEqual([
      ...['a x 1 (1)', 'a y 1 (1)', 'b y 1 (1)', 'b z 1 (1)'],
    ]);
    expect(await shown(times, { fromMs: ms(2000) })).toEqual(['a x 1 (1)', 'a y 1 (1)', 'b z 1 (1)']);
    expect(await shown(times, { fromMs: ms(2000), beforeMs: ms(2999) })).toEqual(['a y 1 (1)']);
  });

  it('may be none, which is an error that says what was wanted', async () => {
    const failure = await failureOf(readEvents(fileOf(times), { fromMs: ms(9000) }));
    expect(failure).toMatchObject({ code: 'empty-input' });
    expect(failure.message).toMatch(/is of 1970-01-01T02:30:00.000Z or later$/);
  });
});

it('minimums that are applied once look at items and then at users, and do not look again', async () => {
  // Items with two users: x, y. Then b has one item left and goes, which leaves x with one user.
  const content = 'user,item\na,x\na,y\nb,x\nb,z\nc,y\nc,w\nd,y\nd,x\n';
  const pairs = await shown(content, { minUserItems: 2, minItemUsers: 2, minimumsOnce: true });
  expect(pairs).toEqual(['a x 1 (1)', 'a y 1 (1)', 'd x 1 (1)', 'd y 1 (1)']);
  const few = 'user,item\na,x\na,y\nb,x\nc,y\nc,z\nd,z\n';
  // x y z have two users each; b and d have one item and go: x and z are left with one user, and stay.
  expect(await shown(few, { minUserItems: 2, minItemUsers: 2, minimumsOnce: true })).toEqual([
    ...['a x 1 (1)', 'a y 1 (1)', 'c y 1 (1)', 'c z 1 (1)'],
  ]);
  expect(await failureOf(readEvents(fileOf(few), { minUserItems: 2, minItemUsers: 2 }))).toMatchObject({
    code: 'empty-input',
  });
});
