/** Rankings as NDJSON: a document a subject, the same text as the document of one subject alone. */
import type { ItemRecord } from '../contracts.js';
import { numRowsOf, type EncodedBlock, type PackedRankings, type RankingEncoder } from './ranking-encoder.js';

export interface DocumentOptions {
  /** JSON text of a document up to its list of what was found, and after it. */
  readonly head: (subject: string, place: number) => string;
  readonly tail: string;
  /** What stands in the list: the record of a row, between its rank and its score, which is called so. */
  readonly record: (row: number) => ItemRecord;
  readonly score: 'score' | 'similarity';
  /** JSON text of a value. */
  readonly json: (value: unknown) => string;
}

/** An item's text but for its rank and its score, which stand between the three parts. */
interface Template {
  readonly parts: readonly [Buffer, Buffer, Buffer];
  /** False where the metadata have a rank of their own, which is what is printed. */
  readonly hasRank: boolean;
}

/** Templates that are kept: of the items that are found often, if not of all. */
const mostTemplateBytes = 32 << 20;
const comma = Buffer.from(',');

export function ndjsonRankings(options: DocumentOptions): RankingEncoder {
  const templates = keptTemplates(options);
  const text = openTextBuffer();
  const rankTexts = rankTextOf();
  const end = Buffer.from(`${options.tail}\n`);
  return {
    begin: () => ({ chunks: [], note: {} }),
    block({ from, subjects, ranked }): EncodedBlock {
      const { k, rows, counts, numQueries } = ranked;
      const scores = scoreTexts(ranked);
      text.clear();
      for (let q = 0; q < numQueries; q++) {
        text.string(options.head(subjects.at(q), from + q));
        for (let at = 0; at < counts[q]!; at++) {
          const { parts, hasRank } = templates(rows[q * k + at]!);
          if (at > 0) text.bytes(comma);
          text.bytes(parts[0]);
          if (hasRank) text.bytes(rankTexts(at + 1));
          text.bytes(parts[1]);
          const start = scores.next();
          text.range(scores.bytes, start, scores.end());
          text.bytes(parts[2]);
        }
        text.bytes(end);
      }
      return { chunks: [text.written()], note: { rows: numRowsOf(ranked) } };
    },
    end: () => [],
  };
}

function keptTemplates({ record, score, json }: DocumentOptions): (row: number) => Template {
  const kept = new Map<number, Template>();
  let bytes = 0;
  return (row) => {
    const found = kept.get(row);
    if (found !== undefined) return found;
    const made = templateOf(record(row), score, json);
    if (bytes > mostTemplateBytes) {
      kept.clear();
      bytes = 0;
    }
    bytes += made.parts.reduce((sum, part) => sum + part.length + 100, 0);
    kept.set(row, made);
    return made;
  };
}

function rankTextOf(): (rank: number) => Buffer {
  const texts: Buffer[] = [];
  return (rank) => (texts[rank] ??= Buffer.from(String(rank)));
}

/** JSON texts of numbers, one after the other. */
interface NumberTexts {
  readonly bytes: Buffer;
  /** Where the next one begins. */
  next(): number;
  /** Where it ends. */
  end(): number;
}

/** Of the scores of a block, written as a whole: a number at a time takes twice as long. */
function scoreTexts({ k, scores, counts, numQueries }: PackedRankings): NumberTexts {
  const values: number[] = [];
  for (let q = 0; q < numQueries; q++)
    for (let at = q * k; at < q * k + counts[q]!; at++) values.push(scores[at]!);
  // `[a,b,…,z]`: every number is followed by one byte.
  const bytes = Buffer.from(JSON.stringify(values), 'latin1');
  let to = 0;
  return {
    bytes,
    next: () => to + 1,
    end() {
      to++;
      while (bytes[to] !== commaCode && bytes[to] !== bracketCode) to++;
      return to;
    },
  };
}

const commaCode = 0x2c;
const bracketCode = 0x5d;

/** Keys in the order in which `{ rank, ...record, [score] }` has them, whatever the metadata's are called. */
function templateOf(record: ItemRecord, score: string, json: (value: unknown) => string): Template {
  const texts: [string, string, string] = ['{', '', ''];
  let hasRank = false;
  let part: 0 | 1 | 2 = 0;
  for (const [at, [key, value]] of Object.entries({ rank: 0, ...record, [score]: 0 }).entries()) {
    texts[part] += `${at > 0 ? ',' : ''}${json(key)}:`;
    if (key === score) part = 2;
    else if (key === 'rank' && !Object.hasOwn(record, 'rank')) {
      hasRank = true;
      part = 1;
    } else texts[part] += json(value);
  }
  // A rank of the metadata's own leaves nothing between the first two parts.
  const [first, second, third] = texts;
  return { parts: [Buffer.from(first), Buffer.from(second), Buffer.from(`${third}}`)], hasRank };
}

interface TextBuffer {
  clear(): void;
  bytes(bytes: Buffer): void;
  range(bytes: Buffer, start: number, end: number): void;
  string(text: string): void;
  written(): Uint8Array;
}

function openTextBuffer(): TextBuffer {
  let buffer = Buffer.allocUnsafe(1 << 20);
  let length = 0;
  const reserve = (more: number): void => {
    if (length + more <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length + more, 2 * buffer.length));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    clear: () => {
      length = 0;
    },
    bytes(bytes) {
      reserve(bytes.length);
      // A byte or two are there before a call would be.
      if (bytes.length === 1) buffer[length++] = bytes[0]!;
      else length += bytes.copy(buffer, length);
    },
    range(bytes, start, end) {
      reserve(end - start);
      length += bytes.copy(buffer, length, start, end);
    },
    string(text) {
      reserve(3 * text.length);
      length += buffer.write(text, length);
    },
    written: () => buffer.subarray(0, length),
  };
}
