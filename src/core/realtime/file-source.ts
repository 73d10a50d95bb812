/**
 * A file of lines that grows, followed through its rotation. A partition is one file: its name, its inode and a digest of its
 * first line, so that a new file in the same place, or in the same inode, is another one. An offset is the byte after a line.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { AppError, errnoOf } from '../errors.js';
import { unreadable } from '../files/text-lines.js';
import { namesIn, openRegular, readOnly, requireRegular, statOf } from './regular-file.js';
import { endsEvent, LineSplitter } from './line-splitter.js';
import { maxLineBytes, type EventSource, type SourceEvent, type SourceWarning } from './source.js';

export interface FileSourceOptions {
  /** By partition how far it was dealt with before; those of other sources do no harm. */
  readonly known: ReadonlyMap<string, number>;
  /** Read to its end as it is now, instead of waiting for more. */
  readonly once: boolean;
  readonly onWarning: SourceWarning;
  /** How often a file that has nothing new is looked at. */
  readonly pollMs?: number;
}

const defaultPollMs = 50;
const pieceBytes = 256 << 10;
const mostNameBytes = 64;
const lineFeed = 10;
const space = 32;

interface FoundFile {
  readonly path: string;
  readonly partition: string;
  /** Of the file itself: a copy has the partition of what it is a copy of. */
  readonly identity: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** AppError 'bad-input-file', now or when it is read, for what cannot be read; a file that is not there yet is waited for. */
export function openFileSource(path: string, options: FileSourceOptions): EventSource {
  return new FileSource(path, options);
}

class FileSource implements EventSource {
  readonly #path: string;
  readonly #name: string;
  readonly #options: FileSourceOptions;
  readonly #closing = new AbortController();
  /** By partition the end of the last line that is known or has been read. */
  readonly #reached: Map<string, number>;
  /** By partition how far it was looked at: the start of a line may follow what was reached. */
  readonly #seen = new Map<string, number>();
  /** By identity, where files are read once: their sizes when they were first seen. */
  readonly #ends = new Map<string, number>();
  #waiting: number | undefined;
  #saidMissing = false;
  #saidGone = false;

  constructor(path: string, options: FileSourceOptions) {
    this.#path = path;
    this.#name = nameInPartitions(path);
    this.#options = options;
    this.#reached = new Map(options.known);
  }

