/** Rankings as NDJSON: a document a subject, the same text as the document of one subject alone. */
import type { ItemRecord } from '../contracts.js';
import { AnswerTexts, type AnswerTextOptions } from './answer-texts.js';
import { numRowsOf, type EncodedBlock, type RankingEncoder } from './ranking-encoder.js';
import { keepText, TextBuffer, type KeptText } from './text-buffer.js';

export interface DocumentOptions extends AnswerTextOptions {
  /**
   * The document of a place as the answer about it alone has it, but for its subject and its list, which are empty: '' or [].
   * A few, of which each stands for many.
   */
  readonly documentOf: (place: number) => object;
  /** The key of the subject: its id, or a list of one, the record of the row that its place is. */
  readonly subject: 'user' | 'query';
  /** The record of a subject, where it says more than an answer does. */
  readonly subjectRecord?: ((row: number) => ItemRecord) | undefined;
  readonly list: 'recommendations' | 'neighbours';
}

export function ndjsonRankings(options: DocumentOptions): RankingEncoder {
  const { documentOf, subject, subjectRecord, json } = options;
  const answers = new AnswerTexts(options);
  const text = new TextBuffer();
  let known: object | undefined;
  let frame: Frame | undefined;
  return {
    begin: () => ({ chunks: [], note: {} }),
    block({ from, subjects, ranked }): EncodedBlock {
      const { k, rows, scores, counts, numQueries } = ranked;
      text.length = 0;
      for (let q = 0; q < numQueries; q++) {
        const document = documentOf(from + q);
        frame = document === known && frame !== undefined ? frame : frameOf(document, options);
        known = document;
        const { before, between, after } = frame;
        if (subject === 'user') text.append(before + json(subjects.at(q)) + between);
        else {
          text.append(before);
          if (subjectRecord !== undefined) text.append(json(subjectRecord(from + q)));
          else answers.appendRecord(text, from + q);
          text.append(between);
        }
        for (let at = 0; at < counts[q]!; at++) {
          if (at > 0) text.appendByte(comma);
          answers.appendAnswer(text, rows[q * k + at]!, at + 1, scores[q * k + at]!);
        }
        text.appendKept(after);
      }
      return { chunks: [text.written()], note: { rows: numRowsOf(ranked) } };
    },
    end: () => [],
  };
}

/** Text of a document before its subject, between that and what was found, and after it. */
interface Frame {
  readonly before: string;
  readonly between: string;
  readonly after: KeptText;
}

function frameOf(document: object, { subject, list, json }: DocumentOptions): Frame {
  const text = json(document);
  // No text of a value has a quote that is not escaped, so a key stands where it seems to.
  const gap = (key: string, empty: string): number => {
    const at = text.indexOf(`"${key}":${empty}`);
    if (at === -1) throw new Error(`no empty ${key} in ${text}`);
    return at + key.length + '"":'.length;
  };
  const isText = subject === 'user';
  const inSubject = gap(subject, isText ? '""' : '[]') + (isText ? 0 : 1);
  const inList = gap(list, '[]') + 1;
  return {
    before: text.slice(0, inSubject),
    between: text.slice(inSubject + (isText ? 2 : 0), inList),
    after: keepText(`${text.slice(inList)}\n`),
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
