/**
 * Standard input as a source. A partition is a stream's name and a digest of its first line: a sender that starts again from
 * the same line is passed over up to where it was read, and one that goes on with other lines is a new piece of the stream.
 */
import type { Readable } from 'node:stream';
import { AppError } from '../errors.js';
import { digestOfLine } from './file-steps.js';
import { endsEvent, LineSplitter } from './line-splitter.js';
import { maxLineBytes, type EventSource, type SourceEvent, type SourceWarning } from './source.js';

const lineFeed = 10;

/** @param name 1 to 64 bytes, without `/` */
export function openStreamSource(name: string, stream: Readable, onWarning: SourceWarning): EventSource {
  return new StreamSource(name, stream, onWarning);
}

class StreamSource implements EventSource {
  readonly #name: string;
  readonly #stream: Readable;
  readonly #onWarning: SourceWarning;
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** Read to know the first line. */
  #head: Buffer | undefined;
  #isRead = false;

  constructor(name: string, stream: Readable, onWarning: SourceWarning) {
    this.#name = name;
    this.#stream = stream;
    this.#onWarning = onWarning;
    this.#pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async partitions(): Promise<readonly string[] | undefined> {
    if (this.#isRead) return undefined;
    this.#head ??= await this.#readHead();
    const end = this.#head.indexOf(lineFeed);
    const first = this.#head.subarray(0, end < 0 ? Math.min(this.#head.length, maxLineBytes) : end);
    return this.#head.length === 0 ? undefined : [`${this.#name}/${digestOfLine(first)}`];
  }

  async *read(_partition: string, after: number): AsyncGenerator<readonly SourceEvent[]> {
    if (this.#isRead) return;
    this.#isRead = true;
    let at = 0;
    let lines: LineSplitter | undefined;
    for await (const piece of this.#all()) {
      at += piece.length;
      if (at <= after) {
        if (at === after) this.#requireLineEnd(piece.at(-1), after);
        continue;
      }
      const isFirst = lines === undefined;
      const skipped = isFirst ? Math.max(0, piece.length - (at - after)) : 0;
      if (skipped > 0) this.#requireLineEnd(piece[skipped - 1], after);
      lines ??= new LineSplitter(after);
      const events = lines.push(piece.subarray(skipped));
      if (events.length > 0) yield events;
    }
    const rest = lines?.finishEvent() ?? [];
    if (rest.length > 0) yield rest;
    // Not a dead letter: the sender may start again, and send it whole.
    if (lines?.isWithinLine === true)
      this.#onWarning(`standard input ends within a line, at byte ${at}: that line was not taken`);
  }

  publish(): Promise<void> {
    const message = 'standard input gives events, and takes none';
    return Promise.reject(new AppError('bad-usage', message));
  }

  waiting(): undefined {
    return undefined;
  }

  close(): void {
    this.#stream.destroy();
  }

  async #readHead(): Promise<Buffer> {
    let head = Buffer.alloc(0);
    while (head.length < maxLineBytes && !head.includes(lineFeed)) {
      const next = await this.#pieces.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    return head;
  }

  async *#all(): AsyncGenerator<Buffer> {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    if (head !== undefined && head.length > 0) yield head;
    for (;;) {
      const next = await this.#pieces.next();
      if (next.done === true) return;
      const { buffer, byteOffset, byteLength } = next.value;
      yield Buffer.from(buffer, byteOffset, byteLength);
    }
  }

  /** The same first line, and yet another stream: where one was read up to, a line has to end. */
  #requireLineEnd(byte: number | undefined, after: number): void {
    if (endsEvent(byte)) return;
    const message = `standard input starts as the stream ${JSON.stringify(this.#name)} did, but no line of it ends at byte ${after}, where that was read up to`;
    throw new AppError('conflict', message, {
      suggestions: ['give another stream another name: `stream` NAME', 'send the same stream from its start'],
      details: { stream: this.#name, position: after },
    });
  }
}
