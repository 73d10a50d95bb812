import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  historyArrays,
  historyChunks,
  openHistories,
  readHistories,
  type HistoryArray,
} from '#dist/core/users/histories.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-histories-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

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
});
