/**
 * Writing an LMDB file once, whole, with the same bytes everywhere: one synchronous transaction, keys in their order,
 * pages of 4,096 bytes, and none of what the package adds about the machine.
 */
import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { AppError, machineError, orMachineError } from '../errors.js';
import { discard } from '../files/durable-write.js';
import { closingFile } from '../files/safe-open.js';
import { freeBytes } from '../files/free-space.js';
import { withNative } from '../files/native-library.js';
import { lmdbMagic, meta, pageBytes } from './lmdb-pages.js';

/** A key and its value. Both buffers may be used again for the next entry. */
export type StoreEntry = readonly [key: Uint8Array, value: Uint8Array];

/** LMDB is known to leave promises unsettled when a disk fails; closing takes milliseconds. */
const closeTimeoutMs = 30_000;
/** With less than its first pages and its lock file to write, LMDB kills the process instead of failing. */
const leastFreeBytes = 256 * 1024;
/** Address space for what is added to a store of any size. */
const leastChangeBytes = 64 * 2 ** 20;

/**
 * Writes a new store. The caller makes it durable (`sealFile`): nothing is synced here.
 *
 * @param entries with keys strictly ascending by bytes; RangeError otherwise
 * @param plannedBytes upper bound of the file's size, the same for the same entries; it is only address space
 * @throws AppError 'disk-full', 'permission-denied' or 'io-error' (also where the file exists); no file is left then
 */
export async function writeLmdb(
  path: string,
  entries: Iterable<StoreEntry>,
  plannedBytes: number,
): Promise<void> {
  orMachineError(`write ${path}`, () => requireWritable(path));
  await writeBy(path, plannedBytes, (store) => putAll(store, entries));
}

/** A store that is being changed: what was put can be read. A key's buffer may be used again, a value's may not. */
export interface ChangedStore {
  get(key: Uint8Array): Buffer | undefined;
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
}

/**
 * Changes a store that `writeLmdb` wrote, and that nobody has open, in one transaction: the same bytes from the same bytes.
 * Errors as `writeLmdb`; the file is gone then.
 */
export async function changeLmdb(path: string, change: (store: ChangedStore) => void): Promise<void> {
  const { size } = statSync(path);
  await writeBy(path, 4 * size + leastChangeBytes, (store) => {
    store.transactionSync(() => {
      change({
        get: (key) => store.getBinary(key),
        put(key, value) {
          store.putSync(key, value);
        },
        remove(key) {
          store.removeSync(key);
        },
      });
    });
    return undefined;
  });
}

/** @param write returns how many entries the store then has; undefined: it was counted before */
async function writeBy(
  path: string,
  plannedBytes: number,
  write: (store: RootDatabase<Uint8Array, Uint8Array>) => number | undefined,
): Promise<void> {
  const doing = `write ${path}`;
  const { open } = await withNative('lmdb', () => import('lmdb'));
  const watch = watchRejections();
  let whole = false;
  try {
    const store = open<Uint8Array, Uint8Array>({
      path,
      noSubdir: true,
      pageSize: pageBytes,
      mapSize: Math.ceil(plannedBytes / pageBytes) * pageBytes,
      overlappingSync: false,
      noSync: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      compression: false,
      maxDbs: 1,
    });
    let count: number | undefined;
    try {
      count = write(store);
    } finally {
      // Rejections arrive after a turn of the event loop.
      const closed = store.close().then(async () => setImmediate());
      await Promise.race([closed, watch.failed, timeout(closeTimeoutMs)]);
    }
    finish(path, count);
    rmSync(`${path}-lock`, { force: true });
    whole = true;
  } catch (error) {
    throw isLmdbError(error) ? diskError(error, path, doing) : systemErrorOrBug(error, doing);
  } finally {
    watch.stop();
    if (!whole) for (const each of [`${path}-lock`, path]) discard(undefined, each);
  }
}

/** The number of entries that were put. `append` fills pages to the brim, and skips a key that does not ascend. */
function putAll(store: RootDatabase<Uint8Array, Uint8Array>, entries: Iterable<StoreEntry>): number {
  return store.transactionSync(() => {
    let count = 0;
    for (const [key, value] of entries) {
      store.putSync(key, value, { append: true });
      count += 1;
    }
    return count;
  });
}

/** Writes what LMDB would write first, and fails properly where that does not fit. */
function requireWritable(path: string): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    const zeros = Buffer.alloc(leastFreeBytes);
    for (let written = 0; written < zeros.length;) written += writeSync(fd, zeros, written);
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
  // It stays for LMDB to find, which dies where it cannot make it.
  closeSync(openSync(`${path}-lock`, 'wx', 0o600));
}

/**
 * Checks that every entry arrived, and removes the kernel's boot id, which lmdb-js notes for its overlapping syncs:
 * without them zeros mean the same, and are so on every machine.
 */
function finish(path: string, count: number | undefined): void {
  closingFile(openSync(path, 'r+'), (fd) => {
    const head = Buffer.alloc(pageBytes);
    let stored = 0;
    for (const position of [0, pageBytes]) {
      readSync(fd, head, 0, head.length, position);
      if (head.readUInt32LE(meta.magic) !== lmdbMagic)
        throw new Error(`${path} is not laid out as LMDB's files`);
      stored = Math.max(stored, Number(head.readBigUInt64LE(meta.mainEntries)));
      writeSync(fd, Buffer.alloc(8), 0, 8, position + meta.bootId);
      readSync(fd, head, 0, 8, position + meta.bootId);
      if (head.readBigUInt64LE() !== 0n)
        throw new AppError('io-error', `could not write ${path}: it is not as it was written`);
    }
    if (count !== undefined && stored !== count) {
      throw new RangeError(`of ${count} keys for ${path} only ${stored} ascend`);
    }
  });
}

/** LMDB's own errors carry its numeric code: an errno, or one of its own below −30,000. */
function isLmdbError(error: unknown): error is Error & { code: number } {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** LMDB says EIO for a disk that is full. */
function diskError(error: Error, path: string, doing: string): AppError {
  if (freeBytes(dirname(path)) < leastFreeBytes) {
    return machineError(Object.assign(new Error(error.message, { cause: error }), { code: 'ENOSPC' }), doing);
  }
  return new AppError('io-error', `could not ${doing}: ${error.message}`, { cause: error });
}

function systemErrorOrBug(error: unknown, doing: string): unknown {
  return error instanceof Error && 'syscall' in error ? machineError(error, doing) : error;
}

/** A rejection that nobody awaits, while the store is closed, is taken for the store's. */
function watchRejections(): { readonly failed: Promise<never>; stop(): void } {
  let stop = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    process.on('unhandledRejection', reject);
    stop = () => process.off('unhandledRejection', reject);
  });
  failed.catch(() => undefined);
  return { failed, stop };
}

async function timeout(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new AppError('io-error', `LMDB did not close its file within ${ms / 1000} s`));
    }, ms).unref();
  });
}
