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
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable;
}

/** What errors call a file: `-` is standard input. */
export function nameOfInput(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * The lines of a file of UTF-8 text that hold anything, as they are: nothing is trimmed but the line feed, a carriage return before
 * it, and a byte order mark. AppError 'bad-input-file' for what is missing, not readable, a directory, or no such text. Memory: the
 * file.
 */
export async function readTextLines(path: string, options: TextLinesOptions): Promise<TextLine[]> {
  const name = nameOfInput(path);
  const bytes = await readAll(path, name, options);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw noText(name, 'it is not UTF-8', error);
  }
  if (text.includes('\0')) throw noText(name, 'it holds zero bytes');
  return text
    .split('\n')
    .map((line, at) => ({ line: at + 1, text: line.endsWith('\r') ? line.slice(0, -1) : line }))
    .filter((line) => line.text !== '');
}

async function readAll(path: string, name: string, { signal, stdin }: TextLinesOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    if (path !== '-' && (await stat(path)).isDirectory()) {
      throw new AppError('bad-input-file', `${name} is a directory; a file of lines is wanted`, {
        details: { file: path },
      });
    }
    const stream = path === '-' ? (stdin ?? process.stdin) : createReadStream(path);
    addAbortSignal(signal, stream);
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    if (error instanceof AppError) throw error;
    throw unreadable(path, name, error);
  }
  return Buffer.concat(chunks);
}

/** A file that could not be opened or read, as the error its reader can act on. @param name as the reader gave it */
export function unreadable(path: string, name: string, error: unknown): AppError {
  const errno = errnoOf(error);
  const why =
    errno === 'ENOENT' || errno === 'ENOTDIR'
      ? 'does not exist'
      : errno === 'EACCES' || errno === 'EPERM'
        ? 'may not be read: permission denied'
        : `cannot be read: ${errno ?? String(error)}`;
  return new AppError('bad-input-file', `${name} ${why}`, {
    details: { file: path, errno: errno ?? null },
    cause: error,
  });
}

function noText(name: string, why: string, cause?: unknown): AppError {
  return new AppError('bad-input-file', `${name} is no text: ${why}`, {
    details: { file: name },
    cause,
    suggestions: ['a plain file of text is wanted, one item a line'],
  });
}
