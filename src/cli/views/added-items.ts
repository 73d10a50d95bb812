/** What `items add` prints: how many got a vector, from which columns, and who did not. */
import type { AddItemsResult } from '../../core/tasks/items/add.js';
import { commandLine } from '../terminal/command-line.js';
import { drawReport, factsOfMade, type Fact } from '../terminal/facts.js';
import { count, counted, decimals, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawAddedItems(result: AddItemsResult, screen: Screen, line = commandLine()): string {
  const { added, unplayed, known, unknown, index, columns, leftOut } = result;
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same items were added before`
    : `Added ${counted(added, 'item')} in snapshot ${result.snapshot} in ${duration(result.seconds)}`;
  const facts: Fact[] = [['from', result.parent]];
  const fact = (name: string, number: number, text: string): void => {
    if (number > 0) facts.push([name, `${count(number)} ${text}`]);
  };
  facts.push(['items', `${count(result.items)} with a vector`]);
  fact('unplayed', unplayed, 'of the catalogue, which nobody had played, have a vector too');
  fact('known', known, 'were there already, and stay as they are');
  fact('unknown', unknown, 'have no value that a trained item has: no vector, and no recommendation');
  facts.push([
    'columns',
    columns.map(({ name, as, features }) => `${name} (${count(features)} ${as})`).join(', '),
  ]);
  if (leftOut.length > 0)
    facts.push(['left out', leftOut.map(({ name, why }) => `${name}: ${why}`).join('; ')]);
  if (index !== null)
    facts.push(['recall@10', `${decimals(index.recallAt10)} on ${counted(index.sampled, 'item')}`]);
  facts.push(...factsOfMade(result, line('publish', ...(result.tag === null ? [] : [result.tag]))));
  return drawReport(headline, facts, screen);
}
