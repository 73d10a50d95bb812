import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { AppError, abortError, errnoOf } from '../errors.js';

export interface TextLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface TextLinesOptions {
  readonly signal: AbortSignal;
  /** What is listed, for errors: 'an item', 'a user'. */
  readonly what: string;
  /** A longer line is refused before any more of it is read. */
  readonly mostBytes: number;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
}

/** What errors call a file: `-` is standard input. */
export function nameOfInput(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * The lines of a file of UTF-8 text that hold anything, as they are: nothing is trimmed but the line feed, a carriage return before
 * it, and a byte order mark. AppError 'bad-input-file' for what is missing, not readable, a directory, not UTF-8, or has a line
 * that is too long; the line is named. Memory: a piece of the file, and a line.
 */
export async function* textLines(path: string, options: TextLinesOptions): AsyncGenerator<TextLine> {
  const name = nameOfInput(path);
  let rest = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of chunksOf(path, name, options)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    for (const text of linesIn(bytes.subarray(0, end), name, line, options)) {
      line++;
      if (text !== '') yield { line, text };
    }
    // A copy: what is left must not keep the whole piece in memory.
    rest = Buffer.from(bytes.subarray(end));
    if (rest.length > options.mostBytes + spareBytes) throw tooLong(name, line + 1, options);
  }
  for (const text of linesIn(rest, name, line, options)) if (text !== '') yield { line: line + 1, text };
}

const lineFeed = 10;
/** A byte order mark, and a carriage return before a line feed that has not come yet. */
const spareBytes = 4;

/** Of bytes that end with a line feed, or with the file. @param before lines that came before them */
function linesIn(bytes: Buffer, name: string, before: number, options: TextLinesOptions): string[] {
  if (bytes.length === 0) return [];
  if (!isUtf8(bytes)) throw notUtf8(bytes, name, before, options);
  const marked = before === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const lines = bytes.toString('utf8', marked ? 3 : 0).split('\n');
  if (bytes.at(-1) === lineFeed) lines.pop();
  return lines.map((line, at) => {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    const isShort = text.length * 3 <= options.mostBytes || Buffer.byteLength(text) <= options.mostBytes;
    if (!isShort) throw tooLong(name, before + at + 1, options);
    return text;
  });
}

function notUtf8(bytes: Buffer, name: string, before: number, options: TextLinesOptions): AppError {
  let line = before + 1;
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
    line++;
  }
  return badLine(name, line, 'is not UTF-8', options);
}

function tooLong(name: string, line: number, options: TextLinesOptions): AppError {
  return badLine(name, line, `is longer than ${options.mostBytes} bytes`, options);
}

function badLine(name: string, line: number, problem: string, { what }: TextLinesOptions): AppError {
  return new AppError('bad-input-file', `${name} line ${line} ${problem}`, {
    suggestions: [`a plain file of UTF-8 text is wanted, ${what} a line`],
    details: { file: name, line },
  });
}

async function* chunksOf(
  path: string,
  name: string,
  { signal, stdin, what }: TextLinesOptions,
): AsyncGenerator<Buffer> {
  try {
    if (path !== '-' && (await stat(path)).isDirectory()) {
      throw new AppError('bad-input-file', `${name} is a directory; a file with ${what} a line is wanted`, {
        details: { file: path },
      });
    }
    const stream = path === '-' ? (stdin ?? process.stdin) : createReadStream(path);
    addAbortSignal(signal, stream);
    for await (const chunk of stream) yield Buffer.from(chunk as Uint8Array);
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    if (error instanceof AppError) throw error;
    throw unreadable(path, name, error);
  }
}

/** A file that could not be opened or read, as the error its reader can act on. @param name as the reader gave it */
export function unreadable(
  path: string,
  name: string,
  error: unknown,
  suggestions: readonly string[] = [],
): AppError {
  const errno = errnoOf(error);
  const why =
    errno === 'ENOENT' || errno === 'ENOTDIR'
      ? 'does not exist'
      : errno === 'EACCES' || errno === 'EPERM'
        ? 'may not be read: permission denied'
        : `cannot be read: ${errno ?? String(error)}`;
  return new AppError('bad-input-file', `${name} ${why}`, {
    suggestions,
    details: { file: path, errno: errno ?? null },
    cause: error,
  });
}
