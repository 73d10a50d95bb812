/** users/: everyone's vector, and the history that it was made from; in shards where one part cannot hold them. */
import type { Pairs, StringColumn } from '../../contracts.js';
import { bytesOf, npyHeader } from '../../files/npy.js';
import { historyArrays, historyChunks, type HistoryArray } from '../../histories/histories.js';
import { arrayLimits, type ArrayLimits } from '../../numeric/pairs.js';
import { usersAt } from '../../numeric/split-pairs.js';
import { writeUserDirectory } from '../../store/user-directory.js';
import { userTableChunks } from '../../tables/snapshot-tables.js';
import { stringsAt } from '../../tables/string-column.js';
import { historyFile, shardFile, snapshotFile, type ShardFile, type UserFile } from '../layout.js';
import { cutIntoShards } from './cut-into-shards.js';
import { scatterRows, type RowFile } from './scatter-rows.js';
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
  /** Of the snapshot whose users these are, in the order of its rows: its number of shards, and there are no fewer then. */
  readonly leastShards?: number | undefined;
}

/** @param limits past which users are written into shards */
export async function writeUsers(
  draft: SnapshotDraft,
  part: UsersPart,
  limits: ArrayLimits = arrayLimits,
): Promise<void> {
  const { ids, histories, leastShards = 1 } = part;
  const shards = cutIntoShards(ids, histories, limits, leastShards);
  for (const file of rowFiles(part)) {
    if (shards === undefined) await draft.writeStream(file.name, file.chunks);
    else await scatterRows(draft, file, shards);
  }
  if (shards === undefined) {
    await writeHistories(draft, ids, histories, (name) => name);
    return;
  }
  for (const [shard, rows] of shards.rows.entries()) {
    const own = usersAt(histories, rows);
    await writeHistories(draft, stringsAt(ids, rows), own, (name) => shardFile(shard, name));
  }
  draft.shardUsers(shards.rows.map((rows, shard) => ({ rows: rows.length, pairs: shards.pairs[shard]! })));
}

/** The files with a row a user. */
function* rowFiles({ vectors, dim, ids, imported }: UsersPart): Generator<RowFile> {
  if (vectors !== undefined) {
    const chunks = vectorFileOf(vectors, ids.length, dim);
    yield { name: snapshotFile.userVectors, dtype: '<f4', rowShape: [dim], chunks };
  }
  if (imported !== undefined) {
    const chunks = [npyHeader('|u1', [imported.length]), imported];
    yield { name: snapshotFile.userImported, dtype: '|u1', rowShape: [], chunks };
  }
}

/** Histories, table and look-ups, of all users or of a shard. */
async function writeHistories(
  draft: SnapshotDraft,
  ids: StringColumn,
  histories: Pairs,
  nameOf: (name: UserFile) => UserFile | ShardFile,
): Promise<void> {
  for (const name of Object.keys(historyArrays) as HistoryArray[])
    draft.write(nameOf(historyFile(name)), historyChunks(histories, name));
  const counts = eventCounts(histories);
  draft.write(nameOf(snapshotFile.userTable), await userTableChunks({ ids, counts }));
  const store = nameOf(snapshotFile.userStore);
  await writeUserDirectory(draft.path(store), ids);
  draft.seal(store);
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
