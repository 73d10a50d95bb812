/** What `build-index` prints: the lists, and how much of the truth a search in them finds. */
import type { BuildIndexResult } from '../../core/tasks/build-index.js';
import { commandLine } from '../terminal/command-line.js';
import { drawReport, factsOfMade, type Fact } from '../terminal/facts.js';
import { byteSize, count, counted, decimals, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawIndexing(result: BuildIndexResult, screen: Screen, line = commandLine()): string {
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same index was built before`
    : `Built snapshot ${result.snapshot} in ${duration(result.seconds)}`;
  const { recallAt10, recallInterval, sampled, targetRecall, at100 } = result;
  const facts: Fact[] = [
    ['from', result.parent],
    ['lists', `${count(result.lists)}, of which a search probes ${count(result.probes)}`],
    [
      'recall@10',
      `${decimals(recallAt10)}, 95 % interval ${recallInterval.map(decimals).join(' to ')}, ` +
        `on ${counted(sampled, 'item')} (wanted ${decimals(targetRecall)})`,
    ],
    [
      'recall@100',
      `${decimals(at100.recall)} on ${counted(at100.sampled, 'item')}, probing ${counted(at100.probes, 'list')}`,
    ],
    ['size', `${byteSize(result.bytes)}, of which ${byteSize(result.orderBytes)} for recommend`],
    ...factsOfMade(result, line('publish', ...(result.tag === null ? [] : [result.tag]))),
  ];
  return drawReport(headline, facts, screen);
}
