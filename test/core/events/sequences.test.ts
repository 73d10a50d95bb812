import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noTime } from '#dist/core/numeric/pairs.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { readEvents } from '../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let made = 0;

function filesOf(contents: Readonly<Record<string, string | Buffer>>): string[] {
  const directory = join(makeDirectory(), String((made += 1)));
  mkdirSync(directory);
  return Object.entries(contents).map(([name, content]) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  });
}

/** What each user played, in order, as ids. */
async function playsOf(
  files: string | readonly string[],
  options: Parameters<typeof readEvents>[1] = {},
): Promise<Record<string, string[]>> {
  const { interactions } = await readEvents(files, { ordered: true, ...options });
  const { users, items, sequences } = interactions;
  const { indptr, item } = sequences!;
  return Object.fromEntries(
    Array.from({ length: users.length }, (_, u) => [
      users.at(u),
      Array.from(item.subarray(indptr[u], indptr[u + 1]), (i) => items.at(i)),
    ]),
  );
}

const shaOf = async (files: string | string[], ordered: boolean): Promise<string> =>
  (await readEvents(files, { ordered })).interactions.sha256;

describe('the order of plays', () => {
  it('is that of their times, and of item ids by bytes at one time, whatever the order of rows and files', async () => {
    const rows = ['u,b,30', 'u,a,10', 'u,Z,20', 'u,é,20', 'u,a,20', 'v,q,5', 'u,b,1'];
    const wanted = { u: ['b', 'a', 'Z', 'a', 'é', 'b'], v: ['q'] };
    const csv = (lines: string[]): string => `user,item,time\n${lines.join('\n')}\n`;
    const [one, reversed] = filesOf({ 'one.csv': csv(rows), 'two.csv': csv(rows.toReversed()) });
    expect(await playsOf(one!)).toEqual(wanted);
    expect(await playsOf(reversed!)).toEqual(wanted);
    const parts = filesOf({ 'b.csv': csv(rows.slice(3)), 'a.csv': csv(rows.slice(0, 3)) });
    expect(await playsOf(parts)).toEqual(wanted);
    expect(await shaOf(parts, true)).toBe(await shaOf(one!, true));
    expect(await shaOf(one!, true)).not.toBe(await shaOf(one!, false));
    const { sequences } = (await readEvents(one!, { ordered: true })).interactions;
    expect([...sequences!.at!]).toEqual([1, 10, 20, 20, 20, 30, 5].map((second) => second * 1000));
  });

  it('is that of the rows where there are no times: then a pair knows its place, and the hash the order', async () => {
    const [file, other] = filesOf({
      'p.csv': 'playlist,track\np,c\np,a\nq,a\np,b\np,c\n',
      'q.csv': 'playlist,track\np,a\np,c\nq,a\np,b\np,c\n',
    });
    expect(await playsOf(file!)).toEqual({ p: ['c', 'a', 'b', 'c'], q: ['a'] });
    expect(await shaOf(file!, true)).not.toBe(await shaOf(other!, true));
    expect(await shaOf(file!, false)).toBe(await shaOf(other!, false));
    const { interactions } = await readEvents(file!, { ordered: true });
    expect(interactions.sequences!.at).toBeUndefined();
    expect(interactions.lastAt).toBeNull();
    // Items by events: a and c twice, then b.
    expect([...interactions.pairs.lastAt].map((at) => at - noTime - 1n)).toEqual([1n, 3n, 2n, 0n]);
  });

  it('goes from file to file by the bytes of their paths, whatever they are given as', async () => {
    const files = filesOf({
      'b.csv': 'user,item\nu,3\nu,4\n',
      'a.csv': 'user,item\nu,1\nu,2\n',
      'c.tsv': 'user\titem\tx\nu\t5\t1\n',
    });
    expect(await playsOf(files)).toEqual({ u: ['1', '2', '3', '4', '5'] });
    expect(await playsOf(files.toReversed())).toEqual({ u: ['1', '2', '3', '4', '5'] });
  });

  it('begins with what has no time, in the order of rows', async () => {
    const files = filesOf({ 'a.csv': 'user,item,time\nu,x,7\nu,w,\n', 'b.csv': 'user,item\nu,z\nu,y\n' });
    expect(await playsOf(files)).toEqual({ u: ['w', 'z', 'y', 'x'] });
    const { sequences } = (await readEvents(files, { ordered: true })).interactions;
    expect([...sequences!.at!]).toEqual([Number(noTime), Number(noTime), Number(noTime), 7000]);
  });

  it('leaves out dislikes and bans, and plays of what is disliked', async () => {
    const [file] = filesOf({
      'e.csv':
        'user,item,time,type\nu,a,1,play\nu,b,2,like\nu,c,3,play\nu,c,4,dislike\nu,d,5,\nu,d,6,ban\nu,b,7,play\n',
    });
    expect(await playsOf(file!)).toEqual({ u: ['a', 'b', 'd', 'b'] });
  });

  it('holds what the minimums and the least weight leave, by the rows of the items', async () => {
    const rows = ['u,a,1', 'v,a,2', 'u,b,3', 'v,b,4', 'u,lonely,5', 'v,b,0.5', 'w,a,9'];
    const [file] = filesOf({ 'e.csv': `user,item,weight\n${rows.join('\n')}\n` });
    expect(await playsOf(file!, { minItemUsers: 2, minUserItems: 2 })).toEqual({
      u: ['a', 'b'],
      v: ['a', 'b', 'b'],
    });
    expect(await playsOf(file!, { minWeight: 2 })).toEqual({ v: ['a', 'b'], u: ['b', 'lonely'], w: ['a'] });
  });

  it('is the same where bad rows are skipped and rows are read one by one', async () => {
    const [file] = filesOf({ 'e.csv': 'user,item,weight\nu,c,1\nu,,1\nu,b,x\nu,a,1\n v,b,1\nu,b,1\n' });
    expect(await playsOf(file!, { skipBadRows: true })).toEqual({ u: ['c', 'a', 'b'], ' v': ['b'] });
  });

  // DuckDB gives threads some 120,000 rows at a time.
  it('of 140,000 rows in two files is that of the rows, by several threads', async () => {
    const random = seededRandom(2);
    const wanted = new Map<string, string[]>();
    const lines = Array.from({ length: 140_000 }, () => {
      const [user, item] = [
        `user${random.nextBelow(50)}`,
        `an item of some length ${random.nextBelow(1000)}`,
      ];
      const played = wanted.get(user);
      if (played === undefined) wanted.set(user, [item]);
      else played.push(item);
      return `${user},${item}`;
    });
    const half = (from: number): string => `user,item\n${lines.slice(from, from + 130_000).join('\n')}\n`;
    const files = filesOf({ '1.csv': half(0), '2.csv.gz': gzipSync(half(130_000), { level: 1 }) });
    expect(new Map(Object.entries(await playsOf(files, { threads: 3 })))).toEqual(wanted);
  });
});
