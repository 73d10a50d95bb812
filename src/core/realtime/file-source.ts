/**
 * A file of lines that grows, followed through its rotation. A partition is one file: its name, its inode and a digest of its
 * first line, so that a new file in the same place, or in the same inode, is another one. An offset is the byte after a line.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { errnoOf } from '../errors.js';
import { unreadable } from '../files/text-lines.js';
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

interface FoundFile {
  readonly path: string;
  readonly partition: string;
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
  #waiting: number | undefined;
  #saidMissing = false;
  #saidGone = false;

  constructor(path: string, options: FileSourceOptions) {
    this.#path = path;
    this.#name = nameInPartitions(path);
    this.#options = options;
    this.#reached = new Map(options.known);
  }

  /** One at a time: a newer file that is known says that those before it were read to their ends (#find). */
  async partitions(): Promise<readonly string[] | undefined> {
    const [oldest] = await Promise.resolve(this.#find());
    if (this.#options.once && oldest === undefined) return undefined;
    return oldest === undefined ? [] : [oldest.partition];
  }

  async *read(partition: string, after: number): AsyncGenerator<readonly SourceEvent[]> {
    const file = this.#find().find((found) => found.partition === partition);
    if (file === undefined) return;
    const handle = await open(file.path, 'r');
    try {
      const lines = new LineSplitter(after);
      const buffer = Buffer.allocUnsafe(pieceBytes);
      let at = after;
      let wasIdle = false;
      while (!this.#closing.signal.aborted) {
        const { size } = await handle.stat();
        // Cut while it was read; or, after a pause, cut and filled again.
        if (size < at || (wasIdle && size > at && !this.#isStill(handle.fd, partition))) {
          this.#options.onWarning(`${this.#path} was cut: what follows is read as a new file`);
          this.#reached.set(partition, Infinity);
          this.#saidGone = true;
          return;
        }
        const { bytesRead } = await handle.read(buffer, 0, pieceBytes, at);
        at += bytesRead;
        this.#waiting = Math.max(0, size - at);
        if (bytesRead > 0) {
          wasIdle = false;
          const events = lines.push(buffer.subarray(0, bytesRead));
          this.#reached.set(partition, lines.position);
          if (events.length > 0) yield events;
          continue;
        }
        if (this.#options.once || !this.#isInPlace(handle.fd)) {
          // Whoever wrote to it may have done so until it was moved away.
          if ((await handle.stat()).size > at) continue;
          const last = lines.finishEvent();
          this.#reached.set(partition, lines.position);
          this.#seen.set(partition, at);
          if (last.length > 0) yield last;
          return;
        }
        wasIdle = true;
        await this.#pause();
      }
    } finally {
      await handle.close();
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

  #isStill(fd: number, partition: string): boolean {
    const identity = identityOf(this.#name, fd, true);
    return identity !== undefined && (partition === identity || partition.startsWith(`${identity}-`));
  }

  #isInPlace(fd: number): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
  }

  /**
   * The files to read: what is left of those that were rotated away, the oldest first, then the one in place. Older ones that
   * were never begun are not read.
   */
  #find(): FoundFile[] {
    const { partition, ...rest } = this.#look(this.#path) ?? {};
    if (partition === undefined && !existsAt(this.#path)) this.#sayMissing();
    const inPlace = partition === undefined ? [] : [{ ...rest, partition } as FoundFile];
    const isKnown = partition !== undefined && this.#isBegun(partition);
    const isFirst = ![...this.#reached.keys()].some((known) => known.startsWith(`${this.#name}/`));
    if (isKnown || isFirst) return inPlace.filter((file) => this.#hasMore(file));
    // It is new, or not there: what was read before may stand beside it under another name.
    const beside = this.#beside();
    const begun = beside.filter((file) => this.#isBegun(file.partition));
    if (begun.length === 0 && inPlace.length > 0) this.#sayGone();
    const since = Math.max(...begun.map(({ mtimeMs }) => mtimeMs));
    const missed = beside.filter(
      (file) => begun.length > 0 && !this.#isBegun(file.partition) && file.mtimeMs >= since,
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

  #isBegun(partition: string): boolean {
    return this.#reached.has(partition);
  }

  #hasMore({ partition, size, path }: FoundFile): boolean {
    // The one in place may grow.
    if (path === this.#path && !this.#options.once) return true;
    return size > Math.max(this.#reached.get(partition) ?? 0, this.#seen.get(partition) ?? 0);
  }

  /** `plays.ndjson.1`, `plays.ndjson-20240531`: what rotation makes of a name. Compressed ones are not looked into. */
  #beside(): FoundFile[] {
    const directory = dirname(this.#path);
    const name = basename(this.#path);
    return readdirSync(directory)
      .filter((other) => other.startsWith(name) && /^[.-]/.test(other.slice(name.length)))
      .filter((other) => !/\.(gz|bz2|xz|zst)$/.test(other))
      .flatMap((other) => this.#look(join(directory, other)) ?? []);
  }

  /** undefined where there is no file, or none with a whole first line yet. */
  #look(path: string): FoundFile | undefined {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw unreadable(path, path, error);
    }
    try {
      const { size, mtimeMs } = fstatSync(fd);
      const identity = identityOf(this.#name, fd, this.#options.once);
      if (identity === undefined) return undefined;
      return { path, partition: this.#incarnationOf(identity, fd, size), size, mtimeMs };
    } catch (error) {
      throw unreadable(path, path, error);
    } finally {
      closeSync(fd);
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

function existsAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
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

/** Of the first line, by which a partition of text is known. */
export function digestOf(firstLine: Uint8Array): string {
  return createHash('sha256').update(firstLine).digest('hex').slice(0, 16);
}
