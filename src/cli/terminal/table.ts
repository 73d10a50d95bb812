/**
 * Tables: on a terminal as wide as it is (columns that are too wide are cut, those that are not needed left out, bars
 * fill what is left; where even that is too wide, each row is a list), else plain aligned columns with everything in
 * them.
 */
import { bar } from './bar.js';
import { cut, measureFor, padded, type Measure } from './display-width.js';
import { drawFacts } from './facts.js';
import { paragraph } from './paragraph.js';
import { safeText } from './safe-text.js';
import { styled, type Screen } from './screen.js';

export interface Column<R> {
  readonly head: string;
  /** Any text: it is made safe to show here. */
  readonly cell: (row: R) => string;
  readonly align?: 'left' | 'right';
  /** The fewest columns it may be cut to; without this it is never cut. */
  readonly atLeast?: number;
  /** Where it can be cut: columns enough to be worth a place that another one could have. 24 by default. */
  readonly comfortable?: number;
  /** Left out where it does not fit beside the others and the optional ones before it. */
  readonly optional?: boolean;
  /** Not optional, but left out before the rows become lists. */
  readonly expendable?: boolean;
  /** 0..1: drawn as a bar behind the text, on terminals that have room for it. */
  readonly bar?: (row: R) => number;
}

/** A column as far as its place is concerned. */
interface Laid extends Required<Omit<Column<never>, 'cell' | 'bar' | 'atLeast'>> {
  readonly cells: readonly string[];
  readonly atLeast: number | undefined;
  bars: readonly number[] | undefined;
  /** Columns of the widest cell, without head and bar. */
  readonly cellWidth: number;
  width: number;
}

const gap = 2;
const defaultComfortable = 24;
const widestBar = 20;
const narrowestBar = 5;

