/**
 * Where users/ is: in one part, or in shards, each of which is what users/ is in a snapshot of one part (docs/reference/formats.md).
 * Only this folder and what writes a snapshot know which; everyone else sees users 0 … rows − 1, the shards end to end.
 */
import { AppError } from '../../errors.js';
import { shardFile, type UserFile } from '../layout.js';
import { addedVersion, largeVersion, type Manifest, type ShardSection } from '../manifest.js';

export interface UserPart {
  /** The row, of all, of its first user. */
  readonly first: number;
  readonly rows: number;
  /** The path below the snapshot. */
  nameOf(name: UserFile): string;
  has(name: UserFile): boolean;
  /** The path of a file. Throws missing-part where the part has no such file. */
  file(name: UserFile): string;
}

/** The shards that a manifest states; undefined where users are in one part, or there are none. */
export function shardsOf({
  formatVersion,
  users,
}: Pick<Manifest, 'formatVersion' | 'users'>): readonly ShardSection[] | undefined {
  return formatVersion === largeVersion || formatVersion === addedVersion ? users?.shards : undefined;
}

/** @param path of a file below the snapshot */
export function userParts(manifest: Manifest, path: (name: string) => string): readonly UserPart[] {
  const shards = shardsOf(manifest);
  const part = (first: number, rows: number, nameOf: (name: UserFile) => string): UserPart => {
    const has = (name: UserFile): boolean => Object.hasOwn(manifest.files, nameOf(name));
    return {
      ...{ first, rows, nameOf, has },
      file(name) {
        if (has(name)) return path(nameOf(name));
        throw new AppError(
          'missing-part',
          `snapshot ${manifest.id} has no users/: ${nameOf(name)} is missing`,
          {
            suggestions: ['segue train without --without-users'],
            details: { snapshot: manifest.id, file: nameOf(name) },
          },
        );
      },
    };
  };
  if (shards === undefined) return [part(0, manifest.users?.rows ?? 0, (name) => name)];
  let next = 0;
  return shards.map(({ rows }, shard) => {
    const first = next;
    next += rows;
    return part(first, rows, (name) => shardFile(shard, name));
  });
}

/**
 * The shard of an id: the lowest bits of the CRC-32 (that of zip and PNG) of its UTF-8.
 * @param count a power of two
 */
export function shardOf(id: string | Uint8Array, count: number): number {
  // Loaded here: most snapshots have one part, and a cold command would wait for it.
  return process.getBuiltinModule('node:zlib').crc32(id) & (count - 1);
}

/** The part in which a row is. RangeError where there is none. */
export function partOfRow(parts: readonly UserPart[], row: number): number {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (parts[middle]!.first <= row) low = middle;
    else high = middle - 1;
  }
  // A part without users begins where the next one does.
  const { first, rows } = parts[low]!;
  if (row >= first && row < first + rows) return low;
  throw new RangeError(`row ${row} of ${first + rows} users`);
}

/** Runs of neighbouring rows that are in one part: where each begins and ends in `rows`. */
export function* runsByPart(
  parts: readonly UserPart[],
  rows: Uint32Array,
): Generator<{ readonly part: number; readonly rows: Uint32Array }> {
  for (let from = 0; from < rows.length;) {
    const part = partOfRow(parts, rows[from]!);
    const { first, rows: count } = parts[part]!;
    let to = from + 1;
    while (to < rows.length && rows[to]! >= first && rows[to]! < first + count) to++;
    yield { part, rows: rows.subarray(from, to).map((row) => row - first) };
    from = to;
  }
}
