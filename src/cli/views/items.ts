/** What `items` and `items show` print. */
import type { ListItemsResult, ShownItem } from '../../core/tasks/ask.js';
import { suggestionLine, type CommandLine } from '../terminal/command-line.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { drawRanking, itemTitle } from '../terminal/item-table.js';
import { count, counted } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

/** Words that begin like a subcommand were looked for too: where nothing is called so, the command that leaves it out. */
export async function drawItems(result: ListItemsResult, screen: Screen, line: CommandLine): Promise<string> {
  const { kind, words, where, of, items } = result;
  const among = `of ${counted(of, kind)}${where === null ? '' : ` where ${where}`}`;
  const what = words === null ? `Most played ${among}` : `${JSON.stringify(words)} in names and ids ${among}`;
  const headline = paragraph(what, screen, 'bold');
  if (items.length === 0) {
    const rest = /^(?:list|ls|search|find)(?: (.*))?$/is.exec(words ?? '');
    const instead =
      rest === null ? '' : `\n${suggestionLine(line('items', ...(rest[1]?.split(' ') ?? [])), screen)}`;
    return `${headline}\n\n${paragraph('none', screen)}${instead}`;
  }
  return `${headline}\n\n${await drawRanking(items, 'events', screen, kind)}`;
}

export function drawItemPage(page: ShownItem, screen: Screen): string {
  const { id, name, ...metadata } = page.item;
  return drawReport(
    itemTitle(page.item),
    [
      ['id', id],
      ['name', name],
      ...Object.entries(metadata).map(([column, value]): Fact => [column, String(value)]),
      ['events', `${count(page.events)}, place ${count(page.place)} of ${counted(page.of, page.kind)}`],
      ['vector', page.ranked ? undefined : 'none: no user played it'],
      ['snapshot', page.snapshot],
    ],
    screen,
  );
}
