/** users/: everyone's vector, and the history that it was made from. */
import type { Pairs, StringColumn } from '../../contracts.js';
import { bytesOf, npyHeader } from '../../files/npy.js';
import { writeUserDirectory } from '../../store/user-directory.js';
import { userTableChunks } from '../../tables/snapshot-tables.js';
import { historyArrays, historyChunks, type HistoryArray } from '../../histories/histories.js';
import { historyFile, snapshotFile } from '../layout.js';
import type { SnapshotDraft } from './write-snapshot.js';

export interface UsersPart {
  /** f32 [some users × dim], in order of rows. undefined for a model that scores without users' vectors. */
  readonly vectors: AsyncIterable<Float32Array> | Iterable<Float32Array> | undefined;
  /** Without padding. */
  readonly dim: number;
  /** Ids by user row. */
  readonly ids: StringColumn;
  readonly histories: Pairs;
  /** [numUsers] 1 where the vector is as it was imported; undefined where there are none. */
  readonly imported?: Uint8Array | undefined;
}

export async function writeUsers(draft: SnapshotDraft, part: UsersPart): Promise<void> {
  const { vectors, dim, ids, histories, imported } = part;
  if (vectors !== undefined) {
    await draft.writeStream(snapshotFile.userVectors, vectorFileOf(vectors, ids.length, dim));
  }
  if (imported !== undefined)
    draft.write(snapshotFile.userImported, [npyHeader('|u1', [imported.length]), imported]);
  for (const name of Object.keys(historyArrays) as HistoryArray[])
    draft.write(historyFile(name), historyChunks(histories, name));
  draft.write(snapshotFile.userTable, await userTableChunks({ ids, counts: eventCounts(histories) }));
  await writeUserDirectory(draft.path(snapshotFile.userStore), ids);
  draft.seal(snapshotFile.userStore);
}

async function* vectorFileOf(
  batches: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  numUsers: number,
  dim: number,
): AsyncGenerator<Uint8Array> {
  yield npyHeader('<f4', [numUsers, dim]);
  let missing = numUsers * dim;
  for await (const batch of batches) {
    yield bytesOf(batch);
    missing -= batch.length;
  }
  if (missing !== 0) throw new Error(`of ${numUsers} × ${dim} numbers of users ${missing} are missing`);
}

/** [numUsers] events of each user. */
function eventCounts({ numUsers, indptr, count }: Pairs): Uint32Array {
  const totals = new Uint32Array(numUsers);
  for (let u = 0; u < numUsers; u++)
    for (let p = indptr[u] ?? 0; p < (indptr[u + 1] ?? 0); p++)
      totals[u] = (totals[u] ?? 0) + (count[p] ?? 0);
  return totals;
}
