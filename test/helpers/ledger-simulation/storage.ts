/**
 * A disk that is simulated: what processes see of its files (the page cache), and what would be there after a power cut. Bytes
 * become durable by `sync`, names by `syncNames`, each for itself; else a cut leaves any part of them.
 */
import type { LedgerDisk, OpenFile } from '#dist/core/ledger/disk.js';
import type { LockKind } from '#dist/core/ledger/layout.js';
import type { Random } from '#dist/core/numeric/random.js';

const sectorBytes = 512;

interface Inode {
  readonly number: number;
  /** What processes read. */
  seen: Buffer;
  durable: Buffer;
  /** What was written since the last sync, one range that covers it all; empty: from ≥ to. */
  dirtyFrom: number;
  dirtyTo: number;
  changes: number;
}

type NameChange = (names: Map<string, Inode>) => void;

/** How often things go wrong, per call of a process: shares of 1. */
export interface Dangers {
  /** A call fails: EIO, or ENOSPC where it takes room. */
  readonly failure: number;
  /** The process is killed before or after the call. */
  readonly kill: number;
}

export class Storage {
  readonly locks = new Map<LockKind, SimulatedDisk>();
  dangers: Dangers = { failure: 0, kill: 0 };
  isFull = false;
  /** Planted: syncs of such files do nothing. */
  withoutSync: ((name: string) => boolean) | undefined;
  readonly random: Random;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pending: NameChange[] = [];
  #count = 0;

  constructor(random: Random) {
    this.random = random;
  }

  chance(share: number): boolean {
    return share > 0 && this.random.nextFraction() < share;
  }

  find(name: string): Inode | undefined {
    return this.#names.get(name);
  }

  get sizes(): Map<string, number> {
    return new Map([...this.#names].map(([name, { seen }]) => [name, seen.length]));
  }

  create(name: string): void {
    const none = Buffer.alloc(0);
    const inode = { number: this.#count++, seen: none, durable: none, dirtyFrom: 0, dirtyTo: 0, changes: 0 };
    this.changeNames((names) => names.set(name, inode));
  }

  changeNames(change: NameChange): void {
    change(this.#names);
    this.#pending.push(change);
  }

  syncNames(): void {
    this.#durableNames = new Map(this.#names);
    this.#pending = [];
  }

  /** The power is cut: what is not durable is there in part, or not at all. */
  cutPower(): void {
    const { random } = this;
    const names = new Map(this.#durableNames);
    const share = [0, 0.5, 1][random.nextBelow(3)]!;
    for (const change of this.#pending) if (random.nextFraction() < share) change(names);
    for (const inode of new Set(names.values())) this.#tear(inode);
    this.#names = names;
    this.#durableNames = new Map(names);
    this.#pending = [];
    this.locks.clear();
  }

  #tear(inode: Inode): void {
    const { random } = this;
    const { seen, durable, dirtyFrom, dirtyTo } = inode;
    /** The durable bytes, and of the dirty ones those before `to`; zeros where neither is. */
    const upTo = (to: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      durable.copy(bytes);
      if (to > dirtyFrom) seen.copy(bytes, dirtyFrom, dirtyFrom, to);
      return bytes;
    };
    let left = durable;
    if (dirtyFrom < dirtyTo || seen.length < durable.length) {
      const way = random.nextBelow(4);
      if (way === 1) {
        left = upTo(dirtyTo, seen.length);
      } else if (way === 2) {
        // A beginning, to any byte.
        const to = dirtyFrom + random.nextBelow(Math.max(0, dirtyTo - dirtyFrom) + 1);
        left = upTo(to, Math.max(durable.length, to));
      } else if (way === 3) {
        // Some sectors, and zeros where the file has grown without its bytes.
        left = upTo(0, Math.max(durable.length, dirtyTo));
        for (let at = dirtyFrom - (dirtyFrom % sectorBytes); at < dirtyTo; at += sectorBytes) {
          const from = Math.max(at, dirtyFrom);
          if (random.nextBelow(2) === 0) seen.copy(left, from, from, Math.min(at + sectorBytes, dirtyTo));
        }
      }
    }
    // What a failed sync left in the page cache is not on the disk.
    Object.assign(inode, { seen: left, durable: left, dirtyFrom: 0, dirtyTo: 0 });
  }
}

/** The disk as one process has it. Once it is dead no call does anything. */
export class SimulatedDisk implements LedgerDisk {
  readonly directory = 'feedback';
  isDead = false;
  #now = 0;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  lock(kind: LockKind): boolean {
    return this.#call('lock', () => {
      if (this.#storage.locks.has(kind)) return false;
      this.#storage.locks.set(kind, this);
      return true;
    });
  }

  unlock(kind: LockKind): void {
    if (this.#storage.locks.get(kind) === this) this.#storage.locks.delete(kind);
  }

  stampOf(name: string): string | undefined {
    return this.#call('read', () => {
      const inode = this.#storage.find(name);
      return inode === undefined ? undefined : stampOf(inode);
    });
  }

  open(name: string): OpenFile | undefined {
    return this.#call('read', () => {
      const inode = this.#storage.find(name);
      if (inode === undefined) return undefined;
      return {
        size: () => this.#call('read', () => inode.seen.length),
        hasSize: (bytes) => this.#call('read', () => inode.seen.length === bytes),
        stamp: () => stampOf(inode),
        read: (target, at) => this.#call('read', () => inode.seen.copy(target, 0, at)),
        close: () => undefined,
      };
    });
  }