  /** One at a time: a newer file that was begun says that those before it were read to their ends (#find). */
  async partitions(): Promise<readonly string[] | undefined> {
    const [oldest] = await Promise.resolve(this.#find());
    if (this.#options.once && oldest === undefined) return undefined;
    return oldest === undefined ? [] : [oldest.partition];
  }

  async *read(partition: string, after: number): AsyncGenerator<readonly SourceEvent[]> {
    const file = this.#find().find((found) => found.partition === partition);
    if (file === undefined) return;
    const lines = new LineSplitter(after);
    const end = yield* this.#readFile(file, lines, after);
    if (end === undefined) return;
    // What was cut may have been copied before, as logrotate's copytruncate does.
    const copy = this.#beside().find((found) => found.partition === partition);
    this.#options.onWarning(
      copy === undefined
        ? `${this.#path} was cut: what follows is read as a new file`
        : `${this.#path} was cut: it is read to its end in ${copy.path}, and what follows as a new file`,
    );
    if (copy !== undefined) yield* this.#readFile(copy, lines, end);
    this.#reached.set(partition, Infinity);
    this.#saidGone = true;
  }

  /** Returns up to where it was read, in case that it was cut; undefined where it has ended, or is not there any more. */
  async *#readFile(
    { path, partition, identity }: FoundFile,
    lines: LineSplitter,
    from: number,
  ): AsyncGenerator<readonly SourceEvent[], number | undefined> {
    const handle = await openIfThere(path);
    try {
      // Renamed since it was found.
      if (handle === undefined || !this.#isStill(handle.fd, identity)) return undefined;
      const mostBytes = this.#ends.get(identity) ?? Infinity;
      const buffer = Buffer.allocUnsafe(pieceBytes);
      let at = from;
      while (!this.#closing.signal.aborted) {
        const size = Math.min((await handle.stat()).size, mostBytes);
        // Cut; or, while nobody looked, cut and filled again.
        if (size < at || (!this.#options.once && !this.#isStill(handle.fd, identity))) return at;
        const { bytesRead } = await handle.read(buffer, 0, Math.min(pieceBytes, size - at), at);
        at += bytesRead;
        this.#waiting = size - at;
        if (bytesRead > 0) {
          const events = lines.push(buffer.subarray(0, bytesRead));
          this.#reached.set(partition, lines.position);
          if (events.length > 0) yield events;
        } else if (this.#options.once || !this.#isInPlace(handle.fd)) {
          // Whoever wrote to it may have done so until it was moved away.
          if (!this.#options.once && (await handle.stat()).size > at) continue;
          const last = lines.finishEvent();
          this.#reached.set(partition, lines.position);
          this.#seen.set(partition, at);
          if (last.length > 0) yield last;
          return undefined;
        } else {
          await this.#pause();
        }
      }
      return undefined;
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(path, path, error);
    } finally {
      await handle?.close();
    }
  }

  async publish(event: Readonly<Record<string, unknown>>, id: string): Promise<void> {
    const file = await open(this.#path, 'a');
    try {
      await file.appendFile(`${JSON.stringify({ ...event, id })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  waiting(): number | undefined {
    return this.#waiting;
  }

  close(): void {
    this.#closing.abort();
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    await setTimeout(this.#options.pollMs ?? defaultPollMs, undefined, { signal }).catch(() => undefined);
  }

  #isStill(fd: number, identity: string): boolean {
    return identityOf(this.#name, fd, true) === identity;
  }

  #isInPlace(fd: number): boolean {
    return statOf(this.#path)?.ino === fstatSync(fd).ino;
  }

  /**
   * The files to read: what is left of those that were rotated away, the oldest first, then the one in place. Older ones that
   * were never begun are not read.
   */
  #find(): FoundFile[] {
    const found = this.#look(this.#path);
    if (found === undefined && statOf(this.#path) === undefined) this.#sayMissing();
    const inPlace = found === undefined ? [] : [found];
    const isFirst = ![...this.#reached.keys()].some((known) => known.startsWith(`${this.#name}/`));
    // Of what was stored, and nothing was noted of, those before it may not be done with either: it is known up to 0.
    if (isFirst || inPlace.some(({ partition }) => (this.#reached.get(partition) ?? 0) > 0))
      return inPlace.filter((file) => this.#hasMore(file));
    // It is new, or not there: what was read before may stand beside it under another name.
    const beside = this.#beside();
    const begun = beside.filter(({ partition }) => this.#reached.has(partition));
    if (begun.length === 0 && inPlace.some(({ partition }) => !this.#reached.has(partition))) this.#sayGone();
    const since = Math.max(...begun.map(({ mtimeMs }) => mtimeMs));
    const missed = beside.filter(
      (file) => begun.length > 0 && !this.#reached.has(file.partition) && file.mtimeMs >= since,
    );
    const older = [...begun, ...missed].sort((a, b) => a.mtimeMs - b.mtimeMs);
    return [...older, ...inPlace].filter((file) => this.#hasMore(file));
  }

  #sayMissing(): void {
    if (this.#options.once) {
      throw unreadable(this.#path, this.#path, Object.assign(new Error('missing'), { code: 'ENOENT' }));
    }
    if (!this.#saidMissing) this.#options.onWarning(`${this.#path} is not there yet; it is waited for`);
    this.#saidMissing = true;
  }

  /** Of a file that was cut, and of one that was rotated away and removed or compressed before it was read to its end. */
  #sayGone(): void {
    if (this.#saidGone) return;
    this.#saidGone = true;
    this.#options.onWarning(
      `what ${this.#path} held when it was last read is not beside it: what was added to it after that is not seen`,
    );
  }

  #hasMore({ partition, size, path }: FoundFile): boolean {
    // The one in place may grow.
    if (path === this.#path && !this.#options.once) return true;
    return size > Math.max(this.#reached.get(partition) ?? 0, this.#seen.get(partition) ?? 0);
  }

  /**
   * `plays.ndjson.1`, `plays.ndjson-20240531`: what rotation makes of a name. Compressed ones are not looked into. A copy of what is
   * known stands for it where that is not there itself, and is nothing where it is.
   */
  #beside(): FoundFile[] {
    const name = basename(this.#path);
    const found = namesIn(dirname(this.#path))
      .filter((other) => other.startsWith(name) && /^[.-]/.test(other.slice(name.length)))
      .filter((other) => !/\.(gz|bz2|xz|zst)$/.test(other))
      .flatMap((other) => this.#look(join(dirname(this.#path), other)) ?? []);
    const known = found.filter(({ partition }) => this.#reached.has(partition));
    const others = found.filter(({ partition }) => !this.#reached.has(partition));
    const copies = others.flatMap((file) => {
      const original = [...this.#reached.keys()].find((partition) => this.#isCopy(file, partition));
      return original === undefined ? [] : [{ ...file, partition: original }];
    });
    const isCopy = (file: FoundFile): boolean => copies.some(({ identity }) => identity === file.identity);
    const isNeeded = ({ partition }: FoundFile): boolean =>
      !known.some((file) => file.partition === partition);
    return [...known, ...copies.filter(isNeeded), ...others.filter((file) => !isCopy(file))];
  }

  /** Whether a file starts as a partition does, and has a line that ends where that was read up to. */
  #isCopy({ path, identity, size }: FoundFile, partition: string): boolean {
    if (!partition.startsWith(`${this.#name}/`) || digestIn(partition) !== digestIn(identity)) return false;
    const reached = this.#reached.get(partition) ?? 0;
    if (reached === 0 || reached > size) return false;
    const fd = openRegular(path);
    if (fd === undefined) return false;
    try {
      return endsLine(fd, reached);
    } finally {
      closeSync(fd);
    }
  }

  /** undefined where there is no file, or none with a whole first line yet; beside `path` also for what is no regular file. */
  #look(path: string): FoundFile | undefined {
    try {
      const fd = openRegular(path);
      if (fd === undefined) {
        if (path === this.#path) requireRegular(path);
        return undefined;
      }
      try {
        const identity = identityOf(this.#name, fd, this.#options.once);
        if (identity === undefined) return undefined;
        const { size, mtimeMs } = fstatSync(fd);
        if (this.#options.once && !this.#ends.has(identity)) this.#ends.set(identity, size);
        const partition = this.#incarnationOf(identity, fd, size);
        return { path, partition, identity, mtimeMs, size: Math.min(size, this.#ends.get(identity) ?? size) };
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(path, path, error);
    }
  }

  /** A file that is shorter than what was read of it, or has no line that ends there, was written anew. */
  #incarnationOf(identity: string, fd: number, size: number): string {
    let n = 1;
    const named = (): string => (n === 1 ? identity : `${identity}-${n}`);
    while (this.#reached.has(`${identity}-${n + 1}`)) n++;
    const reached = this.#reached.get(named()) ?? 0;
    if (reached > size || (reached > 0 && !endsLine(fd, reached))) n++;
    return named();
  }
}

/** What a file is called in its partitions: entries' ids are made of these. */
function nameInPartitions(path: string): string {
  const name = basename(path);
  return Buffer.byteLength(name) <= mostNameBytes ? name : digestOf(Buffer.from(name));
}

/** `<name>/<inode>-<digest of the first line>`; undefined where that has not ended yet. */
function identityOf(name: string, fd: number, isWhole: boolean): string | undefined {
  const head = Buffer.alloc(maxLineBytes);
  const length = readSync(fd, head, 0, head.length, 0);
  const end = head.subarray(0, length).indexOf(lineFeed);
  if (length === 0 || (end < 0 && length < head.length && !isWhole)) return undefined;
  const first = head.subarray(0, end < 0 ? length : end);
  return `${name}/${fstatSync(fd, { bigint: true }).ino}-${digestOf(first)}`;
}

function endsLine(fd: number, position: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, position - 1);
  return endsEvent(last[0]);
}

/** Of the first line, in a partition or an identity. */
function digestIn(partition: string): string | undefined {
  return partition.slice(partition.lastIndexOf('/') + 1).split('-')[1];
}

/** A line that had not ended when it was read, or ends otherwise since, is the same: white space at its end is not counted. */
export function digestOf(firstLine: Uint8Array): string {
  const end = firstLine.findLastIndex((byte) => byte > space) + 1;
  return createHash('sha256').update(firstLine.subarray(0, end)).digest('hex').slice(0, 16);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, readOnly);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
