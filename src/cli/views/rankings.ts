/** What a person is told about a file of rankings that was written. */
import { drawFacts } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export interface DrawnRankings {
  readonly snapshot: string;
  readonly users?: number;
  readonly items?: number;
  readonly rows: number;
  readonly out: string;
  readonly format: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly resumed: number;
}

export function drawRankings(written: DrawnRankings, screen: Screen): string {
  const { users, items, rows, out, format, bytes, seconds, resumed } = written;
  const whose = users === undefined ? counted(items ?? 0, 'item') : counted(users, 'user');
  const what = users === undefined ? 'neighbours' : 'recommendations';
  return [
    paragraph(`Wrote the ${what} of ${whose} in ${duration(seconds)}`, screen, 'bold'),
    drawFacts(
      [
        ['file', out],
        ['format', format],
        ['size', byteSize(bytes)],
        ['rows', count(rows)],
        ['snapshot', written.snapshot],
        ['before', resumed > 0 ? `${count(resumed)} of them were there from an interrupted run` : undefined],
      ],
      screen,
    ),
  ].join('\n');
}
