/**
 * The calls by which a ledger's files are read and changed, each of which can fail, and before or after each of which the
 * process can be killed or the power cut. Names are those of `layout.ts`. All throw errno errors.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, errnoOf, unlessRefused } from '../errors.js';
import { fsyncDirectory, makeDirectory } from '../files/durable-write.js';
import { tryLock, type Lock } from '../files/kernel-lock.js';
import { lockFileMode } from '../files/group-sharing.js';
import { readFully } from '../files/read-fully.js';
import { openIfThere } from '../files/safe-open.js';
import { lockName, type LockKind } from './layout.js';

/** A file that stays open, whatever becomes of its name. */
export interface OpenFile {
  size(): number;
  /** Whether it has so many bytes; cheaper than `size`, which makes an object of a dozen numbers. */
  hasSize(bytes: number): boolean;
  /** Tells it, and when it was changed, from any other. */
  stamp(): string;
  /** Fills `target` from `at` on; fewer bytes only where the file ends. */
  read(target: Uint8Array, at: number): number;
  close(): void;
}

export interface LedgerDisk {
  /** Where the files are, for messages. */
  readonly directory: string;
  /** Does not wait. */
  lock(kind: LockKind): boolean;
  unlock(kind: LockKind): void;
  stampOf(name: string): string | undefined;
  open(name: string): OpenFile | undefined;
  /** Tells again and again whether there is a file of the name. False where that cannot be known. */
  presence(name: string): () => boolean;
  /** Gives the directory the permissions of its parent, and its files those of the directory, as far as they are ours. */
  share(): void;
  /** ms since some moment. */
  now(): number;
  /** Sizes by name; empty where the directory is not there. */
  list(): Map<string, number>;
  /** An empty file, in the place of whatever has the name. */
  create(name: string): void;
  write(name: string, at: number, bytes: Uint8Array): void;
  truncate(name: string, bytes: number): void;
  sync(name: string): void;
  /** As `sync`, but for times, while the event loop goes on: what is written in place is durable in half the time. */
  syncing(name: string): Promise<void>;
  rename(from: string, to: string): void;
  remove(name: string): void;
  syncNames(): void;
  randomBytes(count: number): Buffer;
  /** Gives back every lock and descriptor. */
  close(): void;
}

/**
 * A ledger has the permissions of the root that it is in, whatever the umask: readers of the root obey it, and where a
 * group shares the root each member goes on with what another wrote. Nobody else writes to it.
 */
const directoryBits = 0o2775;
const fileBits = 0o664;

/**
 * The directory is made, with its parents, when a lock in it is first asked for.
 * @param isPrivate whether it keeps its own permissions, whatever those of its parent
 */
export function openDisk(directory: string, isPrivate = false): LedgerDisk {
  return new Disk(directory, isPrivate);
}

class Disk implements LedgerDisk {
  readonly directory: string;
  readonly randomBytes = randomBytes;
  readonly #isPrivate: boolean;
  readonly #locks = new Map<LockKind, Lock>();
  /** What was written last: a journal is written to again and again. */
  #writing: { readonly name: string; readonly fd: number } | undefined;
  #isClosed = false;

  constructor(directory: string, isPrivate: boolean) {
    this.directory = directory;
    this.#isPrivate = isPrivate;
  }

