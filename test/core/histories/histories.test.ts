import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  historyArrays,
  historyChunks,
  openHistories,
  readHistories,
  type HistoryArray,
} from '#dist/core/histories/histories.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-histories-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: HistoryArray): string => join(folder, `${name}.npy`);

function write(pairs: ReturnType<typeof pairsOf>): void {
  for (const name of Object.keys(historyArrays) as HistoryArray[])
    writeFileSync(path(name), Buffer.concat([...historyChunks(pairs, name)]));
}

describe('histories on disk', () => {
  const entries = plantedEntries(20, 15, { dislikes: 0.3 });
  entries[4] = [];
  const pairs = pairsOf(entries, 15);

  it('gives back one user by offset, and all of them', () => {
    write(pairs);
    const histories = openHistories(path, 15);
    expect(histories.numUsers).toBe(20);
    entries.forEach((row, u) => {
      const user = histories.read(u);
      expect([...user.item]).toEqual(row.map(([item]) => item));
      expect([...user.flags]).toEqual(row.map(([, w]) => (w > 0 ? 1 : 0)));
      expect([...user.weight]).toEqual(row.map(([, w]) => BigInt(Math.round(Math.abs(w) * 1e9))));
      expect([...user.indptr]).toEqual([0, row.length]);
      expect(user.lastAt).toHaveLength(row.length);
    });
    histories.close();
    const all = readHistories(path, 15);
    for (const name of ['indptr', 'item', 'weight', 'count', 'lastAt', 'flags'] as const)
      expect([...all[name]]).toEqual([...pairs[name]]);
  });

  it('names the file that is damaged', () => {
    write(pairs);
    writeFileSync(path('weight'), 'not numbers');
    expect(() => openHistories(path, 15)).toThrow(
      expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining('weight.npy') }),
    );
  });

  // Whoever reads them would allocate what a range says, and read the vectors of the rows.
  it.each<[string, HistoryArray, number, number]>([
    ['has pairs that end before they start', 'indptr', 3, 0],
    ['has more pairs than there are', 'indptr', 3, 2 ** 32 - 1],
    ['names an item beyond the model', 'item', 0, 15],
  ])('says so where a user %s', (_, name, at, value) => {
    write(pairs);
    const bytes = readFileSync(path(name));
    bytes.writeUInt32LE(value, bytes.length - 4 * (name === 'indptr' ? 21 : pairs.item.length) + 4 * at);
    writeFileSync(path(name), bytes);
    const refused = expect.objectContaining({
      code: 'damaged-snapshot',
      message: expect.stringContaining(`${name}.npy`),
    });
    const histories = openHistories(path, 15);
    expect(() => entries.map((_entry, user) => histories.read(user))).toThrow(refused);
    histories.close();
    expect(() => readHistories(path, 15)).toThrow(refused);
  });

  it('says so where an array is shorter than the others, or a user is beyond the last', () => {
    write(pairs);
    writeFileSync(
      path('count'),
      Buffer.concat([...historyChunks({ ...pairs, count: pairs.count.slice(1) }, 'count')]),
    );
    const refused = expect.objectContaining({ message: expect.stringContaining('count.npy') });
    expect(() => openHistories(path, 15)).toThrow(refused);
    expect(() => readHistories(path, 15)).toThrow(refused);
    write(pairs);
    const histories = openHistories(path, 15);
    expect(() => histories.read(20)).toThrow('has no user row 20');
    histories.close();
  });
});

describe('histories of many users', () => {
  const entries = plantedEntries(20, 15, { dislikes: 0.3 });
  entries[4] = [];
  const pairs = pairsOf(entries, 15);

  it.each([
    ['neighbours, and others', [3, 4, 5, 6, 19, 0, 1, 7, 7]],
    ['all', Array.from({ length: 20 }, (_, user) => user)],
    ['none', []],
  ])('are those of each, one after the other: %s', (_, users) => {
    write(pairs);
    const histories = openHistories(path, 15);
    const many = histories.readMany(Uint32Array.from(users));
    const heard = histories.readSeen(Uint32Array.from(users));
    expect(many.numUsers).toBe(users.length);
    users.forEach((user, at) => {
      const one = histories.read(user);
      const [from, to] = [many.indptr[at]!, many.indptr[at + 1]!];
      for (const name of ['item', 'weight', 'count', 'lastAt', 'flags'] as const)
        expect(many[name].subarray(from, to)).toEqual(one[name]);
    });
    const { indptr, item, weight, flags } = many;
    expect(heard).toEqual({ indptr, item, weight, flags });
    histories.close();
  });

  it('are refused for a row that is not there', () => {
    write(pairs);
    const histories = openHistories(path, 15);
    expect(() => histories.readSeen(Uint32Array.of(18, 19, 20))).toThrow('has no user row 20: it holds 20');
    histories.close();
  });
});
