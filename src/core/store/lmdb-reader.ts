/**
 * Reading an LMDB file by its pages, without LMDB. Importing the package takes 35 ms of processor time (half of them
 * msgpackr), which a cold `similar` cannot pay; it kills the process on a damaged file, makes a lock file beside the
 * store, and must be opened and closed one process at a time. A snapshot's store never changes, so that none of what
 * those are for is needed: a look-up reads one page a level of the tree, 3 or 4 in a million entries.
 *
 * Every offset is checked before it is followed: a damaged file is an error, not a wrong read.
 */
import { closeSync, fstatSync } from 'node:fs';
import { AppError, damaged, errnoOf, machineError, orMachineError } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { openRegularFile } from '../files/safe-open.js';
import {
  lmdbMagic,
  lmdbVersion,
  meta,
  node,
  nodeFlag,
  noPage,
  pageBytes,
  pageFlag,
  pageHeader,
} from './lmdb-pages.js';

/** Called with a key: its bytes lie in `page` from `start` to `end`. Returning false ends the scan. */
export type VisitKey = (page: Buffer, start: number, end: number) => unknown;

export interface LmdbReader {
  /** The value of a key, or undefined. A view that must not be written to. */
  get(key: Uint8Array): Buffer | undefined;
  /** Calls `visit` for every key that begins with `prefix`, ascending. */
  scanKeys(prefix: Uint8Array, visit: VisitKey): void;
  /** The error 'damaged-snapshot' of this file, for what its entries turn out to be. */
  damaged(what: string): AppError;
  close(): void;
}

/** 8 MiB of pages stay in memory: all branches of a million entries, and the leaves that are asked for often. */
const cachedPages = 2048;
/** A tree of 4-KiB pages with two keys a branch would hold 2^32 entries at this depth. */
const maxDepth = 32;

