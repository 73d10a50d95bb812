/** What `diff-snapshots --format markdown` prints: a comment for a pull request. */
import type { ItemRecord } from '../../core/contracts.js';
import { bar } from '../terminal/bar.js';
import {
  cameAndWent,
  dataInWords,
  differingSettings,
  direction,
  heldOutOfOtherData,
  legends,
  likenesses,
  relativeChange,
  share,
  valuesApart,
  verdictSentence,
  withoutNeighbours,
} from '../../core/comparison/difference-in-words.js';
import { bundleSentence, firstInWords, memberRows, sideName, type AskedFor } from './difference-in-words.js';
import { listenersInWords, tenthInWords } from './difference-details.js';
import type { BundleDiffResult, Difference, DiffResult, DiffUser } from '../../core/tasks/diff-snapshots.js';
import { itemTitle } from '../terminal/item-table.js';
import {
  drawMarkdown,
  markdownCode,
  mostMarkdownRows,
  markdownSentence,
  markdownText,
} from '../terminal/markdown.js';
import type { MarkdownTable } from '../terminal/markdown.js';
import { count, counted, decimals, fixed, modelInWords } from '../terminal/numbers.js';

/** GitHub takes 65,536 characters. Bytes are counted, which are never fewer, and some are left for a word in front. */
const mostBytes = 64_000;
const barWidth = 10;
/** Items that a user's row names on either side. */
const mostTitles = 5;

export async function markdownDifference(result: DiffResult, asked?: AskedFor): Promise<string> {
  const lead = await leadOf(verdictSentence(result), result);
  const without = withoutNeighbours(result);
  if (without !== undefined) lead.push(`Neighbours: ${without}.`);
  const tables = [
    await conditionsTable(result),
    await likenessTable(result),
    await sidesTable(result, asked),
    ...(await detailTables(result)),
  ];
  return drawMarkdown(lead.join('\n\n'), tables, mostBytes);
}

/** Of two bundles: a row a name, then what is different under each that changed. */
export async function markdownBundleDifference(result: BundleDiffResult, asked: AskedFor): Promise<string> {
  const { a, b } = result;
  const lead = await leadOf(bundleSentence(result), result);
  const sides = [sideName(a.bundle, asked.a), sideName(b.bundle, asked.b)];
  const [nameA, nameB] = await Promise.all(sides.map(markdownCode));
  lead.push(`A is ${nameA ?? ''}, B is ${nameB ?? ''}.`);
  const first = firstInWords(result);
  if (first !== undefined) lead.push(`${await markdownSentence(first)}.`);
  const tables = [await conditionsTable(result), await membersTable(result)];
  for (const { as, change, difference } of result.members) {
    if (difference === null || change !== 'changed') continue;
    const { rows, ...likeness } = await likenessTable(difference);
    const legend = await markdownSentence(verdictSentence(difference));
    tables.push({ ...likeness, title: `${as}: how far alike`, legend, rows });
    const settings = await settingsTable(difference);
    tables.push({ ...settings, title: `${as}: ${settings.title ?? ''}` });
  }
  return drawMarkdown(lead.join('\n\n'), tables, mostBytes);
}

async function membersTable(result: BundleDiffResult): Promise<MarkdownTable> {
  const rows = memberRows(result).map(async ({ as, change, a, b, neighbours, recommendations }) => [
    ...[await markdownCode(as), change, await idOrNone(a), await idOrNone(b)],
    ...[neighbours, recommendations],
  ]);
  return {
    heads: ['name', 'change', 'A', 'B', 'overlap@10', 'recommendations'],
    right: [4, 5],
    rows: await Promise.all(rows),
  };
}

const idOrNone = async (id: string): Promise<string> => (id === '–' ? id : markdownCode(id));

/** The heading, and how many conditions failed. */
async function leadOf(sentence: string, { failOn }: Pick<BundleDiffResult, 'failOn'>): Promise<string[]> {
  const numFailed = failOn.filter(({ holds }) => holds).length;
  const mark = failOn.length === 0 ? '' : numFailed > 0 ? '✗ ' : '✓ ';
  const lead = [`### ${mark}${await markdownSentence(sentence)}`];
  if (failOn.length > 0) {
    const conditions = counted(failOn.length, 'condition');
    lead.push(numFailed > 0 ? `**${count(numFailed)} of ${conditions} failed.**` : `${conditions} passed.`);
  }
  return lead;
}

async function conditionsTable({ failOn }: Pick<BundleDiffResult, 'failOn'>): Promise<MarkdownTable> {
  const rows = failOn
    .slice(0, mostMarkdownRows)
    .map(async ({ as, name, value, condition, holds }) => [
      holds ? '✗' : '✓',
      await markdownCode(as === undefined ? name : `${as}: ${name}`),
      value === null ? 'not known' : decimals(value),
      await markdownCode(condition),
    ]);
  return {
    heads: ['', 'number', 'value', 'fails on'],
    right: [2],
    rows: await Promise.all(rows),
    more: failOn.length - rows.length,
  };
}

async function likenessTable(result: Difference): Promise<MarkdownTable> {
  const rows = likenesses(result).map(async ({ name, value, fraction, full }) => [
    `\`${name}\``,
    value,
    markdownBar(fraction),
    await markdownSentence(full),
  ]);
  return { heads: ['alike', '', '', ''], right: [1], rows: await Promise.all(rows) };
}

