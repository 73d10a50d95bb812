/** word2vec text that any program wrote; tables/word2vec-text.ts says what the format is, and which escapes are ours. */
import { setImmediate } from 'node:timers/promises';
import { handingOn } from '../closers.js';
import { abortError } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { StringColumnBuilder } from '../tables/string-column.js';
import { unescapeWord } from '../tables/word2vec-text.js';
import { badFile, openForeignFile, requireSizes, type VectorRows } from './vector-rows.js';

const chunkBytes = 1 << 20;
/** What printf writes; Number would take 0x10 and 0b11 as well. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** A line with 1,024 numbers and an id of 1,024 bytes has 30,000 at most. */
const mostLineBytes = 1 << 17;

/** AppError 'bad-input-file' for a file that does not begin with two whole numbers, and by `read` for any other line. */
export function openWord2vecText(path: string, signal: AbortSignal): VectorRows {
  return handingOn(openForeignFile(path), ({ fd, close }) => {
    const [first] = linesOf(path, fd);
    const header = /^(\d{1,10})[ \t]+(\d{1,6})[ \t]*\r?$/.exec(first?.text ?? '');
    if (header === null) {
      throw badFile(path, 'does not begin with the numbers of rows and dimensions, as word2vec text does', [
        'gensim writes them: vectors.save_word2vec_format(file)',
        'GloVe does not: put a line such as "400000 100" before the first',
      ]);
    }
    const [numRows, dim] = [Number(header[1]), Number(header[2])];
    requireSizes(path, numRows, dim);
    return {
      ...{ path, numRows, dim, isDouble: false, close },
      read: (each) => readLines(path, fd, numRows, dim, signal, each),
    };
  });
}

async function readLines(
  path: string,
  fd: number,
  numRows: number,
  dim: number,
  signal: AbortSignal,
  each: (from: number, values: Float32Array) => void,
): ReturnType<VectorRows['read']> {
  const ids = new StringColumnBuilder('ids', numRows + 1);
  const rowsAtOnce = 1024;
  const block = new Float32Array(rowsAtOnce * dim);
  let from = 0;
  const flush = (): void => {
    const count = ids.length - from;
    if (count > 0) each(from, block.subarray(0, count * dim));
    from = ids.length;
  };
  for (const { number, text } of linesOf(path, fd)) {
    if (number === 1) continue;
    const words = text.trimEnd().split(/[ \t]+/);
    if (words.length === 1 && words[0] === '') continue;
    if (ids.length === numRows)
      throw badFile(
        path,
        `line ${String(number)} is one more than the ${String(numRows)} rows of its first line`,
      );
    if (words.length !== dim + 1) {
      throw badFile(
        path,
        `line ${String(number)} has ${String(words.length - 1)} numbers after ${JSON.stringify(words[0]?.slice(0, 80))}; ${String(dim)} are wanted`,
        ['an id with a space in it is written with %20'],
      );
    }
    const at = (ids.length - from) * dim;
    for (let f = 0; f < dim; f++) {
      const word = words[f + 1] ?? '';
      const value = decimal.test(word) ? Number(word) : NaN;
      if (Number.isNaN(value)) {
        const finite = /^[+-]?(?:nan|inf(?:inity)?)$/i.test(word) ? 'a finite number' : 'a number';
        throw badFile(path, `line ${String(number)}: ${JSON.stringify(word.slice(0, 80))} is not ${finite}`);
      }
      block[at + f] = value;
    }
    ids.push(unescapeWord(words[0] ?? ''));
    if (ids.length - from === rowsAtOnce) {
      flush();
      await setImmediate();
      if (signal.aborted) throw abortError(signal);
    }
  }
  flush();
  if (ids.length < numRows) {
    throw badFile(
      path,
      `ends after ${String(ids.length)} of the ${String(numRows)} rows of its first line: it is truncated`,
    );
  }
  return { ids: ids.finish(), columns: [] };
}

/** Lines without their line feeds. AppError 'bad-input-file' for what is not UTF-8, or too long to be one. */
function* linesOf(path: string, fd: number): Generator<{ readonly number: number; readonly text: string }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array, number: number): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw badFile(path, `line ${String(number)} is not UTF-8`, [
        'word2vec text is wanted, not the binary format: vectors.save_word2vec_format(file, binary=False)',
      ]);
    }
  };
  let rest = Buffer.alloc(0);
  let number = 0;
  for (let position = 0; ;) {
    const chunk = Buffer.alloc(chunkBytes);
    const got = readFully(fd, chunk, position);
    position += got;
    const bytes = Buffer.concat([rest, chunk.subarray(0, got)]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield { number: ++number, text: decode(bytes.subarray(start, end), number) };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > mostLineBytes)
      throw badFile(path, `line ${String(number + 1)} is too long for word2vec text`);
    if (got < chunkBytes) break;
  }
  if (rest.length > 0) yield { number: number + 1, text: decode(rest, number + 1) };
}