  presence(name: string): () => boolean {
    return () => this.#call('read', () => this.#storage.find(name) !== undefined);
  }

  /** No user of it is another. */
  share(): void {
    this.#call('change', () => undefined);
  }

  /** Some answers come later than live.json may be left alone. */
  now(): number {
    return (this.#now += 40);
  }

  list(): Map<string, number> {
    return this.#call('read', () => this.#storage.sizes);
  }

  create(name: string): void {
    this.#call('grow', () => this.#storage.create(name));
  }

  write(name: string, at: number, bytes: Uint8Array): void {
    const put = (count: number): void => {
      const inode = this.#inode(name);
      const { seen, dirtyFrom, dirtyTo } = inode;
      const isClean = dirtyFrom >= dirtyTo;
      const end = Math.max(seen.length, at + count);
      const grown = Buffer.concat([seen, Buffer.alloc(end - seen.length)]);
      grown.set(bytes.subarray(0, count), at);
      const from = Math.min(at, seen.length);
      Object.assign(inode, {
        ...{ seen: grown, changes: inode.changes + 1 },
        dirtyFrom: isClean ? from : Math.min(from, dirtyFrom),
        dirtyTo: isClean ? at + count : Math.max(at + count, dirtyTo),
      });
    };
    const part = this.#storage.random.nextBelow(bytes.length + 1);
    const partly = (): void => {
      put(part);
    };
    this.#call('grow', () => put(bytes.length), partly, partly);
  }

  truncate(name: string, bytes: number): void {
    this.#call('change', () => {
      const inode = this.#inode(name);
      const seen = Buffer.alloc(bytes);
      inode.seen.copy(seen);
      Object.assign(inode, { seen, dirtyTo: Math.min(inode.dirtyTo, bytes), changes: inode.changes + 1 });
    });
  }

  sync(name: string): void {
    if (this.#storage.withoutSync?.(name) === true) return;
    const inode = this.#inode(name);
    const clean = { dirtyFrom: 0, dirtyTo: 0 };
    this.#call(
      'change',
      () => {
        const { seen, durable, dirtyFrom, dirtyTo } = inode;
        // Where an earlier sync failed its bytes are not dirty any more, and are not written.
        const written = Buffer.alloc(seen.length);
        durable.copy(written);
        seen.copy(written, dirtyFrom, dirtyFrom, Math.max(dirtyFrom, dirtyTo));
        Object.assign(inode, { durable: written, ...clean });
      },
      () => Object.assign(inode, clean),
    );
  }

  /** Nobody asks for it here: the simulation does other things before a sync. */
  syncing(name: string): Promise<void> {
    this.sync(name);
    return Promise.resolve();
  }

  rename(from: string, to: string): void {
    this.#call('change', () => {
      const inode = this.#inode(from);
      this.#storage.changeNames((names) => {
        names.delete(from);
        names.set(to, inode);
      });
    });
  }

  remove(name: string): void {
    this.#call('change', () => this.#storage.changeNames((names) => names.delete(name)));
  }

  syncNames(): void {
    this.#call('names', () => this.#storage.syncNames());
  }

  randomBytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#storage.random.nextBelow(256)));
  }

  close(): void {
    for (const kind of ['append', 'compact'] as const) this.unlock(kind);
  }

  kill(): void {
    this.isDead = true;
    this.close();
  }

  #inode(name: string): Inode {
    const inode = this.#storage.find(name);
    if (inode === undefined) throw errno('ENOENT');
    return inode;
  }

  /**
   * @param failing what a call that fails does all the same
   * @param partly what it has done where its process is killed in the middle
   */
  #call<T>(
    kind: 'lock' | 'read' | 'change' | 'names' | 'grow',
    work: () => T,
    failing: () => void = () => undefined,
    partly: () => void = () => undefined,
  ): T {
    const storage = this.#storage;
    if (this.isDead) throw new Error('dead');
    const { failure, kill } = storage.dangers;
    // A name that is seen and not durable is rare, and easily forgotten about.
    if (kind !== 'read' && storage.chance(kind === 'names' ? 6 * kill : kill)) {
      if (storage.chance(0.5)) partly();
      this.kill();
      throw new Error('dead');
    }
    if (kind === 'grow' && storage.isFull) {
      failing();
      throw errno('ENOSPC');
    }
    if (storage.chance(kind === 'read' ? failure / 4 : failure)) {
      failing();
      throw errno(kind === 'grow' && storage.chance(0.5) ? 'ENOSPC' : 'EIO');
    }
    return work();
  }
}

function stampOf({ number, seen, changes }: Inode): string {
  return `${number}.${seen.length}.${changes}`;
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'simulated' });
}
