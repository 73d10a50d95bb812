/**
 * Users' histories on disk: pairs in compressed sparse rows, an .npy file an array, so that one user's is read by
 * offset and numpy opens all of them. Kept apart from LMDB: they are written in one stream instead of through dirty
 * pages in memory.
 */
import { AppError } from '../errors.js';
import { npyHeader, openNpy, readNpy, type NpyDtype, type NpyFile } from '../files/npy.js';
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
  yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export interface Histories {
  readonly numUsers: number;
  /** One user's pairs, as Pairs with a single row. */
  read(user: number): Pairs;
  close(): void;
}

/**
 * @param path where each array's file is; @param numItems of the model that the item rows belong to. AppError
 *   'damaged-snapshot', here and by `read`, where the arrays do not fit together: nothing is allocated by what they say.
 */
export function openHistories(path: (name: HistoryArray) => string, numItems: number): Histories {
  const indptr = openNpy(path('indptr'), { dtype: '<u4', shape: [undefined] });
  const files = {} as Record<Exclude<HistoryArray, 'indptr'>, NpyFile>;
  const opened: NpyFile[] = [indptr];
  try {
    if (indptr.shape[0] === 0) throw damaged(indptr.path, 'holds no ranges');
    for (const name of ['item', 'weight', 'count', 'last', 'flags'] as const) {
      const shape = [opened[1]?.shape[0]];
      files[name] = openNpy(path(name), { dtype: historyArrays[name], shape });
      opened.push(files[name]);
    }
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
  const numUsers = (indptr.shape[0] ?? 1) - 1;
  const numPairs = files.item.shape[0] ?? 0;

  return {
    numUsers,
    read(user) {
      // The row comes from another file.
      if (user >= numUsers) throw damaged(indptr.path, `has no user row ${user}: it holds ${numUsers}`);
      const bounds = new Uint32Array(2);
      indptr.readInto(bytesOf(bounds), 4 * user);
      const [from = 0, to = 0] = bounds;
      if (from > to || to > numPairs) {
        throw damaged(
          indptr.path,
          `says that user row ${user} has the pairs ${from} to ${to} of ${numPairs}`,
        );
      }
      const nnz = to - from;
      const slice = <T extends Uint8Array | Uint32Array | BigInt64Array>(file: NpyFile, array: T): T => {
        file.readInto(bytesOf(array), from * array.BYTES_PER_ELEMENT);
        return array;
      };
      const item = slice(files.item, new Uint32Array(nnz));
      checkItems(files.item.path, item, numItems);
      return {
        numUsers: 1,
        numItems,
        indptr: Uint32Array.of(0, nnz),
        item,
        weight: slice(files.weight, new BigInt64Array(nnz)),
        count: slice(files.count, new Uint32Array(nnz)),
        lastAt: slice(files.last, new BigInt64Array(nnz)),
        flags: slice(files.flags, new Uint8Array(nnz)),
      };
    },
    close() {
      for (const file of opened) file.close();
    },
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

function bytesOf(array: Uint8Array | Uint32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path} ${what}`, { details: { file: path } });
}
