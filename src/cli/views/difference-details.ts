/** The details of `diff-snapshots` on a screen: a titled table each, left out where there is nothing in it. */
import type { ItemRecord } from '../../core/contracts.js';
import {
  differingSettings,
  direction,
  legends,
  relativeChange,
  share,
  valuesApart,
} from '../../core/comparison/difference-in-words.js';
import type { ComparedDecile, DiffResult, DiffUser, MetricPair } from '../../core/tasks/diff-snapshots.js';
import { itemTitle } from '../terminal/item-table.js';
import { count, decimals, fixed } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable, type Column } from '../terminal/table.js';

/** Items of a user that are named on either side. */
const mostTitles = 3;

export async function drawDifferenceDetails(result: DiffResult, screen: Screen): Promise<string[]> {
  if (result.verdict.kind === 'identical') return [];
  const { items, settings, metrics, changedMost, movedMost, recommendations, deciles } = result;
  const sections: [title: string, legend: string, table: string][] = [
    ['Settings and data that differ', '', await drawSettings(differingSettings(settings), screen)],
    ['Numbers', '', await drawMetrics(metrics.some(({ change }) => change !== 0) ? metrics : [], screen)],
    ['By popularity', legends.deciles, await drawDeciles(deciles, screen)],
    [
      'Items whose neighbours changed most',
      legends.changed,
      await drawItems(
        changedMost,
        screen,
        shareColumn('same', ({ overlap }) => overlap),
      ),
    ],
    [
      'Items that moved most',
      legends.moved,
      await drawItems(movedMost, screen, {
        head: 'cosine',
        cell: ({ cosine }) => fixed(cosine, 3),
        align: 'right',
      }),
    ],
    [
      'Users whose recommendations changed most',
      legends.readers,
      await drawReaders(recommendations?.changedMost ?? [], screen),
    ],
    ['Items only in B, most played first', '', await drawItems(items.addedTop, screen)],
    ['Items only in A, most played first', '', await drawItems(items.removedTop, screen)],
  ];
  return sections
    .filter(([, , table]) => table !== '')
    .map(([title, legend, table]) =>
      [paragraph(title, screen, 'bold'), ...legendLines(legend, screen), table].join('\n'),
    );
}

function legendLines(legend: string, screen: Screen): string[] {
  return legend === '' ? [] : [paragraph(legend, screen, 'dim')];
}

interface NamedValues {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

function drawSettings(settings: ReturnType<typeof differingSettings>, screen: Screen): Promise<string> {
  const rows = settings.map((pair): NamedValues => {
    const [a, b] = valuesApart(pair);
    return { name: pair.name, a, b };
  });
  return drawTable(
    rows,
    [
      { head: 'name', cell: ({ name }) => name, atLeast: 12 },
      { head: 'A', cell: ({ a }) => a, atLeast: 12 },
      { head: 'B', cell: ({ b }) => b, atLeast: 12 },
    ],
    screen,
  );
}

function drawMetrics(metrics: readonly MetricPair[], screen: Screen): Promise<string> {
  const text = (value: number | null): string => (value === null ? '–' : decimals(value));
  return drawTable(
    metrics,
    [
      { head: 'name', cell: ({ name }) => name, atLeast: 12 },
      { head: 'A', cell: ({ a }) => text(a), align: 'right' },
      { head: 'B', cell: ({ b }) => text(b), align: 'right' },
      {
        head: 'change',
        cell: ({ change }) => (change === null ? '' : `${change > 0 ? '+' : ''}${decimals(change)}`),
        align: 'right',
      },
      { head: '', cell: relativeChange, align: 'right', optional: true },
      { head: '', cell: direction, optional: true },
    ],
    screen,
  );
}

function drawDeciles(deciles: readonly ComparedDecile[], screen: Screen): Promise<string> {
  return drawTable(
    deciles,
    [
      { head: 'tenth', cell: (decile) => tenthInWords(deciles, decile) },
      { head: 'users', cell: listenersInWords, align: 'right', expendable: true },
      { head: 'items', cell: ({ items }) => count(items), align: 'right', expendable: true },
      {
        ...shareColumn<ComparedDecile>('overlap@10', ({ overlapAt10 }) => overlapAt10),
        bar: (row) => row.overlapAt10,
      },
      { ...shareColumn<ComparedDecile>('rbo', ({ rbo }) => rbo), optional: true },
      ...(deciles.some(({ drift }) => drift !== null) ? [driftColumn] : []),
    ],
    screen,
  );
}

/** The tenth's number, and which end of them it is. */
export function tenthInWords(deciles: readonly ComparedDecile[], decile: ComparedDecile): string {
  const end = decile === deciles[0] ? ' least popular' : decile === deciles.at(-1) ? ' most popular' : '';
  return `${String(decile.decile)}${end}`;
}

export function listenersInWords({ leastListeners, mostListeners }: ComparedDecile): string {
  return leastListeners === mostListeners
    ? count(leastListeners)
    : `${count(leastListeners)}–${count(mostListeners)}`;
}

/** What left a user's recommendations and what came, side by side; the user is said once. */
interface ReaderRow {
  readonly same: string;
  readonly user: string;
  readonly went: string;
  readonly came: string;
}

function drawReaders(readers: readonly DiffUser[], screen: Screen): Promise<string> {
  return drawTable(
    readers.flatMap(readerRows),
    [
      { head: 'same', cell: ({ same }) => same, align: 'right' },
      { head: 'user', cell: ({ user }) => user, atLeast: 8 },
      { head: 'went', cell: ({ went }) => went, atLeast: 12 },
      { head: 'came', cell: ({ came }) => came, atLeast: 12 },
    ],
    screen,
  );
}

function readerRows({ user, overlap, gone, came }: DiffUser): ReaderRow[] {
  const [went, arrived] = [titlesOf(gone), titlesOf(came)];
  return Array.from({ length: Math.max(1, went.length, arrived.length) }, (_, at) => ({
    same: at === 0 ? share(overlap) : '',
    user: at === 0 ? user : '',
    went: went[at] ?? '',
    came: arrived[at] ?? '',
  }));
}

/** The first few, and how many there are beside them. Not safe to show yet. */
function titlesOf(items: readonly ItemRecord[]): string[] {
  const more = items.length - mostTitles;
  const shown = items.slice(0, mostTitles).map(itemTitle);
  return more > 0 ? [...shown, `and ${count(more)} more`] : shown;
}

const driftColumn: Column<ComparedDecile> = {
  head: 'drift',
  cell: ({ drift }) => (drift === null ? '–' : fixed(drift, 3)),
  align: 'right',
  optional: true,
};

function shareColumn<R>(head: string, valueOf: (row: R) => number): Column<R> {
  return { head, cell: (row) => share(valueOf(row)), align: 'right' };
}

function drawItems<I extends ItemRecord>(
  items: readonly I[],
  screen: Screen,
  ...more: readonly Column<I>[]
): Promise<string> {
  return drawTable(
    items,
    [
      ...more,
      { head: 'item', cell: itemTitle, atLeast: 20 },
      { head: 'id', cell: (item) => item.id, optional: true, atLeast: 12 },
    ],
    screen,
  );
}
