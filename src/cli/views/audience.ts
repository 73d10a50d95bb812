/** What `audience` prints: the users whom an item suits best, and how many of better score were left out. */
import type { AudienceResult, ListenerOfItem } from '../../core/tasks/ask.js';
import { itemTitle } from '../terminal/item-table.js';
import { count, counted, score as scoreText } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable, type Column } from '../terminal/table.js';

export async function drawAudience(result: AudienceResult, screen: Screen): Promise<string> {
  const { item, leftOut, listeners } = result;
  const most = Math.max(0, ...listeners.map(({ score }) => score));
  const columns: Column<ListenerOfItem>[] = [
    { head: '#', cell: ({ rank }) => String(rank), align: 'right' },
    { head: 'user', cell: ({ id }) => id, atLeast: 12 },
    ...(listeners.some(({ events }) => events !== undefined)
      ? [
          {
            head: 'events',
            cell: ({ events = 0 }: ListenerOfItem) => count(events),
            align: 'right',
            optional: true,
          } as const,
        ]
      : []),
    {
      head: 'score',
      cell: ({ score }) => scoreText(score),
      align: 'right',
      bar: ({ score }) => (most > 0 ? Math.max(0, score) / most : 0),
    },
  ];
  const others = `${counted(leftOut, 'user')} of a higher score`;
  return [
    paragraph(`Users whom ${itemTitle(item)} suits best`, screen, 'bold'),
    listeners.length === 0
      ? paragraph('no user is left', screen)
      : await drawTable(listeners, columns, screen),
    leftOut === 0
      ? undefined
      : paragraph(`${others} left out: they have seen, disliked or banned it`, screen, 'dim'),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}
