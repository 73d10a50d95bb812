/** `recommend` for one person over a catalogue so large that the order of norms is read from disk, against a naive oracle. */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { npy } from '../helpers/snapshots.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { inner, randomRows, rankAll } from '../helpers/vectors.js';

/** More than 8 MiB of item vectors: below that the order is not read. */
const numItems = 9000;
const dim = 240;
// Of falling length, in mixed order, so that a scan by norms ends early.
const items = randomRows(3, numItems, dim).map((row, i) =>
  row.map((x) => Math.fround(x / (1 + ((i * 7919) % numItems) / 90))),
);
const users = randomRows(4, 3, dim);
const heardBy = (user: number): number[] =>
  user === 2
    ? []
    : rankAll(items, (item) => inner(item, users[user]!))
        .slice(0, 40)
        .filter((_, at) => at % 3 === user)
        .map(({ row }) => row);

let folder: Folder;
let built: Record<string, any>;
beforeAll(async () => {
  folder = makeFolder();
  const at = (name: string): string => join(folder.path, name);
  const flat = (rows: number[][]): Float32Array => Float32Array.from(rows.flat());
  writeFileSync(at('items.npy'), npy('<f4', [numItems, dim], flat(items)));
  writeFileSync(at('users.npy'), npy('<f4', [users.length, dim], flat(users)));
  const item = (_: unknown, row: number): string =>
    JSON.stringify({ id: `item-${row}`, name: `Song ${row}`, released: 1950 + (row % 60) });
  writeFileSync(at('items.jsonl'), Array.from({ length: numItems }, item).join('\n'));
  writeFileSync(at('users.txt'), users.map((_, user) => `user-${user}\n`).join(''));
  const events = users.flatMap((_, user) => heardBy(user).map((row) => `user-${user},item-${row}`));
  writeFileSync(at('events.csv'), ['user,item', ...events].join('\n'));
  const beside = ['--ids', 'items.jsonl', '--user-vectors', 'users.npy', '--user-ids', 'users.txt'];
  await folder.segue(['import', 'items.npy', ...beside, '--events', 'events.csv']);
  [built] = (await folder.json(['build-index', '--lists', '8', '--target-recall', '0.5'])) as [any];
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

describe('one person’s recommendations from a large catalogue', () => {
  it.each([
    ['without what they heard', [], 10, () => true],
    ['with it, and many', ['--include-heard'], 300, () => true],
    [
      'among those that a filter leaves',
      ['--where', 'released >= 1980'],
      20,
      (row: number) => row % 60 >= 30,
    ],
    [
      'among a few, which are read without the order',
      ['--where', 'released = 1999'],
      20,
      (row: number) => row % 60 === 49,
    ],
  ] as const)('%s are those of a sort in f64', async (_, flags, k, isAllowed) => {
    for (const user of [0, 1, 2]) {
      const heard = flags.some((flag) => flag === '--include-heard') ? [] : heardBy(user);
      const wanted = rankAll(items, (item) => inner(item, users[user]!), heard)
        .filter(({ row }) => isAllowed(row))
        .slice(0, k);
      const [answer] = await folder.json(['recommend', `user-${user}`, '-k', String(k), ...flags]);
      const found = answer!['recommendations'] as { id: string; name: string; score: number }[];
      expect(found.map(({ id }) => id)).toEqual(wanted.map(({ row }) => `item-${row}`));
      found.forEach(({ score }, at) => expect(Math.abs(score / wanted[at]!.score - 1)).toBeLessThan(1e-5));
    }
  });

  it('are printed as a scan of all prints them', async () => {
    const people = ['user-0', 'user-1', 'user-2'];
    const { stdout } = await folder.segue(['recommend', ...people, '-k', '50', '--json']);
    const each = [];
    for (const user of people)
      each.push((await folder.segue(['recommend', user, '-k', '50', '--json'])).stdout);
    expect(each.join('')).toBe(stdout);
  });

  it('are read from the order: one that names rows that there are not is refused', async () => {
    const path = join(folder.path, 'root/snapshots', built['snapshot'] as string, snapshotFile.orderRows);
    const { size } = statSync(path);
    const times = join(folder.path, 'times');
    execFileSync('cp', ['-p', path, times]);
    chmodSync(path, 0o644);
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.alloc(4 * numItems, 0xff), 0, 4 * numItems, size - 4 * numItems);
    closeSync(fd);
    // To the nanosecond, so that the stamp of what was verified before still holds.
    execFileSync('touch', ['-r', times, path]);
    const { stderr } = await folder.segue(['recommend', 'user-0'], 4);
    expect(stderr.replace(/\s+/g, '')).toContain(`${snapshotFile.orderRows}:gotrow4294967295`);
    // Several people are answered by the scan, which reads no order.
    await folder.segue(['recommend', 'user-0', 'user-1']);
  });
});
