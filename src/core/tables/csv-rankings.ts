/** Rankings as CSV (csv-writer.ts): a header, then a line an item found, with its name; scores as JSON has them. */
import { csvCell } from './csv-writer.js';
import { numRowsOf, type EncodedBlock, type RankingEncoder, type TableOptions } from './ranking-encoder.js';
import { maxScoreBytes, writeScore } from './score-text.js';
import { TextBuffer } from './text-buffer.js';

/** Rows whose text is kept: those that are found most often come early. */
const mostKept = 1 << 20;

export function csvRankings({
  columns,
  found,
  nameOf,
}: Omit<TableOptions, 'subjects' | 'metadata'>): RankingEncoder {
  const header = [columns.subject, 'rank', columns.found, 'name', columns.score].join(',');
  const text = new TextBuffer();
  const kept = new Map<number, string>();
  /** Between the rank and the score. */
  const textOf = (row: number): string => {
    const known = kept.get(row);
    if (known !== undefined) return known;
    const made = `,${csvCell(found.at(row))},${csvCell(nameOf(row))},`;
    if (kept.size < mostKept) kept.set(row, made);
    return made;
  };
  return {
    begin: () => ({ chunks: [Buffer.from(`${header}\n`)], note: {} }),
    block({ subjects, ranked }): EncodedBlock {
      const { k, rows, scores, counts, numQueries } = ranked;
      text.length = 0;
      for (let q = 0; q < numQueries; q++) {
        const subject = csvCell(subjects.at(q));
        for (let at = 0; at < counts[q]!; at++) {
          text.append(`${subject},${String(at + 1)}${textOf(rows[q * k + at]!)}`);
          text.reserve(maxScoreBytes);
          text.length = writeScore(text.view, text.length, scores[q * k + at]!);
          text.appendByte(lineFeed);
        }
      }
      return { chunks: [text.written()], note: { rows: numRowsOf(ranked) } };
    },
    end: () => [],
  };
}

const lineFeed = 0x0a;
