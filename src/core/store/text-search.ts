/**
 * Search as someone types: texts that contain the query, exact names first, then what was played, the best kind of match
 * first, and among equals the lower row, which is the more popular item.
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
/** Between two looks at whether an answer is still wanted: less than a millisecond's work. */
const rowsPerWindow = 16_384;
/** A native search costs as much as looking at so many bytes here. */
const nearBytes = 64;

export interface SearchLimits {
  readonly limit: number;
  /** How many of those that match stand before; none without it. */
  readonly from?: number | undefined;
  /** Rows from here on were never played: they come after all others but exact names. */
  readonly numPlayed?: number | undefined;
  /** Only rows for which this is true. */
  readonly has?: ((row: number) => boolean) | undefined;
  /** Called now and then: throws where nobody waits for the answer any more. */
  readonly checkAbort?: (() => void) | undefined;
}

export interface TextSearch {
  /**
   * Up to `limit` rows that match: exact names, then rows that were played, then the others, each by the kind of match; the
   * first rows where the query is empty. O(bytes of all texts).
   */
  rows(query: string, limits: SearchLimits): number[];
}

/** Loads the texts of all rows: about 40 bytes an item. */
export function loadTextSearch(store: LmdbReader, kind: string, numRows: number): TextSearch {
  return textSearch(loadTexts(store, kind, numRows));
}

export function textSearch(texts: LoadedTexts): TextSearch {
  return {
    rows(
      query,
      { limit: count, from = 0, numPlayed = Infinity, has = () => true, checkAbort = () => undefined },
    ) {
      const text = searchForm(query).trim();
      const limit = from + count;
      const found = Array.from({ length: 2 * numRanks }, (): number[] => []);
      const seen = new Set<number>();
      let numBefore = 0;
      const take = (row: number, kindOfMatch: number): void => {
        const isLate = kindOfMatch !== rank.name && row >= numPlayed;
        const rows = found[kindOfMatch + (isLate ? numRanks : 0)]!;
        if (rows.length >= limit || seen.has(row) || !has(row)) return;
        rows.push(row);
        seen.add(row);
        if (!isLate) numBefore += 1;
      };
      if (text === '') {
        const numRows = texts.offsets.length - 1;
        for (let row = 0; row < numRows && seen.size < limit; row++) take(row, rank.name);
      } else {
        findPhrase(texts, Buffer.from(text, 'utf8'), checkAbort, take);
        // Whatever is found once there are enough stands behind them.
        const isWanted = (): boolean => numBefore < limit;
        if (isWanted()) findWords(texts, text, { checkAbort, isWanted }, (row) => take(row, rank.words));
      }
      return found.flat().slice(from, limit);
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
  checkAbort: () => void,
  visit: (row: number, kindOfMatch: number) => void,
): void {
  const numRows = offsets.length - 1;
  for (let row = 0; row < numRows;) {
    checkAbort();
    const lastRow = Math.min(row + rowsPerWindow, numRows);
    const last = offsets[lastRow]!;
    // Each byte is looked at once to find a row, and once more within that: however many rows match, and whatever they hold.
    for (let at = find(bytes, phrase, offsets[row]!, last); at >= 0;) {
      row = rowAt(offsets, at, row);
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      let best = numRanks;
      let isInName = true;
      // A match over the border of two rows is none.
      for (let from = start; at >= 0 && at + phrase.length <= end; at = find(bytes, phrase, at + 1, end)) {
        for (; isInName && from < at; from++) isInName = bytes[from] !== separatorByte;
        best = Math.min(best, kindOfMatch(bytes, start, end, at, phrase.length, isInName));
        // What comes later is at best a word of the name, and after the name another word.
        if (best <= (isInName ? rank.nameWord : rank.otherWord)) break;
      }
      if (best < numRanks) visit(row, best);
      at = find(bytes, phrase, end, last);
    }
    row = lastRow;
  }
}

/** Where the phrase begins in bytes `from` … `end` − 1; −1 where it does not. */
function find(bytes: Buffer, phrase: Buffer, from: number, end: number): number {
  const first = phrase[0];
  const last = end - phrase.length;
  const near = Math.min(from + nearBytes, last + 1);
  let at = from;
  for (; at < near; at++) {
    if (bytes[at] !== first) continue;
    let same = 1;
    while (same < phrase.length && bytes[at + same] === phrase[same]) same += 1;
    if (same === phrase.length) return at;
  }
  return at > last ? -1 : bytes.subarray(0, end).indexOf(phrase, at);
}

function kindOfMatch(
  bytes: Buffer,
  start: number,
  end: number,
  at: number,
  length: number,
  isInName: boolean,
): number {
  const after = at + length;
  if (at === start) return after === end || bytes[after] === separatorByte ? rank.name : rank.nameStart;
  if (isBoundary(bytes[at - 1]!)) return isInName ? rank.nameWord : rank.otherWord;
  return isInName ? rank.inName : rank.inOther;
}

/** ASCII that is no letter and no digit: a word may begin after it. */
function isBoundary(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = byte >= 0x61 && byte <= 0x7a;
  return byte < 0x80 && !isDigit && !isLetter;
}

/** Calls `visit` for every row, ascending, whose text contains every word of a query of several, in any order. */
function findWords(
  texts: LoadedTexts,
  query: string,
  { checkAbort, isWanted }: { readonly checkAbort: () => void; readonly isWanted: () => boolean },
  visit: (row: number) => void,
): void {
  const { bytes, offsets } = texts;
  const words = query.split(/\s+/u).map((word) => Buffer.from(word, 'utf8'));
  if (words.length < 2) return;
  // The longest is in the fewest rows.
  const [longest, ...others] = words.sort((a, b) => b.length - a.length);
  findPhrase(texts, longest!, checkAbort, (row) => {
    if (isWanted() && others.every((word) => find(bytes, word, offsets[row]!, offsets[row + 1]!) >= 0))
      visit(row);
  });
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
