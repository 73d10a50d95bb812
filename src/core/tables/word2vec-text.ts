/**
 * The text format of word2vec (Mikolov et al. 2013), which gensim, fastText and others read: a line with the numbers of rows
 * and dimensions, then a line a row: its id and its numbers, with single spaces between. It holds ids and vectors alone.
 *
 * White space would end an id there. So white space and control characters of an id, the byte order mark, and the percent
 * sign itself are written as %XX of their UTF-8 bytes, as in a URL. Nothing else is escaped, and nothing else read back.
 */
import { checkedValues, type TableColumn, type TableWriter } from './table-writer.js';

const unsafe = /[\p{Cc}\p{White_Space}\ufeff%]/gu;
/** What `escapeWord` makes of them. */
const escaped =
  /%(?:[01][0-9A-F]|20|25|7F|C2%(?:[89][0-9A-F]|A0)|E1%9A%80|E2%80%(?:8[0-9A]|A[89F])|E2%81%9F|E3%80%80|EF%BB%BF)/g;

export function escapeWord(id: string): string {
  return id.replace(unsafe, encodeURIComponent);
}

/** The inverse of `escapeWord`; what it does not write stays as it is. */
export function unescapeWord(word: string): string {
  return word.includes('%') ? word.replace(escaped, decodeURIComponent) : word;
}

/** Powers of ten that an f64 holds exactly: a whole number below 2^53 divided by one is the decimal, correctly rounded. */
const powersOfTen = Array.from({ length: 23 }, (_, k) => Number(`1e${String(k)}`));
const log10of2 = 0.30103;
const bits = new DataView(new ArrayBuffer(4));

/**
 * A decimal of 9 significant digits at most from which a parser gets this f32 back, whether it reads f32 or f64 (9 are always enough:
 * IEEE 754-2019, 5.12.2).
 */
export function f32Text(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  bits.setFloat32(0, value);
  const exponent = ((bits.getUint16(0) >>> 7) & 0xff) - 127;
  const fewest = 6 - Math.floor(exponent * log10of2);
  for (let k = fewest; k <= fewest + 2; k++) {
    const scale = powersOfTen[k];
    if (scale === undefined) break;
    const decimal = Math.round(value * scale) / scale;
    if (Math.fround(decimal) === value) return String(decimal);
  }
  return String(Number(value.toPrecision(9)));
}

/** Takes the columns `id` and the one of type vector; others have no place in this format. */
export function openWord2vecWriter(columns: readonly TableColumn[], numRows: number): TableWriter {
  const idAt = columns.findIndex(({ name }) => name === 'id');
  const vectorAt = columns.findIndex(({ type }) => type === 'vector');
  const [ids, vectors] = [columns[idAt], columns[vectorAt]];
  if (ids === undefined || vectors === undefined) throw new RangeError('ids or vectors are missing');
  const { dim = 0 } = vectors;
  let head = `${String(numRows)} ${String(dim)}\n`;
  const takeHead = (): string => {
    const text = head;
    head = '';
    return text;
  };
  return {
    write(rows, values) {
      const words = checkedValues(ids, values[idAt], rows);
      const floats = checkedValues(vectors, values[vectorAt], rows) as Float32Array;
      const lines = [takeHead()];
      for (let row = 0, at = 0; row < rows; row++) {
        let line = escapeWord(String(words[row] ?? ''));
        for (const end = at + dim; at < end; at++) line += ` ${f32Text(floats[at] ?? 0)}`;
        lines.push(line, '\n');
      }
      return [Buffer.from(lines.join(''))];
    },
    finish: () => [Buffer.from(takeHead())],
  };
}
