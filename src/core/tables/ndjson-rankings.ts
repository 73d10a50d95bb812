/** Rankings as NDJSON: a document a subject, the same text as the document of one subject alone. */
import { AnswerTexts, type AnswerTextOptions } from './answer-texts.js';
import { numRowsOf, type EncodedBlock, type RankingEncoder } from './ranking-encoder.js';
import { keepText, TextBuffer } from './text-buffer.js';

export interface DocumentOptions extends AnswerTextOptions {
  /** JSON text of a document up to its list of what was found, and after it. */
  readonly head: (subject: string, place: number) => string;
  readonly tail: string;
  /** Where a subject's place is its row: its record follows `head`, and this the record. */
  readonly afterRecord?: string;
}

export function ndjsonRankings(options: DocumentOptions): RankingEncoder {
  const { head } = options;
  const answers = new AnswerTexts(options);
  const text = new TextBuffer();
  const end = keepText(`${options.tail}\n`);
  const afterRecord = options.afterRecord === undefined ? undefined : keepText(options.afterRecord);
  return {
    begin: () => ({ chunks: [], note: {} }),
    block({ from, subjects, ranked }): EncodedBlock {
      const { k, rows, scores, counts, numQueries } = ranked;
      text.length = 0;
      for (let q = 0; q < numQueries; q++) {
        text.append(head(subjects.at(q), from + q));
        if (afterRecord !== undefined) {
          answers.appendRecord(text, from + q);
          text.appendKept(afterRecord);
        }
        for (let at = 0; at < counts[q]!; at++) {
          if (at > 0) text.appendByte(comma);
          answers.appendAnswer(text, rows[q * k + at]!, at + 1, scores[q * k + at]!);
        }
        text.appendKept(end);
      }
      return { chunks: [text.written()], note: { rows: numRowsOf(ranked) } };
    },
    end: () => [],
  };
}

const comma = 0x2c;

/** Documents that are ready, a line each. @param documentOf the JSON text of the subject of a place; asked for once */
export function documentRankings(documentOf: (place: number) => string): RankingEncoder {
  return {
    begin: () => ({ chunks: [], note: {} }),
    block({ from, ranked }): EncodedBlock {
      const lines = Array.from({ length: ranked.numQueries }, (_, q) => `${documentOf(from + q)}\n`);
      return { chunks: [Buffer.from(lines.join(''))], note: { rows: numRowsOf(ranked) } };
    },
    end: () => [],
  };
}
