import { afterAll, expect, it } from 'vitest';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { keptImports } from '#dist/core/tasks/kept-imports.js';
import { openStoredVectors } from '#dist/core/snapshot/users/stored-arrays.js';
import { readStoredTable } from '#dist/core/snapshot/users/stored-tables.js';
import { readVectorRows } from '#dist/core/compute/vector-file.js';
import { prepare } from '../../helpers/prepared.js';
import { classicRock, makeFolder } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

const folder = makeFolder();
afterAll(() => folder.remove());

async function* batchesOf(batches: readonly Float32Array[]): AsyncGenerator<Float32Array> {
  await Promise.resolve();
  yield* batches;
}

it('puts the vectors that were imported in the place of what was folded in, batch by batch', async () => {
  await prepare(folder, [
    words`train ${classicRock.plays} --min-item-users 60 --factors 5 --epochs 1 --threads 1`,
    ['export', '--out', 'items.arrow'],
    ['export', '--what', 'users', '--out', 'users.arrow'],
    ['import', 'items.arrow', '--user-vectors', 'users.arrow', '--events', classicRock.plays],
  ]);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const parent = await openForReading(`${folder.path}/root`, 'latest', context);
  const { ids } = await readStoredTable(parent);
  const kept = keptImports(parent, ids, ids, undefined)!;
  expect(kept.count).toBe(172);
  const folded = [1, 99, 72].map((numUsers) => new Float32Array(numUsers * 5).fill(7));
  const merged: number[] = [];
  for await (const batch of kept.among(batchesOf(folded), 5)) merged.push(...batch);
  const stored = openStoredVectors(parent);
  const { values, stride } = readVectorRows(stored);
  const data = Array.from({ length: 172 }, (_, u) => [...values.subarray(u * stride, u * stride + 5)]);
  expect(merged).toEqual(data.flat());
  stored.close();
  parent.close();
});
