/** Which shard every user belongs to, where one part of users/ cannot hold all of them. */
import type { Pairs, StringColumn } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { ArrayLimits } from '../../numeric/pairs.js';
import { mostShards } from '../layout.js';
import { shardOf } from '../users/user-parts.js';

export interface Shards {
  /** By shard the rows of its users, ascending. */
  readonly rows: readonly Uint32Array[];
  /** By shard the number of their pairs. */
  readonly pairs: readonly number[];
  /** [numUsers] */
  readonly shardOfRow: Uint16Array;
}

/**
 * As few as hold all users, a power of two; undefined where one part does. AppError 'too-large' past `mostShards`.
 * @param least a power of two
 */
export function cutIntoShards(
  ids: StringColumn,
  histories: Pairs,
  limits: ArrayLimits,
  least: number,
): Shards | undefined {
  const [idBytes, numPairs] = [ids.bytes.length, histories.item.length];
  if (least === 1 && idBytes <= limits.idBytes && numPairs <= limits.pairs) return undefined;
  const shardOfRow = new Uint16Array(ids.length);
  // A shard of fewer shards is made of whole shards of more.
  for (let row = 0; row < ids.length; row++)
    shardOfRow[row] = shardOf(ids.bytes.subarray(ids.offsets[row], ids.offsets[row + 1]), mostShards);
  const parts = sizesOf(ids, histories, shardOfRow);
  for (let count = Math.max(2, least); count <= mostShards; count *= 2) {
    const sizes = { idBytes: folded(parts.idBytes, count), pairs: folded(parts.pairs, count) };
    const fits = sizes.idBytes.every((bytes) => bytes <= limits.idBytes);
    if (!fits || sizes.pairs.some((pairs) => pairs > limits.pairs)) continue;
    const numRows = folded(parts.rows, count);
    const rows = Array.from(numRows, (length) => new Uint32Array(length));
    const next = new Uint32Array(count);
    for (const [row, finest] of shardOfRow.entries()) {
      const shard = finest & (count - 1);
      shardOfRow[row] = shard;
      rows[shard]![next[shard]!++] = row;
    }
    return { rows, pairs: [...sizes.pairs], shardOfRow };
  }
  throw new AppError(
    'too-large',
    `${ids.length} users with ${numPairs} pairs and ids of ${idBytes} bytes do not fit into ${mostShards} shards`,
    { details: { users: ids.length, pairs: numPairs, idBytes } },
  );
}

/** Of each of `mostShards` shards. */
function sizesOf({ offsets }: StringColumn, { indptr }: Pairs, shardOfRow: Uint16Array) {
  const [rows, pairs, idBytes] = [0, 0, 0].map(() => new Float64Array(mostShards));
  for (const [row, shard] of shardOfRow.entries()) {
    rows![shard]! += 1;
    pairs![shard]! += indptr[row + 1]! - indptr[row]!;
    idBytes![shard]! += offsets[row + 1]! - offsets[row]!;
  }
  return { rows: rows!, pairs: pairs!, idBytes: idBytes! };
}

/** The sums of those that are one shard of `count`. */
function folded(sizes: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (const [shard, size] of sizes.entries()) sums[shard & (count - 1)]! += size;
  return sums;
}
