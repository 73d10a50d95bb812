/**
 * Texts that someone may have meant: first by shared n-grams, which costs a few nanoseconds a byte and so looks at
 * everything, then the best of those by edit distance, by containment and word by word.
 */
import { foldName } from './casefold.js';
import { editDistance } from '../edit-distance.js';
import { partSeparator, type VisitText } from './search-texts.js';

export interface CloseText {
  readonly row: number;
  readonly text: string;
  /** 0 (nothing in common) to 1 (the same). */
  readonly likeness: number;
}

const wanted = 5;
/** How many texts are looked at closely. */
const numCandidates = 256;
const leastLikeness = 0.5;
/** Longer queries are cut for comparison: edit distance costs their length times that of each candidate. */
const maxQueryLength = 256;
/** Of a name, an artist or an id no more is compared: a name may have a megabyte. */
const maxPartLength = 1024;
const shortQueryBytes = 5;
const space = 0x20;

/**
 * The five likest of the texts that `scan` visits, best first, equals by row. A text has parts (name, artist, id)
 * between separators; case is ignored. Cost: 0.1 to 0.3 s for a million texts.
 */
export function closestTexts(query: string, scan: (visit: VisitText) => void): CloseText[] {
  const text = foldName(query.slice(0, maxQueryLength));
  if (text === '') return [];
  const candidates = new Candidates();
  const shared = gramCounter(text);
  scan((row, bytes, start, end) => {
    const score = shared(row, bytes, start, end);
    if (score > candidates.least) candidates.add({ row, score, text: bytes.toString('utf8', start, end) });
  });
  return candidates.entries
    .map(({ row, text: candidate }) => ({
      row,
      text: candidate,
      likeness: likeness(text, candidate),
    }))
    .filter((close) => close.likeness >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness || a.row - b.row)
    .slice(0, wanted);
}

interface Candidate {
  readonly row: number;
  readonly score: number;
  readonly text: string;
}

/** The best so far. Among equal scores the first that came stays. */
class Candidates {
  readonly entries: Candidate[] = [];
  /** A score must be above this to get in. */
  least = 0;

  add(candidate: Candidate): void {
    if (this.entries.length < numCandidates) {
      this.entries.push(candidate);
    } else {
      let worst = 0;
      this.entries.forEach((entry, index) => {
        const other = this.entries[worst] ?? entry;
        if (entry.score < other.score || (entry.score === other.score && entry.row > other.row))
          worst = index;
      });
      this.entries[worst] = candidate;
    }
    if (this.entries.length === numCandidates) {
      this.least = this.entries.reduce((least, { score }) => Math.min(least, score), Infinity);
    }
  }
}

/**
 * A function that says how much of the query's n-grams a text has: their share, and a little more for a text that has
 * few others. N-grams are of three bytes (of two for a short query), punctuation counting as a space and every text
 * standing between two.
 */
function gramCounter(query: string): (row: number, bytes: Uint8Array, start: number, end: number) => number {
  const plain = plainBytes();
  const queryBytes = Buffer.from(query, 'utf8');
  // A letter adds 5 bits, those that tell letters apart; the mask forgets all but the last two or three.
  const mask = queryBytes.length < shortQueryBytes ? (1 << 10) - 1 : (1 << 15) - 1;
  const inQuery = new Uint8Array(mask + 1);
  const lastSeen = new Int32Array(mask + 1).fill(-1);
  let numGrams = 0;
  let gram = space;
  for (let at = 0; at <= queryBytes.length; at++) {
    gram = ((gram << 5) ^ (at === queryBytes.length ? space : (plain[queryBytes[at] ?? 0] ?? 0))) & mask;
    numGrams += 1 - (inQuery[gram] ?? 0);
    inQuery[gram] = 1;
  }
  return (row, bytes, start, end) => {
    let shared = 0;
    let gram = space;
    for (let at = start; at <= end; at++) {
      gram = ((gram << 5) ^ (at === end ? space : (plain[bytes[at] ?? 0] ?? 0))) & mask;
      if (inQuery[gram] === 0 || lastSeen[gram] === row) continue;
      lastSeen[gram] = row;
      shared += 1;
    }
    return shared === 0 ? 0 : shared / numGrams + (0.2 * shared) / (end - start + 2);
  };
}

/** By byte: ASCII letters in lower case, digits and all beyond ASCII as they are, the rest of ASCII as a space. */
function plainBytes(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte >= 0x80) return byte;
    const letter = String.fromCharCode(byte).toLowerCase();
    return /[0-9a-z]/.test(letter) ? letter.charCodeAt(0) : space;
  });
}

const digits = /^\d+$/;

/**
 * How like a text is to the query: as a whole, as what one contains of the other, or word by word. Two
 * numbers are the same or have nothing in common: 999 is as far from 9999 as any other.
 */
function likeness(query: string, text: string): number {
  const parts = text
    .split(partSeparator)
    .map((part) => foldName(part.slice(0, maxPartLength)))
    .filter((part) => part !== '');
  return Math.max(
    byWords(query, parts),
    ...parts.map((part) =>
      digits.test(query) && digits.test(part)
        ? sameNumber(query, part)
        : Math.max(byEdits(query, part), byContainment(query, part)),
    ),
  );
}

/** 1 − the share of characters that must change. */
function byEdits(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  // Where lengths alone are too far apart, the distance need not be computed.
  if (Math.min(a.length, b.length) < longer * leastLikeness) return 0;
  return 1 - editDistance(a, b) / longer;
}

/** 0.7 and more where the text contains the query, 0.6 and more where the query contains the text. */
function byContainment(query: string, part: string): number {
  if (query.length >= 3 && part.includes(query)) return 0.7 + (0.3 * query.length) / part.length;
  if (part.length >= 4 && query.includes(part)) return 0.6 + (0.3 * part.length) / query.length;
  return 0;
}

/** The share of the query's letters that are in words which the text has, exactly or nearly. */
function byWords(query: string, parts: readonly string[]): number {
  const queryWords = wordsOf(query);
  const textWords = parts.flatMap(wordsOf);
  const letters = queryWords.reduce((sum, word) => sum + word.length, 0);
  if (letters === 0) return 0;
  let found = 0;
  for (const word of queryWords) {
    let best = 0;
    for (const other of textWords) best = Math.max(best, wordLikeness(word, other));
    found += best * word.length;
  }
  return (0.9 * found) / letters;
}

function wordLikeness(word: string, other: string): number {
  if (word === other) return 1;
  if (digits.test(word) && digits.test(other)) return sameNumber(word, other);
  if (word.length >= 3 && other.startsWith(word)) return 0.9;
  const edits = byEdits(word, other);
  return edits >= 0.6 ? edits : 0;
}

/** But for zeros before it. */
function sameNumber(a: string, b: string): number {
  return a.replace(/^0+(?=.)/, '') === b.replace(/^0+(?=.)/, '') ? 1 : 0;
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
}