/** Throws AppError 'damaged-snapshot' for a file that is missing, cut, or not of this format; machine errors. */
export function openLmdb(path: string): LmdbReader {
  const fd = openFile(path);
  try {
    return new PageReader(path, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class PageReader implements LmdbReader {
  readonly #path: string;
  readonly #fd: number;
  readonly #root: number | undefined;
  readonly #lastPage: number;
  readonly #pages = new Map<number, Buffer>();
  #isOpen = true;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
    const { size } = fstatSync(fd);
    if (size < 2 * pageBytes || size % pageBytes !== 0) {
      throw this.damaged(`got ${size} bytes, wanted a multiple of ${pageBytes}, two at least`);
    }
    const metas = [this.#readMeta(0), this.#readMeta(1)] as const;
    const current = metas[0].txnid >= metas[1].txnid ? metas[0] : metas[1];
    const wanted = (current.lastPage + 1) * pageBytes;
    if (!(wanted <= size)) throw this.damaged(`got ${size} bytes, wanted ${wanted}`);
    this.#lastPage = current.lastPage;
    this.#root = current.root;
  }

  get(key: Uint8Array): Buffer | undefined {
    let number = this.#root;
    for (let depth = 0; number !== undefined && depth < maxDepth; depth++) {
      const page = this.#treePage(number);
      if (isLeaf(page)) {
        const index = this.#lowerBound(page, key, 0);
        const found = index < numNodes(page) && this.#compareKey(page, index, key) === 0;
        return found ? this.#valueAt(page, index) : undefined;
      }
      number = this.#childAt(page, this.#childIndex(page, key));
    }
    if (number === undefined) return undefined;
    throw this.damaged('its tree of pages is too deep');
  }

  scanKeys(prefix: Uint8Array, visit: VisitKey): void {
    if (this.#root !== undefined) this.#scanPage(this.#root, prefix, visit, { left: this.#lastPage });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#pages.clear();
    closeSync(this.#fd);
  }

  /** Visits the keys below a page, and returns whether keys after them may still begin with the prefix. */
  #scanPage(number: number, prefix: Uint8Array, visit: VisitKey, pages: { left: number }): boolean {
    // A tree has each page once; a damaged one may go round in circles.
    if (pages.left-- <= 0) throw this.damaged('its tree of pages has loops');
    const page = this.#treePage(number);
    const count = numNodes(page);
    if (!isLeaf(page)) {
      for (let index = this.#childIndex(page, prefix); index < count; index++) {
        if (!this.#scanPage(this.#childAt(page, index), prefix, visit, pages)) return false;
      }
      return true;
    }
    for (let index = this.#lowerBound(page, prefix, 0); index < count; index++) {
      const start = this.#nodeAt(page, index) + node.bytes;
      const end = start + page.readUInt16LE(start - node.bytes + node.keySize);
      if (!startsWith(page, start, end, prefix)) return false;
      if (visit(page, start, end) === false) return false;
    }
    return true;
  }

  /** The last child whose key is ≤ `key`; the first child's key counts as smaller than all. */
  #childIndex(page: Buffer, key: Uint8Array): number {
    const index = this.#lowerBound(page, key, 1);
    const exact = index < numNodes(page) && this.#compareKey(page, index, key) === 0;
    return exact ? index : index - 1;
  }

  /** The first node from `from` on whose key is ≥ `key`, or the number of nodes. */
  #lowerBound(page: Buffer, key: Uint8Array, from: number): number {
    let low = from;
    let high = numNodes(page);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareKey(page, middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compareKey(page: Buffer, index: number, key: Uint8Array): number {
    const start = this.#nodeAt(page, index) + node.bytes;
    const end = start + page.readUInt16LE(start - node.bytes + node.keySize);
    // Keys are short: most are compared before a call of `Buffer.compare` would begin.
    const shared = Math.min(key.length, end - start);
    for (let at = 0; at < shared; at++) {
      const difference = page[start + at]! - key[at]!;
      if (difference !== 0) return difference;
    }
    return end - start - key.length;
  }

  #childAt(page: Buffer, index: number): number {
    const at = this.#nodeAt(page, index);
    return page.readUInt32LE(at + node.low) + page.readUInt16LE(at + node.flags) * 2 ** 32;
  }

  #valueAt(page: Buffer, index: number): Buffer {
    const at = this.#nodeAt(page, index);
    const start = at + node.bytes + page.readUInt16LE(at + node.keySize);
    const size = page.readUInt32LE(at + node.low);
    if ((page.readUInt16LE(at + node.flags) & nodeFlag.bigData) === 0) {
      if (start + size > pageBytes) throw this.damaged('a value leaves its page');
      return page.subarray(start, start + size);
    }
    if (start + 8 > pageBytes) throw this.damaged('a value leaves its page');
    return this.#bigValue(Number(page.readBigUInt64LE(start)), size);
  }

  /** A value that did not fit into a leaf lies on pages of its own, after one header. */
  #bigValue(number: number, size: number): Buffer {
    const count = Math.ceil((pageHeader.bytes + size) / pageBytes);
    this.#requireInside(number, count);
    const pages = Buffer.allocUnsafe(count * pageBytes);
    this.#readPages(number, pages, pageFlag.overflow);
    return pages.subarray(pageHeader.bytes, pageHeader.bytes + size);
  }

  #treePage(number: number): Buffer {
    const cached = this.#pages.get(number);
    if (cached !== undefined) return cached;
    const page = Buffer.allocUnsafe(pageBytes);
    this.#readPages(number, page, pageFlag.branch | pageFlag.leaf);
    const used = pageHeader.bytes + numNodes(page) * 2;
    if (numNodes(page) === 0 || used > pageBytes) throw this.damaged(`page ${number} is no tree page`);
    if (this.#pages.size >= cachedPages) this.#forgetOldest();
    this.#pages.set(number, page);
    return page;
  }

  #forgetOldest(): void {
    for (const number of this.#pages.keys()) {
      this.#pages.delete(number);
      return;
    }
  }

  /** Where a node starts; its header and key are inside the page. */
  #nodeAt(page: Buffer, index: number): number {
    const at = pageHeader.bytes + page.readUInt16LE(pageHeader.bytes + index * 2);
    if (at + node.bytes > pageBytes || at + node.bytes + page.readUInt16LE(at + node.keySize) > pageBytes) {
      throw this.damaged('a key leaves its page');
    }
    return at;
  }

  #readPages(number: number, target: Buffer, wantedFlags: number): void {
    this.#requireInside(number, target.length / pageBytes);
    this.#readAt(target, number * pageBytes);
    const flags =
      target.readUInt16LE(pageHeader.flags) & (pageFlag.branch | pageFlag.leaf | pageFlag.overflow);
    if (Number(target.readBigUInt64LE(pageHeader.number)) !== number || (flags & wantedFlags) === 0) {
      throw this.damaged(`page ${number} is not what its place says`);
    }
  }

  #requireInside(number: number, count: number): void {
    if (number >= 2 && number + count - 1 <= this.#lastPage) return;
    throw this.damaged(`page ${number} is outside the file`);
  }

  #readMeta(number: number): { txnid: bigint; lastPage: number; root: number | undefined } {
    const page = Buffer.alloc(pageBytes);
    this.#readAt(page, number * pageBytes);
    const version = page.readUInt32LE(meta.version) & 0xffff;
    if (page.readUInt32LE(meta.magic) !== lmdbMagic || version !== lmdbVersion) {
      throw this.damaged(`is no LMDB file of version ${lmdbVersion}`);
    }
    if (page.readUInt32LE(meta.pageSize) !== pageBytes || page.readUInt16LE(meta.mainFlags) !== 0) {
      throw this.damaged(`has another page size or order of keys than segue's stores`);
    }
    const root = page.readBigUInt64LE(meta.mainRoot);
    return {
      txnid: page.readBigUInt64LE(meta.txnid),
      lastPage: Number(page.readBigUInt64LE(meta.lastPage)),
      root: root === noPage ? undefined : Number(root),
    };
  }

  #readAt(target: Buffer, position: number): void {
    const got = orMachineError(`read ${this.#path}`, () => readFully(this.#fd, target, position));
    if (got < target.length) throw this.damaged(`ends at byte ${position + got}`);
  }

  damaged(what: string): AppError {
    return damaged(this.#path, what);
  }
}

function openFile(path: string): number {
  try {
    return openRegularFile(path);
  } catch (error) {
    const message = errnoOf(error) === 'ENOENT' ? `${path} is missing` : undefined;
    if (message === undefined && !(error instanceof AppError)) throw machineError(error, `open ${path}`);
    throw new AppError('damaged-snapshot', message ?? (error as AppError).message, {
      details: { file: path },
    });
  }
}

function isLeaf(page: Buffer): boolean {
  return (page.readUInt16LE(pageHeader.flags) & pageFlag.leaf) !== 0;
}

function numNodes(page: Buffer): number {
  return page.readUInt16LE(pageHeader.lower) >>> 1;
}

function startsWith(page: Buffer, start: number, end: number, prefix: Uint8Array): boolean {
  return (
    end - start >= prefix.length && page.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0
  );
}
