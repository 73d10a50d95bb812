/**
 * A file of lines that grows, followed through its rotation: does what file-steps.ts says. A partition is named by the file's name,
 * its inode and a digest of its first line when it was begun, and found again by its mark. An offset is the byte after a line.
 */
import { closeSync, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { closing } from '../closers.js';
import { AppError, errnoOf } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { unreadable } from '../files/text-lines.js';
import {
  digestOf,
  startFiles,
  stepFiles,
  type FilesEffect,
  type FilesEvent,
  type FilesState,
  type SeenFile,
} from './file-steps.js';
import { namesIn, openRegular, readOnly, requireRegular } from './regular-file.js';
import {
  markBytes,
  type EventSource,
  type SourceEvent,
  type SourceStart,
  type SourceWarning,
} from './source.js';

export interface FileSourceOptions extends SourceStart {
  /** Read to its end as it is now, instead of waiting for more. */
  readonly once: boolean;
  readonly onWarning: SourceWarning;
  /** How often a file that has nothing new is looked at. */
  readonly pollMs?: number;
}

const defaultPollMs = 50;
const mostNameBytes = 64;

/** AppError 'bad-input-file', now or when it is read, for what cannot be read; a file that is not there yet is waited for. */
export function openFileSource(path: string, options: FileSourceOptions): EventSource {
  return new FileSource(path, options);
}

class FileSource implements EventSource {
  readonly #path: string;
  readonly #options: FileSourceOptions;
  readonly #closing = new AbortController();
  #state: FilesState;
  #saidMissing = false;

  constructor(path: string, options: FileSourceOptions) {
    this.#path = path;
    this.#options = options;
    const { once } = options;
    this.#state = startFiles({ path, name: nameInPartitions(path), once }, options);
  }

  /** One at a time. */
  async partitions(): Promise<readonly string[] | undefined> {
    this.#state = { ...this.#state, reading: undefined };
    for (;;) {
      const last = this.#warned(this.#look()).at(-1);
      if (this.#state.reading !== undefined) return [this.#state.reading.partition];
      if (last?.do === 'end') return undefined;
      if (!this.#options.once || this.#closing.signal.aborted) return [];
      await this.#pause();
    }
  }

  async *read(partition: string, after: number): AsyncGenerator<readonly SourceEvent[]> {
    const { reading: chosen } = this.#state;
    if (chosen?.partition !== partition) return;
    let effects = this.#step({ kind: 'begin', after });
    while (!this.#closing.signal.aborted) {
      for (const effect of this.#warned(effects)) if (effect.do === 'give') yield effect.events;
      const { reading } = this.#state;
      const ask = effects.at(-1);
      if (ask?.do === 'read') effects = this.#step(await this.#readPiece(ask));
      // A look may say that another one is to be read before.
      else if (reading === undefined || ask === undefined) return;
      else if (ask.do === 'look') effects = this.#look();
      else {
        await this.#pause();
        effects = this.#step({ kind: 'waited' });
      }
    }
  }

  async publish(event: Readonly<Record<string, unknown>>, id: string): Promise<void> {
    await closing(await open(this.#path, 'a'), async (file) => {
      await file.appendFile(`${JSON.stringify({ ...event, id })}\n`);
      await file.sync();
    });
  }

  waiting(): number | undefined {
    return this.#state.waiting;
  }

  close(): void {
    this.#closing.abort();
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    await setTimeout(this.#options.pollMs ?? defaultPollMs, undefined, { signal }).catch(() => undefined);
  }

  #step(event: FilesEvent): readonly FilesEffect[] {
    const { state, effects } = stepFiles(this.#state, event);
    this.#state = state;
    return effects;
  }

  #warned(effects: readonly FilesEffect[]): readonly FilesEffect[] {
    for (const effect of effects) if (effect.do === 'warn') this.#options.onWarning(effect.message);
    return effects;
  }

  /** Compressed files are not looked into, and what is no file is none. */
  #look(): readonly FilesEffect[] {
    const name = basename(this.#path);
    const beside = namesIn(dirname(this.#path))
      .filter((other) => other.startsWith(name) && /^[.-]/.test(other.slice(name.length)))
      .filter((other) => !/\.(gz|bz2|xz|zst)$/.test(other))
      .map((other) => join(dirname(this.#path), other));
    const opened: number[] = [];
    try {
      const files = [...beside, this.#path].flatMap((path): SeenFile[] => {
        const fd = openRegular(path);
        if (fd === undefined) {
          if (path === this.#path) this.#requireThere();
          return [];
        }
        opened.push(fd);
        const { ino, size, mtimeNs } = fstatSync(fd, { bigint: true });
        const [modifiedMs, inode] = [Number(mtimeNs) / 1e6, String(ino)];
        return [{ path, inode, size: Number(size), modifiedMs, bytes: (from, to) => bytesOf(fd, from, to) }];
      });
      return this.#step({ kind: 'looked', files });
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(this.#path, this.#path, error);
    } finally {
      opened.forEach((fd) => closeSync(fd));
    }
  }

  #requireThere(): void {
    requireRegular(this.#path);
    if (this.#options.once)
      throw unreadable(this.#path, this.#path, Object.assign(new Error('missing'), { code: 'ENOENT' }));
    if (!this.#saidMissing) this.#options.onWarning(`${this.#path} is not there yet; it is waited for`);
    this.#saidMissing = true;
  }

  async #readPiece({ file: { path, inode }, from, to }: FilesEffect & { do: 'read' }): Promise<FilesEvent> {
    let handle: FileHandle | undefined;
    try {
      handle = await openIfThere(path);
      const { ino, size } = (await handle?.stat({ bigint: true })) ?? {};
      if (handle === undefined || String(ino) !== inode) return { kind: 'read', file: undefined };
      const piece = await bytesAt(handle, from, Math.min(to, Number(size)));
      const head = from === 0 ? piece : await bytesAt(handle, 0, markBytes);
      const bytes: SeenFile['bytes'] = (start, end) =>
        start < from ? head.subarray(start, end) : piece.subarray(start - from, end - from);
      return { kind: 'read', file: { path, inode, size: Number(size), bytes } };
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(path, path, error);
    } finally {
      await handle?.close();
    }
  }
}

/** What a file is called in its partitions: entries' ids are made of these. */
function nameInPartitions(path: string): string {
  const name = basename(path);
  return Buffer.byteLength(name) <= mostNameBytes ? name : digestOf(Buffer.from(name));
}

function bytesOf(fd: number, from: number, to: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
  return bytes.subarray(0, readFully(fd, bytes, from));
}

async function bytesAt(handle: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, readOnly);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
