/** What `user-vector USER --explain` prints: a page about a user, from what makes their recommendations to what they banned. */
import type { ListenerFacts } from '../../core/tasks/ask.js';
import { drawFacts, drawReport, type Fact } from '../terminal/facts.js';
import { drawRanking, itemTitle } from '../terminal/item-table.js';
import { age, count, counted, duration, fixed, percent, score } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable, type Column } from '../terminal/table.js';

/** Of a list without an end: --json has all. */
const mostNamed = 10;

export async function drawListener(facts: ListenerFacts, screen: Screen): Promise<string> {
  const { user, events, items, firstAt, lastAt, taste, contributions, nearest } = facts;
  const times = firstAt === null || lastAt === null ? '' : `, ${shortTime(firstAt)} to ${shortTime(lastAt)}`;
  const report = drawReport(
    user,
    [
      ['history', `${counted(events, 'event')} of ${counted(items, 'item')}${times}`],
      ['mainstream', taste === null ? undefined : mainstreamInWords(taste)],
      ['breadth', taste === null ? undefined : breadthInWords(taste)],
      ['snapshot', facts.snapshot],
    ],
    screen,
  );
  const section = (title: string, body: string | undefined): string[] =>
    body === undefined || body === '' ? [] : [`${paragraph(title, screen, 'bold')}\n${body}`];
  const { recent, moved } = facts;
  const sections = [
    ...section(
      'What makes their recommendations',
      contributions === null ? undefined : await drawContributions(contributions, screen),
    ),
    ...section(
      'Nearest items',
      nearest === null ? undefined : await drawRanking(nearest.items, 'similarity', screen),
    ),
    ...section('Nearest users', nearest === null ? undefined : await drawNearUsers(nearest.users, screen)),
    ...(recent === null ? [] : section(recentTitle(recent), drawKnown(shifts(recent), screen))),
    ...(moved === null ? [] : section(movedTitle(moved), drawKnown(changes(moved), screen))),
    ...section(
      'Kept away',
      drawKnown(
        [
          ['banned', named(facts.banned)],
          ['disliked', named(facts.disliked)],
        ],
        screen,
      ),
    ),
  ];
  return [report, ...sections].join('\n\n');
}

/** undefined where nothing is known. */
function drawKnown(facts: readonly Fact[], screen: Screen): string | undefined {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  return known.length === 0 ? undefined : drawFacts(known, screen);
}

type NearUser = NonNullable<ListenerFacts['nearest']>['users'][number];

function drawNearUsers(users: readonly NearUser[], screen: Screen): Promise<string> {
  return drawTable(
    users,
    [
      { head: '#', cell: ({ rank }) => String(rank), align: 'right' },
      { head: 'user', cell: ({ id }) => id, atLeast: 12 },
      {
        head: 'similarity',
        cell: ({ similarity }) => score(similarity),
        align: 'right',
        bar: ({ similarity }) => Math.max(0, similarity),
      },
    ],
    screen,
  );
}

type Taste = NonNullable<ListenerFacts['taste']>;

function mainstreamInWords({ mainstream, comparedUsers }: Taste): string {
  const { value, percentile } = mainstream;
  return `what they play has more events than ${percent(value)} of items, on average; more mainstream than ${percent(percentile)} of ${counted(comparedUsers, 'user')}`;
}

function breadthInWords({ items, artists }: Taste): string {
  const inWords = ({ value, percentile }: Taste['items'], what: string): string =>
    `${counted(value, what)} (more than ${percent(percentile)} of users)`;
  const parts = [inWords(items, 'item'), ...(artists === undefined ? [] : [inWords(artists, 'artist')])];
  return `as varied as ${parts.join(' and ')} played equally often`;
}

type Contributions = NonNullable<ListenerFacts['contributions']>;

async function drawContributions({ items, artists, albums }: Contributions, screen: Screen): Promise<string> {
  type Row = Contributions['items'][number];
  const most = Math.max(0, ...items.map(({ share }) => share));
  const artistOf = (item: Row): string => String(item['artist'] ?? '');
  const columns: Column<Row>[] = [
    { head: '#', cell: ({ rank }) => String(rank), align: 'right' },
    { head: 'name', cell: ({ name }) => name, atLeast: 12 },
    ...(items.some((item) => artistOf(item) !== '')
      ? [{ head: 'artist', cell: artistOf, atLeast: 10, expendable: true }]
      : []),
    { head: 'events', cell: ({ plays }) => count(plays), align: 'right', optional: true },
    ...(items.some(({ opinion }) => opinion === 'disliked')
      ? [{ head: 'opinion', cell: ({ opinion }: Row) => (opinion === 'disliked' ? opinion : '') }]
      : []),
    {
      head: 'share',
      cell: ({ share }) => percent(share),
      align: 'right',
      bar: ({ share }) => (most > 0 ? Math.max(0, share) / most : 0),
    },
  ];
  const listed = (some: typeof artists): string | undefined =>
    some === undefined || some.length === 0
      ? undefined
      : some.map(({ name, share }) => `${name} (${percent(share)})`).join(', ');
  const groups: Fact[] = [
    ['artists', listed(artists)],
    ['albums', listed(albums)],
  ];
  const table = await drawTable(items, columns, screen);
  return groups.every(([, value]) => value === undefined)
    ? table
    : `${table}\n\n${drawFacts(groups, screen)}`;
}

type Recent = NonNullable<ListenerFacts['recent']>;

function recentTitle({ halfLifeMs, similarity }: Recent): string {
  return `Of late (half-life ${halfLifeMs < 172_800_000 ? duration(halfLifeMs / 1000) : age(halfLifeMs)}; similarity ${score(similarity)} to the whole history)`;
}

function shifts({ items, artists }: Recent): Fact[] {
  const said = (some: typeof items.gaining): string =>
    some
      .map((one) => {
        const by = one.after - one.before;
        return `${itemTitle(one)} (${by < 0 ? '' : '+'}${fixed(by, 3)})`;
      })
      .join(', ');
  return [
    ['more', said(items.gaining)],
    ['less', said(items.losing)],
    ['artists, more', artists && said(artists.gaining)],
    ['artists, less', artists && said(artists.losing)],
  ];
}

type Moved = NonNullable<ListenerFacts['moved']>;

function movedTitle({ since }: Moved): string {
  return `Since snapshot ${since}`;
}

function changes({ nearest, recommendations }: Moved): Fact[] {
  const same = ({ same: both, of }: { readonly same: number; readonly of: number }, what: string): string =>
    `${count(both)} of ${counted(of, what)}`;
  const kept = [
    ...(nearest === null ? [] : [same(nearest, 'nearest item')]),
    same(recommendations, 'recommendation'),
  ];
  return [
    ['the same', kept.join(', ')],
    ['new', named(recommendations.entered)],
    ['gone', named(recommendations.left)],
  ];
}

/** undefined where there are none. */
function named(items: ListenerFacts['banned']): string | undefined {
  if (items.length === 0) return undefined;
  const others = items.length - mostNamed;
  const first = items.slice(0, mostNamed).map(itemTitle).join(', ');
  return others > 0 ? `${first} and ${counted(others, 'other')}` : first;
}

/** 2014-06-16 05:00 */
function shortTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
