/**
 * Users' histories on disk: pairs in compressed sparse rows, an .npy file an array, so that one user's is read by
 * offset and numpy opens all of them. Kept apart from LMDB: they are written in one stream instead of through dirty
 * pages in memory.
 */
import { Closers } from '../closers.js';
import { AppError } from '../errors.js';
import { bytesOf, npyHeader, openNpy, piecesOf, readNpy, type NpyDtype, type NpyFile } from '../files/npy.js';
import type { Pairs } from '../contracts.js';

/** The arrays of a history and their dtypes; `path` of each is given by the snapshot's layout. */
export const historyArrays = {
  indptr: '<u4',
  item: '<u4',
  weight: '<i8',
  count: '<u4',
  last: '<M8[ms]',
  flags: '|u1',
} as const satisfies Record<string, NpyDtype>;

export type HistoryArray = keyof typeof historyArrays;

/** The contents of one array's .npy file. */
export function* historyChunks(pairs: Pairs, name: HistoryArray): Generator<Uint8Array> {
  const array = name === 'last' ? pairs.lastAt : pairs[name];
  yield npyHeader(historyArrays[name], [array.length]);
  yield* piecesOf(array);
}

export interface Histories {
  readonly numUsers: number;
  /** One user's pairs, as Pairs with a single row. */
  read(user: number): Pairs;
  /** The pairs of these users, as Pairs with a row each, in this order. One read a file for users next to each other. */
  readMany(users: Uint32Array): Pairs;
  /** The same of what filters, and of whether anything is liked. */
  readSeen(users: Uint32Array): SeenItems;
  close(): void;
}

/** What users have seen, and which of it they disliked or banned: a part of Pairs. */
export type SeenItems = Pick<Pairs, 'indptr' | 'item' | 'weight' | 'flags'>;

/**
 * @param path where each array's file is; @param numItems of the model that the item rows belong to. AppError
 *   'damaged-snapshot', here and by `read`, where the arrays do not fit together: nothing is allocated by what they say.
 */
export function openHistories(path: (name: HistoryArray) => string, numItems: number): Histories {
  const opened = new Closers();
  const indptr = opened.keep(openNpy(path('indptr'), { dtype: '<u4', shape: [undefined] }));
  const files = {} as Record<Exclude<HistoryArray, 'indptr'>, NpyFile>;
  try {
    if (indptr.shape[0] === 0) throw damaged(indptr.path, 'holds no ranges');
    for (const name of ['item', 'weight', 'count', 'last', 'flags'] as const) {
      const shape = [name === 'item' ? undefined : files.item.shape[0]];
      files[name] = opened.keep(openNpy(path(name), { dtype: historyArrays[name], shape }));
    }
  } catch (error) {
    opened.close();
    throw error;
  }
  const numUsers = (indptr.shape[0] ?? 1) - 1;
  const numPairs = files.item.shape[0] ?? 0;

  /** Where the pairs of each run of neighbouring users begin and end, and the lengths of all rows, summed. */
  const rangesOf = (users: Uint32Array): { runs: (readonly [number, number])[]; sums: Uint32Array } => {
    const sums = new Uint32Array(users.length + 1);
    const runs: (readonly [number, number])[] = [];
    for (let at = 0; at < users.length;) {
      const first = users[at]!;
      let count = 1;
      while (at + count < users.length && users[at + count] === first + count) count++;
      // The rows come from another file.
      const last = first + count - 1;
      if (last >= numUsers) throw damaged(indptr.path, `has no user row ${last}: it holds ${numUsers}`);
      const bounds = new Uint32Array(count + 1);
      indptr.readInto(bytesOf(bounds), 4 * first);
      for (let u = 0; u < count; u++) {
        const from = bounds[u]!;
        const to = bounds[u + 1]!;
        if (from > to || to > numPairs) {
          throw damaged(
            indptr.path,
            `says that user row ${first + u} has the pairs ${from} to ${to} of ${numPairs}`,
          );
        }
        sums[at + u + 1] = sums[at + u]! + to - from;
      }
      runs.push([bounds[0]!, bounds[count]!]);
      at += count;
    }
    return { runs, sums };
  };
  const slices = <T extends Uint8Array | Uint32Array | BigInt64Array>(
    file: NpyFile,
    runs: readonly (readonly [number, number])[],
    array: T,
  ): T => {
    let at = 0;
    for (const [from, to] of runs) {
      const part = array.subarray(at, at + to - from);
      file.readInto(bytesOf(part), from * array.BYTES_PER_ELEMENT);
      at += to - from;
    }
    return array;
  };
  const seenIn = ({ runs, sums }: ReturnType<typeof rangesOf>, nnz: number) => {
    const item = slices(files.item, runs, new Uint32Array(nnz));
    checkItems(files.item.path, item, numItems);
    return {
      indptr: sums,
      item,
      weight: slices(files.weight, runs, new BigInt64Array(nnz)),
      flags: slices(files.flags, runs, new Uint8Array(nnz)),
    };
  };
  const readMany = (users: Uint32Array): Pairs => {
    const ranges = rangesOf(users);
    const nnz = ranges.sums[users.length]!;
    return {
      ...{ numUsers: users.length, numItems, ...seenIn(ranges, nnz) },
      count: slices(files.count, ranges.runs, new Uint32Array(nnz)),
      lastAt: slices(files.last, ranges.runs, new BigInt64Array(nnz)),
    };
  };

  return {
    numUsers,
    read: (user) => readMany(Uint32Array.of(user)),
    readMany,
    readSeen(users) {
      const ranges = rangesOf(users);
      return seenIn(ranges, ranges.sums[users.length]!);
    },
    close: () => opened.close(),
  };
}

/** All histories at once, in memory. Errors as `openHistories`. */
export function readHistories(path: (name: HistoryArray) => string, numItems: number): Pairs {
  const { data: indptr } = readNpy(path('indptr'), { dtype: '<u4', shape: [undefined] });
  const { data: item } = readNpy(path('item'), { dtype: '<u4', shape: [undefined] });
  checkRanges(path('indptr'), indptr, item.length);
  checkItems(path('item'), item, numItems);
  const shape = [item.length];
  return {
    numUsers: indptr.length - 1,
    numItems,
    indptr,
    item,
    weight: readNpy(path('weight'), { dtype: '<i8', shape }).data,
    count: readNpy(path('count'), { dtype: '<u4', shape }).data,
    lastAt: readNpy(path('last'), { dtype: '<M8[ms]', shape }).data,
    flags: readNpy(path('flags'), { dtype: '|u1', shape }).data,
  };
}

/** From 0, ascending, to all pairs. */
function checkRanges(path: string, indptr: Uint32Array, numPairs: number): void {
  let before = 0;
  for (const end of indptr) {
    if (end < before) throw damaged(path, `has a range that ends at ${end}, before it starts`);
    before = end;
  }
  if (indptr[0] !== 0 || before !== numPairs)
    throw damaged(path, `has ranges that do not add up to ${numPairs}`);
}

/** Whoever folds a history in reads the vectors of these rows. */
function checkItems(path: string, items: Uint32Array, numItems: number): void {
  for (const row of items) {
    if (row >= numItems) throw damaged(path, `holds the item row ${row}, wanted one below ${numItems}`);
  }
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path} ${what}`, { details: { file: path } });
}
