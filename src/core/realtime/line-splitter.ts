/** Bytes as they come → lines with the positions after them. */
import { isUtf8 } from 'node:buffer';
import { parseObject } from './event-line.js';
import { maxLineBytes, type SourceEvent } from './source.js';

const lineFeed = 0x0a;
const closingBrace = 0x7d;
/** Of a line that is no event, as far as it is kept. */
const shownBytes = 200;

/** Memory: one line of at most 64 KiB beside the piece that is given. */
export class LineSplitter {
  #position: number;
  #lineEnd: number;
  #pending = Buffer.alloc(0);
  /** Within a line that is too long: what is kept of it. */
  #dropped: string | undefined;

  /** @param position of the first byte that will be given */
  constructor(position: number) {
    this.#position = position;
    this.#lineEnd = position;
  }

  /** After the last line that has ended. */
  get position(): number {
    return this.#lineEnd;
  }

  /** Whether a line has begun that has not ended. */
  get isWithinLine(): boolean {
    return this.#pending.length > 0 || this.#dropped !== undefined;
  }

  /** The lines that end in a piece; lines without anything but white space are left out. */
  push(piece: Buffer): SourceEvent[] {
    const start = this.#position - this.#pending.length;
    const bytes = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    this.#position += piece.length;
    const events: SourceEvent[] = [];
    // Nearly always all of it is: then no line is looked at by itself.
    const whole = isUtf8(bytes.subarray(0, bytes.lastIndexOf(lineFeed) + 1));
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(lineFeed, at);
      if (end < 0) break;
      this.#take(bytes.subarray(at, end), start + end + 1, whole, events);
      at = end + 1;
    }
    if (at > 0) this.#lineEnd = start + at;
    const rest = bytes.subarray(at);
    if (this.#dropped !== undefined || rest.length > maxLineBytes) {
      this.#dropped ??= startOf(rest);
      this.#pending = Buffer.alloc(0);
    } else {
      // A copy, so that what is left does not keep the whole piece.
      this.#pending = Buffer.from(rest);
    }
    return events;
  }

  /**
   * What is left, where it is a whole event: the position is then behind its brace. Else nothing, and the position stays: the rest of
   * the line may be still to come.
   */
  finishEvent(): SourceEvent[] {
    const isText = this.#dropped === undefined && isUtf8(this.#pending);
    const text = isText ? this.#pending.toString('utf8').trimEnd() : undefined;
    if (text === undefined || (text !== '' && parseObject(text) === undefined)) return [];
    this.#pending = Buffer.alloc(0);
    if (text === '') return [];
    this.#lineEnd += Buffer.byteLength(text);
    return [{ offset: this.#lineEnd, text: text.trim() }];
  }

  /** What is left, as the last line. */
  finish(): SourceEvent[] {
    const events: SourceEvent[] = [];
    if (this.isWithinLine) this.#take(this.#pending, this.#position, false, events);
    this.#pending = Buffer.alloc(0);
    this.#lineEnd = this.#position;
    return events;
  }

  #take(line: Buffer, offset: number, isText: boolean, events: SourceEvent[]): void {
    const dropped = this.#dropped;
    this.#dropped = undefined;
    if (dropped !== undefined || line.length > maxLineBytes) {
      const problem = `is longer than ${maxLineBytes} bytes`;
      events.push({ offset, text: dropped ?? startOf(line), problem });
    } else if (isText || isUtf8(line)) {
      const text = line.toString('utf8').trim();
      if (text !== '') events.push({ offset, text });
    } else {
      events.push({ offset, text: startOf(line), problem: 'is not UTF-8' });
    }
  }
}

function startOf(line: Buffer): string {
  return line.toString('utf8', 0, shownBytes);
}

/** Whether an event can end with a byte: a line's end, or that of the last one, which had no line feed when it was read. */
export function endsEvent(byte: number | undefined): boolean {
  return byte === lineFeed || byte === closingBrace;
}
