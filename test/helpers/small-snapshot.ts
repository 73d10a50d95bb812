import { noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import type { ManifestContent } from '#dist/core/snapshot/manifest.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { itemTableChunks, userTableChunks } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { contentOf, listening, npy } from './snapshots.js';

export interface SmallSnapshot {
  /** Ids and vectors by row, most played first. */
  readonly items: readonly (readonly [id: string, ...vector: number[]])[];
  /** Plays by row; none where nothing is said. */
  readonly counts?: readonly number[];
  /** By user: the rows of the items in its history. Without it there are no users. */
  readonly users?: ReadonlyMap<string, readonly number[]>;
  /** By user: their vector; zero where nothing is said. */
  readonly userVectors?: ReadonlyMap<string, readonly number[]>;
  /** Items of the catalogue without vectors. */
  readonly unplayed?: readonly string[];
  readonly content?: Partial<ManifestContent>;
}

/** Makes a snapshot of a few given vectors, whole but for the users' look-ups; an item's name is its id in capitals. */
export async function makeSmallSnapshot(root: string, id: string, small: SmallSnapshot): Promise<void> {
  const dim = small.items[0]!.length - 1;
  const ids = packStrings([...small.items.map(([itemId]) => itemId), ...(small.unplayed ?? [])]);
  const values = Array.from({ length: ids.length }, (_, row) => ids.at(row).toUpperCase());
  const catalogue = {
    ids,
    counts: Uint32Array.from({ length: ids.length }, (_, row) => small.counts?.[row] ?? 0),
    columns: [{ name: 'name', type: 'text', values } as const],
  };
  const base = contentOf(id, small.content);
  const content = {
    ...base,
    model: { ...base.model, dim },
    inputs: { ...base.inputs, interactions: { ...base.inputs.interactions, items: small.items.length } },
    users: small.users === undefined ? null : { rows: small.users.size, unconverged: 0, options: {} },
  };
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
  try {
    const vectors = new Float32Array(small.items.length * dim);
    small.items.forEach(([, ...vector], row) => vectors.set(vector, row * dim));
    draft.write('model/item.npy', [npy('<f4', [small.items.length, dim], vectors)]);
    draft.write('model/item.arrow', await itemTableChunks(catalogue));
    await writeCatalogue(draft.path('model/store.mdb'), 'item', catalogue);
    draft.seal('model/store.mdb');
    if (small.users !== undefined) {
      const rows = [...small.users.values()];
      const indptr = rows.reduce<number[]>((ends, items) => [...ends, ends.at(-1)! + items.length], [0]);
      const numPairs = indptr.at(-1)!;
      const last = new BigInt64Array(numPairs).fill(noTime);
      const weight = new BigInt64Array(numPairs).fill(weightUnits);
      const userIds = packStrings(small.users.keys());
      const userVectors = new Float32Array(rows.length * dim);
      [...small.users.keys()].forEach((user, u) =>
        userVectors.set(small.userVectors?.get(user) ?? [], u * dim),
      );
      draft.write('users/users.npy', [npy('<f4', [rows.length, dim], userVectors)]);
      draft.write(
        'users/users.arrow',
        await userTableChunks({ ids: userIds, counts: new Uint32Array(rows.length) }),
      );
      draft.write('users/history/indptr.npy', [npy('<u4', [indptr.length], Uint32Array.from(indptr))]);
      draft.write('users/history/item.npy', [npy('<u4', [numPairs], Uint32Array.from(rows.flat()))]);
      draft.write('users/history/weight.npy', [npy('<i8', [numPairs], weight)]);
      draft.write('users/history/count.npy', [npy('<u4', [numPairs], new Uint32Array(numPairs).fill(1))]);
      draft.write('users/history/last.npy', [npy('<M8[ms]', [numPairs], last)]);
      draft.write('users/history/flags.npy', [
        npy('|u1', [numPairs], new Uint8Array(numPairs).fill(preferred)),
      ]);
    }
    await draft.commit(content);
  } finally {
    draft.abandon();
  }
}
