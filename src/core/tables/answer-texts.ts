/** Answers as JSON text, by row: what an answer says of its item is made once, kept as bytes, and copied whenever it is found. */
import type { ItemRecord } from '../contracts.js';
import { maxScoreBytes, writeScore } from './score-text.js';
import { copySlack, copyText, viewOf, type TextBuffer } from './text-buffer.js';

export interface AnswerTextOptions {
  /** What an answer says, between its rank and its score, which is called so: the record of a row. */
  readonly record: (row: number) => ItemRecord;
  readonly score: 'score' | 'similarity';
  /** JSON text of a value. */
  readonly json: (value: unknown) => string;
  /** Memory for texts; those that it does not hold are made again. Default: what a million and a half items take. */
  readonly mostKeptBytes?: number | undefined;
}

/** Texts are kept one after the other, each after its lengths. */
const mostKeptBytes = 256 << 20;
const blockBytes = 1 << 20;
/** u32 lengths of the three parts between which rank and score go, u32 flags. */
const headBytes = 16;
const flag = {
  /** The rank is printed: not where the metadata have one of their own, which stands in its place. */
  rank: 1,
  /** The first part is what `rank` needs, the last a brace, and what lies between is the record's own text. */
  plain: 2,
} as const;
/** Of a u32. */
const mostRankBytes = 10;

export class AnswerTexts {
  readonly #options: AnswerTextOptions;
  readonly #scoreLabel: string;
  #blocks: DataView[] = [];
  #blockUsed = blockBytes;
  #keptBytes = 0;
  /** By row: 1 + block · blockBytes + place in the block; 0 where none is kept. */
  #places = new Uint32Array(1 << 10);

  constructor(options: AnswerTextOptions) {
    this.#options = options;
    this.#scoreLabel = `,${options.json(options.score)}:`;
  }

  /** `{ rank, ...record, score }` */
  appendAnswer(out: TextBuffer, row: number, rank: number, score: number): void {
    const place = this.#placeOf(row);
    const block = this.#blocks[Math.floor(place / blockBytes)]!;
    const head = place % blockBytes;
    const first = block.getUint32(head, true);
    const second = block.getUint32(head + 4, true);
    const third = block.getUint32(head + 8, true);
    out.reserve(first + second + third + mostRankBytes + maxScoreBytes + copySlack);
    const { view } = out;
    let from = head + headBytes;
    let at = copyText(view, out.length, block, from, first);
    if ((block.getUint32(head + 12, true) & flag.rank) !== 0) at = writeRank(view, at, rank);
    at = copyText(view, at, block, (from += first), second);
    at = writeScore(view, at, score);
    out.length = copyText(view, at, block, from + second, third);
  }

  /** `record` */
  appendRecord(out: TextBuffer, row: number): void {
    const place = this.#placeOf(row);
    const block = this.#blocks[Math.floor(place / blockBytes)]!;
    const head = place % blockBytes;
    if ((block.getUint32(head + 12, true) & flag.plain) === 0) {
      const { json, record } = this.#options;
      out.append(json(record(row)));
      return;
    }
    // Without the comma before, and without what announces the score.
    const from = head + headBytes + block.getUint32(head, true) + 1;
    const length = block.getUint32(head + 4, true) - 1 - this.#scoreLabel.length;
    out.reserve(length + 2 + copySlack);
    out.view.setUint8(out.length, openBrace);
    const at = copyText(out.view, out.length + 1, block, from, length);
    out.view.setUint8(at, closeBrace);
    out.length = at + 1;
  }

  #placeOf(row: number): number {
    const kept = row < this.#places.length ? this.#places[row]! : 0;
    return kept > 0 ? kept - 1 : this.#keep(row);
  }

  #keep(row: number): number {
    const { record, score, json } = this.#options;
    const own = record(row);
    const { parts, hasRank } = partsOf(own, score, json);
    const lengths = parts.map((part) => Buffer.byteLength(part));
    const bytes = headBytes + lengths.reduce((sum, length) => sum + length, 0);
    if (this.#blockUsed + bytes > blockBytes) {
      const size = Math.max(blockBytes, bytes);
      if (this.#keptBytes + size > (this.#options.mostKeptBytes ?? mostKeptBytes)) this.#forget();
      this.#blocks.push(viewOf(Buffer.allocUnsafeSlow(size + copySlack)));
      this.#blockUsed = 0;
      this.#keptBytes += size;
    }
    const block = this.#blocks.at(-1)!;
    const head = this.#blockUsed;
    const isPlain = hasRank && !Object.hasOwn(own, score) && parts[0] === '{"rank":';
    [...lengths, (hasRank ? flag.rank : 0) | (isPlain ? flag.plain : 0)].forEach((word, at) => {
      block.setUint32(head + 4 * at, word, true);
    });
    Buffer.from(block.buffer, block.byteOffset, block.byteLength).write(parts.join(''), head + headBytes);
    this.#blockUsed += bytes;
    const place = (this.#blocks.length - 1) * blockBytes + head;
    this.#remember(row, place + 1);
    return place;
  }

  #remember(row: number, place: number): void {
    if (row >= this.#places.length) {
      const larger = new Uint32Array(Math.max(row + 1, 2 * this.#places.length));
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[row] = place;
  }

  #forget(): void {
    this.#blocks = [];
    this.#blockUsed = blockBytes;
    this.#keptBytes = 0;
    this.#places.fill(0);
  }
}

const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Keys in the order in which `{ rank, ...record, [score] }` has them, whatever the metadata's are called. */
function partsOf(
  record: ItemRecord,
  score: string,
  json: (value: unknown) => string,
): { readonly parts: readonly [string, string, string]; readonly hasRank: boolean } {
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
  texts[2] += '}';
  return { parts: texts, hasRank };
}

function writeRank(view: DataView, start: number, rank: number): number {
  let at = start;
  let power = 1;
  while (power * 10 <= rank) power *= 10;
  for (let rest = rank; power >= 1; power /= 10) {
    const digit = Math.floor(rest / power);
    view.setUint8(at++, 0x30 + digit);
    rest -= digit * power;
  }
  return at;
}
