/** A file of adjacency (a user and then their items a line) as a file of pairs, which all reading goes on from. */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, abortError } from '../../errors.js';
import { adjacencyLooks, type EventFormat } from './adjacency-shape.js';
import { maxIdBytes } from '../event-rules.js';
import type { InputFile, ReadingContext } from './input-file.js';
import { scratchError } from './scratch-directory.js';

const [space, tab, lineFeed, carriageReturn] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * The same file where it is one of columns; where it is adjacency, a copy of it in `scratch` as tab-separated pairs.
 * AppError 'bad-row' for an id that is too long, or how the signal aborted.
 */
export async function asPairs(
  file: InputFile,
  format: EventFormat,
  scratch: string,
  context: ReadingContext,
): Promise<InputFile> {
  const looks = adjacencyLooks(file);
  if (format === 'auto' && !looks.isAdjacency) return file;
  if (format === 'auto' && looks.doubtful) {
    const message = `${file.name} is read as a user and then their items on every line; if it has columns, say so: \`delimiter\` space`;
    context.onProgress({ kind: 'warning', message });
  }
  const path = `${scratch}/pairs-of-${file.path.slice(file.path.lastIndexOf('/') + 1)}`;
  const lines = new AdjacencyLines(file.name);
  const phase = `reading ${file.name}`;
  const { onProgress, signal } = context;
  let done = 0;
  try {
    await pipeline(
      createReadStream(file.path, { highWaterMark: 1 << 18 }),
      new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          done += chunk.length;
          onProgress({ kind: 'step', phase, done, total: file.bytes, unit: 'bytes' });
          try {
            callback(null, lines.push(chunk));
          } catch (error) {
            callback(error as Error);
          }
        },
        flush(callback) {
          try {
            callback(null, lines.push(Buffer.of(lineFeed)));
          } catch (error) {
            callback(error as Error);
          }
        },
      }),
      createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: 1 << 20 }),
      { signal },
    );
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw scratchError(error, `copy ${file.name} to a temporary file`);
  }
  for (const message of lines.remarks()) onProgress({ kind: 'warning', message });
  const { size } = await stat(path);
  return { ...file, path, adjacency: true, bytes: size, head: lines.head() };
}

/** The lines of one file, in pieces of any size. */
class AdjacencyLines {
  readonly #name: string;
  readonly #users = new Set<string>();
  readonly #repeatedUsers = new Set<string>();
  #usersWithoutItems = 0;
  #line = 1;
  #user = Buffer.alloc(0);
  #items = 0;
  /** An id that is cut off by the end of a piece. */
  #rest = Buffer.alloc(0);
  #first = Buffer.alloc(0);
  #out = Buffer.alloc(0);
  #written = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The pairs of all ids that end within these bytes, a tab-separated line each. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#out = Buffer.allocUnsafe(4 * bytes.length + 64);
    this.#written = 0;
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== space && byte !== lineFeed && byte !== tab && byte !== carriageReturn) continue;
      if (at > start) this.#take(bytes.subarray(start, at));
      if (byte === lineFeed) this.#endLine();
      start = at + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
    if (this.#rest.length > maxIdBytes) throw this.#tooLong();
    const pairs = this.#out.subarray(0, this.#written);
    if (this.#first.length === 0) this.#first = pairs.subarray(0, 1 << 16);
    return pairs;
  }

  /** The start of what was made, for those who look at the file next. */
  head(): Buffer {
    return this.#first;
  }

  remarks(): string[] {
    const name = this.#name;
    const repeatedUsers = this.#repeatedUsers;
    const usersWithoutItems = this.#usersWithoutItems;
    const one = [...repeatedUsers][0];
    return [
      ...(one === undefined
        ? []
        : [
            `${name}: ${repeatedUsers.size} users have more than one line (${JSON.stringify(one)} …); their items are merged`,
          ]),
      ...(usersWithoutItems === 0 ? [] : [`${name}: ${usersWithoutItems} users have no items`]),
    ];
  }

  #take(id: Buffer): void {
    if (id.length > maxIdBytes) throw this.#tooLong();
    if (this.#user.length === 0) {
      this.#user = Buffer.from(id);
      return;
    }
    this.#items += 1;
    const length = this.#user.length + id.length + 2;
    if (this.#written + length > this.#out.length) {
      this.#out = Buffer.concat([this.#out.subarray(0, this.#written)], 2 * (this.#written + length));
    }
    this.#user.copy(this.#out, this.#written);
    this.#out[this.#written + this.#user.length] = tab;
    id.copy(this.#out, this.#written + this.#user.length + 1);
    this.#written += length;
    this.#out[this.#written - 1] = lineFeed;
  }

  #endLine(): void {
    if (this.#user.length > 0) {
      const user = this.#user.toString('utf8');
      if (this.#users.has(user)) this.#repeatedUsers.add(user);
      else this.#users.add(user);
      if (this.#items === 0) this.#usersWithoutItems += 1;
    }
    this.#user = Buffer.alloc(0);
    this.#items = 0;
    this.#line += 1;
  }

  #tooLong(): AppError {
    return new AppError(
      'bad-row',
      `${this.#name} line ${this.#line}: an id is longer than ${maxIdBytes} bytes`,
      {
        details: { file: this.#name, line: this.#line },
      },
    );
  }
}
