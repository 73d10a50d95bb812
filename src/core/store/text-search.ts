/**
 * Search as someone types: texts that contain the query, the best kind of match first, and among equals the lower
 * row, which is the more popular item.
 */
import { searchForm, separatorByte, visitTexts } from './search-texts.js';
import type { LmdbReader } from './lmdb-reader.js';

/** Texts end to end: row r's is bytes[offsets[r]] … bytes[offsets[r + 1] − 1], UTF-8. */
interface LoadedTexts {
  readonly bytes: Buffer;
  readonly offsets: Uint32Array;
}

/** Kinds of match, best first. */
const rank = { name: 0, nameStart: 1, nameWord: 2, inName: 3, otherWord: 4, inOther: 5, words: 6 } as const;
const numRanks = 7;

export interface TextSearch {
  /** Up to `limit` rows that match, best first; the first rows where the query is empty. */
  rows(query: string, limit: number): number[];
}

/** Loads the texts of all rows: about 40 bytes an item. */
export function loadTextSearch(store: LmdbReader, kind: string, numRows: number): TextSearch {
  const texts = loadTexts(store, kind, numRows);
  return {
    rows(query, limit) {
      const text = searchForm(query).trim();
      if (text === '') return Array.from({ length: Math.min(limit, numRows) }, (_, row) => row);
      const found = Array.from({ length: numRanks }, (): number[] => []);
      const seen = new Set<number>();
      findPhrase(texts, Buffer.from(text, 'utf8'), (row, kindOfMatch) => {
        const rows = found[kindOfMatch] ?? [];
        if (rows.length >= limit) return;
        rows.push(row);
        seen.add(row);
      });
      if (seen.size < limit) {
        for (const row of rowsWithWords(texts, text, limit, seen)) found[rank.words]?.push(row);
      }
      return found.flat().slice(0, limit);
    },
  };
}

function loadTexts(store: LmdbReader, kind: string, numRows: number): LoadedTexts {
  const offsets = [0];
  const pieces: Buffer[] = [];
  let length = 0;
  // The rows of a block lie end to end, and are copied together.
  let block: Buffer = Buffer.alloc(0);
  let blockStart = 0;
  let blockEnd = 0;
  visitTexts(store, kind, numRows, (_row, bytes, start, end) => {
    if (bytes !== block) {
      pieces.push(block.subarray(blockStart, blockEnd));
      block = bytes;
      blockStart = start;
    }
    blockEnd = end;
    length += end - start;
    offsets.push(length);
  });
  pieces.push(block.subarray(blockStart, blockEnd));
  return { bytes: Buffer.concat(pieces), offsets: Uint32Array.from(offsets) };
}

/** Calls `visit` for every row that contains the phrase, ascending, with the best kind of match in it. */
function findPhrase(
  { bytes, offsets }: LoadedTexts,
  phrase: Buffer,
  visit: (row: number, kindOfMatch: number) => void,
): void {
  let row = 0;
  let at = bytes.indexOf(phrase);
  while (at >= 0) {
    row = rowAt(offsets, at, row);
    const start = offsets[row] ?? 0;
    const end = offsets[row + 1] ?? 0;
    let best = numRanks;
    let nameEnd = bytes.indexOf(separatorByte, start);
    if (nameEnd < 0 || nameEnd > end) nameEnd = end;
    for (; at >= 0 && at < end; at = bytes.indexOf(phrase, at + 1)) {
      // A match over the border of two rows is none.
      if (at + phrase.length > end) continue;
      best = Math.min(best, kindOfMatch(bytes, start, nameEnd, at, phrase.length));
      if (best <= rank.nameWord) break;
    }
    if (best < numRanks) visit(row, best);
    if (at >= 0 && at < end) at = bytes.indexOf(phrase, end);
  }
}

function kindOfMatch(bytes: Buffer, start: number, nameEnd: number, at: number, length: number): number {
  const inName = at < nameEnd;
  if (at === start) return at + length === nameEnd ? rank.name : rank.nameStart;
  if (isBoundary(bytes[at - 1] ?? 0)) return inName ? rank.nameWord : rank.otherWord;
  return inName ? rank.inName : rank.inOther;
}

/** ASCII that is no letter and no digit: a word may begin after it. */
function isBoundary(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = byte >= 0x61 && byte <= 0x7a;
  return byte < 0x80 && !isDigit && !isLetter;
}

/** Rows, ascending, whose texts contain every word of the query, in any order, and that were not `seen`. */
function rowsWithWords(
  { bytes, offsets }: LoadedTexts,
  query: string,
  limit: number,
  seen: ReadonlySet<number>,
): number[] {
  const words = query.split(/\s+/u).map((word) => Buffer.from(word, 'utf8'));
  if (words.length < 2) return [];
  // The longest is in the fewest rows.
  words.sort((a, b) => b.length - a.length);
  const [longest, ...others] = words;
  const rows: number[] = [];
  findPhrase({ bytes, offsets }, longest ?? Buffer.alloc(0), (row) => {
    if (rows.length >= limit || seen.has(row)) return;
    const text = bytes.subarray(offsets[row], offsets[row + 1]);
    if (others.every((word) => text.includes(word))) rows.push(row);
  });
  return rows;
}

/** The row whose text holds byte `at`, not before row `from`. */
function rowAt(offsets: Uint32Array, at: number, from: number): number {
  // The next match is mostly near: steps double until they pass it, then halve.
  let low = from;
  let step = 1;
  while (low + step < offsets.length - 1 && (offsets[low + step] ?? 0) <= at) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, offsets.length - 1) - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((offsets[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
