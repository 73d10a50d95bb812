import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashInteractions, type CountedEvents } from '#dist/core/events/interactions-hash.js';
import { noTime } from '#dist/core/numeric/pairs.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const numUsers = 65_540;
const numItems = 65_537;

/** Of users some of whom have two pairs, some one, and some none. */
function events(withOrder: boolean): CountedEvents {
  const counts = Array.from({ length: numUsers }, (_, u) => u % 3);
  const indptr = new Uint32Array(numUsers + 1);
  counts.forEach((count, u) => (indptr[u + 1] = indptr[u]! + count));
  const nnz = indptr[numUsers]!;
  const item = new Uint32Array(nnz);
  for (let u = 0; u < numUsers; u++)
    for (let p = 0; p < counts[u]!; p++) item[indptr[u]! + p] = 7 * p + (u % numItems);
  const sequences = { indptr, item: item.toReversed(), at: Float64Array.from(item, (row) => row / 2) };
  return {
    users: packStrings(Array.from({ length: numUsers }, (_, u) => `u${u}`)),
    items: packStrings(Array.from({ length: numItems }, (_, i) => `é${i}`)),
    pairs: {
      ...{ numUsers, numItems, indptr, item },
      weight: BigInt64Array.from(item, BigInt),
      count: item.map((row) => row + 1),
      lastAt: BigInt64Array.from(item, (row) => (row % 2 === 0 ? noTime : BigInt(row))),
      flags: Uint8Array.from(item, (row) => row % 8),
    },
    numEvents: 123,
    firstAt: -5n,
    lastAt: null,
    ...(withOrder ? { sequences } : {}),
  };
}

type Part = string | ArrayBufferView;

function bytes(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'string'
        ? Buffer.from(part, 'latin1')
        : Buffer.from(part.buffer, part.byteOffset, part.byteLength),
    ),
  );
}

const sha256 = (...parts: readonly Part[]): Buffer =>
  createHash('sha256')
    .update(bytes(...parts))
    .digest();

/** What the format says, block by block and number by number. */
function naive({ users, items, pairs, numEvents, firstAt, lastAt, sequences }: CountedEvents): string {
  const block = 65_536;
  const ids = (column: typeof users, from: number, to: number): Buffer => {
    const texts = Array.from({ length: to - from }, (_, at) => Buffer.from(column.at(from + at)));
    const ends = [0];
    for (const text of texts) ends.push(ends.at(-1)! + text.length);
    return bytes(Uint32Array.from(ends), ...texts);
  };
  const positions = (indptr: Uint32Array, from: number, to: number): BigUint64Array =>
    BigUint64Array.from(indptr.slice(from, to + 1), (at) => BigInt(at - indptr[from]!));
  const ranges = (length: number): [number, number][] => [
    [0, block],
    [block, length],
  ];
  const ofUsers = ranges(users.length).map(([from, to]) => {
    const [first, end] = [pairs.indptr[from]!, pairs.indptr[to]!];
    const arrays = [pairs.item, pairs.weight, pairs.count, pairs.lastAt, pairs.flags];
    return sha256(
      ids(users, from, to),
      positions(pairs.indptr, from, to),
      ...arrays.map((one) => one.slice(first, end)),
    );
  });
  const ofItems = ranges(items.length).map(([from, to]) => sha256(ids(items, from, to)));
  const ofPlays =
    sequences === undefined
      ? []
      : ranges(users.length).map(([from, to]) => {
          const [first, end] = [sequences.indptr[from]!, sequences.indptr[to]!];
          const own = [sequences.item.slice(first, end), sequences.at!.slice(first, end)];
          return sha256(positions(sequences.indptr, from, to), ...own);
        });
  const counts = BigUint64Array.from([numUsers, numItems, pairs.item.length, numEvents], BigInt);
  const times = BigInt64Array.of(firstAt ?? noTime, lastAt ?? noTime);
  const order = sequences === undefined ? [] : ['segue-order-2\0\0\0', ...ofPlays];
  return sha256('segue-events-2\0\0', counts, times, ...ofUsers, ...ofItems, ...order).toString('hex');
}

it.each([false, true])(
  'the hash of interactions past the limits of format version 1 is that of the hashes of blocks (with order: %s)',
  (withOrder) => {
    const counted = events(withOrder);
    const most = { idBytes: 2 ** 31 - 1, pairs: counted.pairs.item.length };
    const hashed = hashInteractions(counted, { ...most, pairs: most.pairs - 1 });
    expect(hashed).toBe(naive(counted));
    expect(hashInteractions(counted, { ...most, idBytes: counted.users.bytes.length - 1 })).toBe(hashed);
    // Up to them it is what it always was.
    expect(hashInteractions(counted, most)).toBe(hashInteractions(counted));
    expect(hashInteractions(counted)).not.toBe(hashed);
  },
);