/** The table's lines without a line feed at the end; '' where there are no rows. `below` is what follows a row, drawn. */
export async function drawTable<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  screen: Screen,
  below: (row: R) => string | undefined = () => undefined,
): Promise<string> {
  if (rows.length === 0) return '';
  const texts = columns.map((column) => rows.map((row) => safeText(column.cell(row))));
  const measure = await measureFor([...columns.map(({ head }) => head), ...texts.flat()]);
  const laid = columns.map((column, index): Laid => {
    const cells = texts[index] ?? [];
    const cellWidth = Math.max(...cells.map(measure));
    return {
      head: column.head,
      cells,
      align: column.align ?? 'left',
      atLeast: column.atLeast,
      comfortable: column.comfortable ?? defaultComfortable,
      optional: column.optional ?? false,
      expendable: column.expendable ?? false,
      bars: column.bar === undefined ? undefined : rows.map(column.bar),
      cellWidth,
      width: Math.max(measure(column.head), cellWidth),
    };
  });
  const shown = screen.decorated ? fit(laid, screen.width) : laid;
  const after = rows.map(below);
  const heads = new Set(shown.map(({ head }) => head));
  const missing = columns.filter(({ head }) => !heads.has(head)).map(({ head }) => safeText(head));
  const words = `${missing.length} more where there is room, and with --json: ${missing.join(', ')}`;
  const omitted = missing.length === 0 ? [] : [styled(screen, 'dim', cut(words, screen.width, measure))];
  if (totalWidth(shown) > screen.width) return [drawLists(shown, after, screen), ...omitted].join('\n');
  const lines = screen.decorated ? await linesOnTerminal(shown, measure, screen) : plainLines(shown, measure);
  const [head = '', ...others] = lines;
  return [head, ...others.flatMap((line, row) => [line, after[row]]), ...omitted]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** A row after the other, each as the facts that its columns are; a column without a head is its title. */
function drawLists(columns: readonly Laid[], after: readonly (string | undefined)[], screen: Screen): string {
  const lists = after.map((end, row) => {
    const cells = columns.map(({ head, cells }) => [head, cells[row] ?? ''] as const);
    const known = cells.filter(([, cell]) => cell !== '');
    const titles = known.filter(([head]) => head === '').map(([, cell]) => paragraph(cell, screen));
    const facts = known.filter(([head]) => head !== '');
    return [...titles, ...(facts.length > 0 ? [drawFacts(facts, screen)] : []), end]
      .filter((part) => part !== undefined)
      .join('\n');
  });
  return lists.join('\n\n');
}

function plainLines(columns: readonly Laid[], measure: Measure): string[] {
  const line = (text: (column: Laid) => string): string =>
    columns
      .map((column) => padded(text(column), column.width, column.align, measure))
      .join(' '.repeat(gap))
      .trimEnd();
  const numRows = columns[0]?.cells.length ?? 0;
  const lines = [line((column) => column.head)];
  for (let row = 0; row < numRows; row += 1) lines.push(line((column) => column.cells[row] ?? ''));
  return lines;
}

const noBorders = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

async function linesOnTerminal(
  columns: readonly Laid[],
  measure: Measure,
  screen: Screen,
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const numBars = columns.filter(({ bars }) => bars !== undefined).length;
  const spare = Math.floor((screen.width - totalWidth(columns)) / Math.max(1, numBars));
  const table = new Table({
    head: columns.map(({ head, width }) => styled(screen, 'dim', cut(head, width, measure))),
    colAligns: columns.map((column) => (column.bars === undefined ? column.align : 'left')),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
  });
  const numRows = columns[0]?.cells.length ?? 0;
  for (let row = 0; row < numRows; row += 1) {
    table.push(
      columns.map((column) => {
        const { bars, cellWidth, width } = column;
        const shown = cut(column.cells[row] ?? '', width, measure);
        if (bars === undefined) return shown;
        const room = Math.min(widestBar, width - cellWidth - 1 + spare);
        if (room < 1) return padded(shown, width, column.align, measure);
        const mark = styled(screen, 'cyan', bar(bars[row] ?? 0, room));
        return `${padded(shown, cellWidth, column.align, measure)} ${mark}`;
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function totalWidth(columns: readonly Laid[]): number {
  return columns.reduce((sum, column) => sum + column.width + gap, -gap);
}

/**
 * The columns that `width` has room for, cut where they have to be. Bars go before columns do, and what is expendable
 * before it is more than fits.
 */
function fit(columns: readonly Laid[], width: number): Laid[] {
  const plain = columns.map((column) => ({ ...column, bars: undefined }));
  const barred = columns.map((column) =>
    column.bars === undefined
      ? { ...column }
      : { ...column, width: Math.max(column.width, column.cellWidth + 1 + narrowestBar) },
  );
  for (const candidates of [barred, plain]) {
    const shown = cutTo(width, withOptional(candidates, width));
    if (totalWidth(shown) <= width) return shown;
  }
  const left = plain.filter(({ optional }) => !optional);
  while (leastWidth(left) > width) {
    const last = left.findLastIndex(({ expendable }) => expendable);
    if (last === -1) break;
    left.splice(last, 1);
  }
  return cutTo(width, left);
}

/** The columns that are not optional, and of the others as many as fit beside them. */
function withOptional(columns: readonly Laid[], width: number): Laid[] {
  const need = (column: Laid): number =>
    gap + (column.atLeast === undefined ? column.width : Math.min(column.width, column.comfortable));
  const needed = columns.filter((column) => !column.optional);
  let used = needed.reduce((sum, column) => sum + need(column), -gap);
  const kept = new Set(needed);
  for (const column of columns.filter(({ optional }) => optional)) {
    // The order of optional columns is their rank: a narrow one does not overtake.
    if (used + need(column) > width) break;
    used += need(column);
    kept.add(column);
  }
  return columns.filter((column) => kept.has(column));
}

/** The widest gives way first, down to the next widest, so that short columns stay whole. */
function cutTo(width: number, columns: Laid[]): Laid[] {
  for (let excess = totalWidth(columns) - width; excess > 0; excess -= 1) {
    const widest = columns
      .filter((column) => column.atLeast !== undefined && column.width > column.atLeast)
      .sort((a, b) => b.width - a.width)[0];
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return columns;
}

function leastWidth(columns: readonly Laid[]): number {
  return columns.reduce(
    (sum, column) => sum + gap + Math.min(column.width, column.atLeast ?? Infinity),
    -gap,
  );
}
