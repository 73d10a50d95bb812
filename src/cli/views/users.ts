/** What `users` and `users show` print. */
import type { ListUsersResult } from '../../core/tasks/ask.js';
import type { ShownUser } from '../../core/tasks/users/show.js';
import { suggestionLine, type CommandLine } from '../terminal/command-line.js';
import { drawReport } from '../terminal/facts.js';
import { drawRanking } from '../terminal/item-table.js';
import { count } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';

export async function drawUsers(result: ListUsersResult, screen: Screen, line: CommandLine): Promise<string> {
  const { prefix, matching, of, users } = result;
  const whose =
    prefix === null ? '' : `, ${count(matching)} of them with ids that begin with ${JSON.stringify(prefix)}`;
  const headline = paragraph(`${count(of)} users${whose}`, screen, 'bold');
  if (users.length === 0) {
    const isVerb = /^(?:list|ls|search|find)$/i.test(prefix ?? '');
    return isVerb ? `${headline}\n${suggestionLine(line('users'), screen)}` : headline;
  }
  const table = await drawTable(
    users,
    [
      { head: '#', cell: ({ rank }) => String(rank), align: 'right' },
      { head: 'user', cell: ({ id }) => id, atLeast: 12 },
      { head: 'events', cell: ({ events }) => count(events), align: 'right' },
    ],
    screen,
  );
  return `${headline}\n\n${table}`;
}

export async function drawUserPage(page: ShownUser, screen: Screen): Promise<string> {
  const { user, events, of, disliked, banned, firstAt, lastAt, items } = page;
  const report = drawReport(
    user,
    [
      ['events', count(events)],
      ['items', count(of)],
      ['disliked', disliked === 0 ? undefined : count(disliked)],
      ['banned', banned === 0 ? undefined : count(banned)],
      ['last played', firstAt === null || lastAt === null ? undefined : `${firstAt} to ${lastAt}`],
      ['snapshot', page.snapshot],
    ],
    screen,
  );
  const shown = items.map(({ opinion, ...item }) => (opinion === 'seen' ? item : { ...item, opinion }));
  const table = items.length === 0 ? '' : `\n\n${await drawRanking(shown, 'weight', screen)}`;
  return `${report}${table}`;
}