  lock(kind: LockKind): boolean {
    this.#make();
    const lock = tryLock(this.#path(lockName(kind)), { create: true, doing: doingOf[kind] });
    if (lock === undefined) return false;
    this.#locks.set(kind, lock);
    return true;
  }

  unlock(kind: LockKind): void {
    // By the next time its name may be another file's.
    if (kind === 'append') this.#closeWriting();
    this.#locks.get(kind)?.release();
    this.#locks.delete(kind);
  }

  stampOf(name: string): string | undefined {
    const stat = statSync(this.#path(name), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : stampOf(stat);
  }

  open(name: string): OpenFile | undefined {
    return openFile(this.#path(name));
  }

  presence(name: string): () => boolean {
    const path = this.#path(name);
    return () => existsSync(path);
  }

  share(): void {
    if (this.#isPrivate) return;
    const mode = statSync(dirname(this.directory)).mode & directoryBits;
    unlessRefused(() => chmodSync(this.directory, mode));
    for (const name of this.#names()) {
      const isLock = name === lockName('append') || name === lockName('compact');
      const bits = isLock ? lockFileMode(this.directory) : mode & fileBits;
      unlessRefused(() => chmodSync(this.#path(name), bits));
    }
  }

  now(): number {
    return performance.now();
  }

  list(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const name of this.#names())
      sizes.set(name, statSync(this.#path(name), { throwIfNoEntry: false })?.size ?? 0);
    return sizes;
  }

  create(name: string): void {
    this.#closeWriting();
    this.remove(name);
    this.#openForWriting(name, constants.O_CREAT | constants.O_EXCL);
  }

  write(name: string, at: number, bytes: Uint8Array): void {
    const fd = this.#openForWriting(name);
    for (let done = 0; done < bytes.length;) {
      const count = writeSync(fd, bytes, done, bytes.length - done, at + done);
      if (count === 0) throw new AppError('io-error', `could not write: the device takes no more bytes`);
      done += count;
    }
    // Whatever the system calls claimed, this is what a reader will find.
    const found = Buffer.allocUnsafe(bytes.length);
    if (readFully(fd, found, at) < bytes.length || !found.equals(bytes))
      throw new AppError('io-error', `what was written to ${this.#path(name)} did not arrive`);
  }

  truncate(name: string, bytes: number): void {
    ftruncateSync(this.#openForWriting(name), bytes);
  }

  sync(name: string): void {
    fsyncSync(this.#openForWriting(name));
  }

  async syncing(name: string): Promise<void> {
    const fd = this.#openForWriting(name);
    // Nothing that is written meanwhile, to another file, is to close it.
    this.#writing = undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        fdatasync(fd, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    } finally {
      this.#closeWriting();
      this.#writing = { name, fd };
      if (this.#isClosed) this.#closeWriting();
    }
  }

  rename(from: string, to: string): void {
    this.#closeWriting();
    renameSync(this.#path(from), this.#path(to));
  }

  remove(name: string): void {
    try {
      unlinkSync(this.#path(name));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  syncNames(): void {
    fsyncDirectory(this.directory);
  }

  close(): void {
    this.#isClosed = true;
    this.#closeWriting();
    for (const lock of this.#locks.values()) lock.release();
    this.#locks.clear();
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  #make(): void {
    if (statSync(this.directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
    makeDirectory(dirname(this.directory));
    try {
      mkdirSync(this.directory, { mode: 0o700 });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    fsyncDirectory(dirname(this.directory));
  }

  #names(): string[] {
    try {
      return readdirSync(this.directory);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #openForWriting(name: string, flags = 0): number {
    if (this.#writing?.name === name && flags === 0) return this.#writing.fd;
    this.#closeWriting();
    const safely = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(this.#path(name), safely | flags, 0o600);
    this.#writing = { name, fd };
    if (flags !== 0) fchmodSync(fd, statSync(this.directory).mode & fileBits);
    return fd;
  }

  #closeWriting(): void {
    const fd = this.#writing?.fd;
    this.#writing = undefined;
    if (fd !== undefined) closeSync(fd);
  }
}

/** What a lock is held for, in the words of a message to others. */
const doingOf: Readonly<Record<LockKind, string>> = {
  append: 'writing to the ledger',
  compact: 'compacting the ledger',
};

function openFile(path: string): OpenFile | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  let isOpen = true;
  const end = new Uint8Array(2);
  return {
    size: () => fstatSync(fd).size,
    // The last byte is there, and none after it.
    hasSize: (bytes) =>
      bytes === 0 ? readSync(fd, end, 0, 1, 0) === 0 : readSync(fd, end, 0, 2, bytes - 1) === 1,
    stamp: () => stampOf(fstatSync(fd, { bigint: true })),
    read(target, at) {
      // The number may be another file's by now.
      if (!isOpen) throw new Error(`${path} is closed`);
      return readFully(fd, target, at);
    },
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

function stampOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}.${ino}.${size}.${mtimeNs}`;
}
