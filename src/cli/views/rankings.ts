/** What `recommend --all` and `similar --all` print of the file that they wrote. */
import type { WrittenRecommendations } from '../../core/tasks/recommend-all.js';
import type { WrittenNeighbours } from '../../core/tasks/similar-all.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawRankings(written: WrittenRecommendations | WrittenNeighbours, screen: Screen): string {
  const { rows, out, format, bytes, seconds, resumed } = written;
  const what =
    'users' in written
      ? `recommendations of ${counted(written.users, 'user')}`
      : `neighbours of ${counted(written.items, 'item')}`;
  const facts: Fact[] = [
    ['file', out],
    ['format', format],
    ['size', byteSize(bytes)],
    ['rows', count(rows)],
    ['snapshot', written.snapshot],
    ['before', resumed > 0 ? `${count(resumed)} of them were there from an interrupted run` : undefined],
  ];
  return drawReport(`Wrote the ${what} in ${duration(seconds)}`, facts, screen);
}