/** Always as wide, so that bars begin and end below each other. */
function markdownBar(fraction: number): string {
  return `\`${bar(fraction, barWidth).padEnd(barWidth, '░')}\``;
}

async function sidesTable(result: DiffResult, asked: AskedFor | undefined): Promise<MarkdownTable> {
  const { a, b, items, users, metrics } = result;
  const ofUsers = (value: number | null): string => (value === null ? 'none' : count(value));
  const rows = [
    [
      'snapshot',
      await markdownCode(sideName(a.snapshot, asked?.a)),
      await markdownCode(sideName(b.snapshot, asked?.b)),
      a.basis === b.basis ? 'of one training' : 'of two trainings',
    ],
    ['model', await markdownText(modelInWords(a)), await markdownText(modelInWords(b)), ''],
    ['items', count(a.items), count(b.items), cameAndWent(items)],
    ['users', ofUsers(a.users), ofUsers(b.users), users === null ? '' : cameAndWent(users)],
  ];
  const numbers = metrics.filter(({ name }) => name !== 'items' && name !== 'users');
  for (const metric of numbers.slice(0, mostMarkdownRows)) {
    rows.push([
      await markdownCode(metric.name),
      metric.a === null ? '–' : decimals(metric.a),
      metric.b === null ? '–' : decimals(metric.b),
      [relativeChange(metric), direction(metric)].filter((text) => text !== '').join(' '),
    ]);
  }
  const data = `Data: ${dataInWords(result)}.`;
  return {
    heads: ['', 'A', 'B', 'change'],
    legend: heldOutOfOtherData(result) ? `${data} Each model was measured on its own.` : data,
    right: [],
    rows,
    more: Math.max(0, numbers.length - mostMarkdownRows),
  };
}

async function detailTables(result: DiffResult): Promise<MarkdownTable[]> {
  if (result.verdict.kind === 'identical') return [];
  const { items, changedMost, movedMost, recommendations, deciles } = result;
  return [
    await settingsTable(result),
    {
      title: 'By popularity',
      legend: legends.deciles,
      heads: ['tenth', 'users', 'items', 'overlap@10', '', 'rbo', 'drift'],
      right: [1, 2, 3, 5, 6],
      rows: deciles.map((decile) => [
        tenthInWords(deciles, decile),
        listenersInWords(decile),
        count(decile.items),
        share(decile.overlapAt10),
        markdownBar(decile.overlapAt10),
        share(decile.rbo),
        decile.drift === null ? '–' : fixed(decile.drift, 3),
      ]),
    },
    await itemsTable('Items whose neighbours changed most', changedMost, {
      head: 'same',
      legend: legends.changed,
      cell: ({ overlap }) => share(overlap),
    }),
    await itemsTable('Items that moved most', movedMost, {
      head: 'cosine',
      legend: legends.moved,
      cell: ({ cosine }) => fixed(cosine, 3),
    }),
    await readersTable(recommendations?.changedMost ?? []),
    await itemsTable('Items only in B, most played first', items.addedTop),
    await itemsTable('Items only in A, most played first', items.removedTop),
  ];
}

async function settingsTable({ settings }: Difference): Promise<MarkdownTable> {
  const differing = differingSettings(settings);
  const rows = differing.slice(0, mostMarkdownRows).map(async (pair) => {
    const [a, b] = valuesApart(pair);
    return Promise.all([pair.name, a, b].map(markdownCode));
  });
  return {
    title: `Settings and data that differ (${count(differing.length)})`,
    heads: ['name', 'A', 'B'],
    right: [],
    rows: await Promise.all(rows),
    more: differing.length - rows.length,
  };
}

interface NumberColumn<I> {
  readonly head: string;
  readonly legend: string;
  readonly cell: (item: I) => string;
}

async function itemsTable<I extends ItemRecord>(
  title: string,
  items: readonly I[],
  number?: NumberColumn<I>,
): Promise<MarkdownTable> {
  const rows = items
    .slice(0, mostMarkdownRows)
    .map(async (item) => [
      ...(number === undefined ? [] : [number.cell(item)]),
      await markdownText(itemTitle(item)),
      await markdownCode(item.id),
    ]);
  return {
    title: `${title} (${count(items.length)})`,
    ...(number === undefined ? {} : { legend: number.legend }),
    heads: [...(number === undefined ? [] : [number.head]), 'item', 'id'],
    right: number === undefined ? [] : [0],
    rows: await Promise.all(rows),
    more: items.length - rows.length,
  };
}

async function readersTable(readers: readonly DiffUser[]): Promise<MarkdownTable> {
  const rows = readers
    .slice(0, mostMarkdownRows)
    .map(async ({ user, overlap, gone, came }) => [
      share(overlap),
      await markdownCode(user),
      await titles(gone),
      await titles(came),
    ]);
  return {
    title: `Users whose recommendations changed most (${count(readers.length)})`,
    legend: legends.readers,
    heads: ['same', 'user', 'went', 'came'],
    right: [0],
    rows: await Promise.all(rows),
    more: readers.length - rows.length,
  };
}

async function titles(items: readonly ItemRecord[]): Promise<string> {
  const named = await Promise.all(items.slice(0, mostTitles).map((item) => markdownText(itemTitle(item))));
  const more = items.length - named.length;
  return named.join('<br>') + (more > 0 ? `<br>and ${count(more)} more` : '');
}
