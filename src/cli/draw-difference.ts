/** What `diff-snapshots` tells a person in half a minute: how much changed, then what. */
import type { ItemRecord } from '../core/contracts.js';
import { drawFacts } from './facts.js';
import { itemTitle } from './item-table.js';
import { count, decimals, percent } from './numbers.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';
import { drawTable } from './table.js';
import type { Column } from './table.js';

interface Side {
  readonly snapshot: string;
  readonly basis: string;
  readonly model: string;
  readonly dim: number;
  readonly items: number;
  readonly users: number | null;
}

interface Counts {
  readonly added: number;
  readonly removed: number;
  readonly common: number;
}

export interface DrawnDifference {
  readonly a: Side;
  readonly b: Side;
  readonly items: Counts & {
    readonly addedTop: readonly ItemRecord[];
    readonly removedTop: readonly ItemRecord[];
  };
  readonly users: Counts | null;
  readonly overlapAt10: number | null;
  readonly overlapAt10All: number | null;
  readonly compared: { readonly items: number; readonly itemsAll: number; readonly all: boolean };
  readonly settings: readonly {
    readonly name: string;
    readonly a: unknown;
    readonly b: unknown;
    readonly same: boolean;
  }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly a: number | null;
    readonly b: number | null;
    readonly change: number | null;
  }[];
  readonly changedMost: readonly (ItemRecord & { readonly overlap: number })[];
  readonly failOn: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly condition: string;
    readonly holds: boolean;
  }[];
}

export async function drawDifference(result: DrawnDifference, screen: Screen): Promise<string> {
  const { a, b, items, users, settings, metrics, changedMost, failOn } = result;
  const changed = settings.filter(({ same }) => !same);
  const facts = drawFacts(
    [
      ['A', described(a)],
      ['B', described(b)],
      ['training', a.basis === b.basis ? 'the same' : another(result)],
      ['items', came(items)],
      ['users', users === null ? undefined : came(users)],
      ['neighbours', overlap(result)],
    ],
    screen,
  );
  const tables: [title: string, table: string][] = [
    ['Settings that differ', await drawSettings(changed, screen)],
    ['Numbers', await drawMetrics(metrics, screen)],
    ['Neighbours changed most', await drawItems(changedMost, screen, overlapColumn)],
    ['Items only in B, most played first', await drawItems(items.addedTop, screen)],
    ['Items only in A, most played first', await drawItems(items.removedTop, screen)],
    ['Conditions that were not to hold', await drawConditions(failOn, screen)],
  ];
  return [
    facts,
    ...tables
      .filter(([, table]) => table !== '')
      .map(([title, table]) => `${styled(screen, 'bold', title)}\n${table}`),
  ].join('\n\n');
}

function described({ snapshot, model, dim, items, users }: Side): string {
  const people = users === null ? 'no users' : `${count(users)} users`;
  const vectors = dim > 0 ? `, ${count(dim)} dimensions` : '';
  return `${snapshot}: ${model}${vectors}, ${count(items)} items, ${people}`;
}

function came({ added, removed, common }: Counts): string {
  return `${count(common)} in both, ${count(added)} only in B, ${count(removed)} only in A`;
}

function another({ a, b, overlapAt10All }: DrawnDifference): string {
  const apart = a.dim > 0 && b.dim > 0 ? 'vectors' : 'scores';
  return `another: their ${apart} cannot be compared${overlapAt10All === null ? '' : ', their neighbours can'}`;
}

function overlap({ items, overlapAt10, overlapAt10All, compared }: DrawnDifference): string {
  if (overlapAt10All === null) {
    return items.common === 0
      ? 'none: there are no items in both'
      : 'none to compare: in one of the models no item has any';
  }
  const heard =
    overlapAt10 === null
      ? 'no item has 5 users in both'
      : `${percent(overlapAt10)} the same for ${count(compared.items)} items with 5 users or more`;
  return `${heard}, ${percent(overlapAt10All)} for all ${count(compared.itemsAll)}${compared.all ? '' : ' that were sampled'}`;
}

interface SidePair {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

function sideColumns(text: (value: unknown) => string): Column<SidePair>[] {
  return [
    { head: 'name', cell: ({ name }) => name },
    { head: 'A', cell: (pair) => text(pair.a), atLeast: 12 },
    { head: 'B', cell: (pair) => text(pair.b), atLeast: 12 },
  ];
}

function drawSettings(settings: readonly SidePair[], screen: Screen): Promise<string> {
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return drawTable(
    settings,
    sideColumns((value) => (value === null ? '' : text(value))),
    screen,
  );
}

function drawMetrics(metrics: DrawnDifference['metrics'], screen: Screen): Promise<string> {
  const text = (value: unknown): string => (typeof value === 'number' ? decimals(value) : '');
  return drawTable(
    metrics,
    [
      ...sideColumns(text),
      {
        head: 'change',
        cell: ({ change }) => (change === null ? '' : `${change > 0 ? '+' : ''}${decimals(change)}`),
      },
    ],
    screen,
  );
}

const overlapColumn: Column<ItemRecord & { readonly overlap: number }> = {
  head: 'overlap',
  cell: (item) => percent(item.overlap),
  align: 'right',
};

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
      { head: 'id', cell: (item) => item.id, optional: true },
    ],
    screen,
  );
}

function drawConditions(conditions: DrawnDifference['failOn'], screen: Screen): Promise<string> {
  return drawTable(
    conditions,
    [
      { head: '', cell: ({ holds }) => (holds ? '✗' : '✓') },
      { head: 'name', cell: ({ name }) => name },
      { head: 'value', cell: ({ value }) => (value === null ? 'none' : decimals(value)), align: 'right' },
      { head: 'condition', cell: ({ condition }) => condition },
    ],
    screen,
  );
}
