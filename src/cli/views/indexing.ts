/** What `build-index` prints: the lists, and how much of the truth a search in them finds. */
import type { BuildIndexResult } from '../../core/tasks/build-index.js';
import { commandLine } from '../terminal/command-line.js';
import type { CommandLine } from '../terminal/command-line.js';
import { drawFacts } from '../terminal/facts.js';
import { byteSize, count, counted, decimals, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawIndexing(
  result: BuildIndexResult,
  screen: Screen,
  line: CommandLine = commandLine(),
): string {
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same index was built before`
    : `Built snapshot ${result.snapshot} in ${duration(result.seconds)}`;
  return [
    paragraph(headline, screen, 'bold'),
    drawFacts(
      [
        ['from', result.parent],
        ['lists', `${count(result.lists)}, of which a search looks into ${count(result.probes)}`],
        [
          'recall@10',
          `${decimals(result.recallAt10)}, 95 % interval ${result.recallInterval.map(decimals).join(' to ')}, ` +
            `on ${counted(result.sampled, 'item')} (wanted ${decimals(result.targetRecall)})`,
        ],
        [
          'recall@100',
          `${decimals(result.at100.recall)} on ${counted(result.at100.sampled, 'item')}, looking into ${counted(result.at100.probes, 'list')}`,
        ],
        ['size', `${byteSize(result.bytes)}, of which ${byteSize(result.orderBytes)} for recommend`],
        ['tag', result.tag ?? undefined],
        ['path', result.path],
        ['next', line('publish', ...(result.tag === null ? [] : [result.tag]))],
      ],
      screen,
    ),
  ].join('\n');
}
