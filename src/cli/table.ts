/**
 * Tables: on a terminal as wide as it is (columns that are too wide are cut, those that are not needed left out, bars
 * fill what is left), else plain aligned columns with everything in them.
 */
import { bar } from './bar.js';
import { cut, measureFor, padded } from './display-width.js';
import type { Measure } from './display-width.js';
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

export interface Column<R> {
  readonly head: string;
  /** Any text: it is made safe to show here. */
  readonly cell: (row: R) => string;
  readonly align?: 'left' | 'right';
  /** The fewest columns it may be cut to; without this it is never cut. */
  readonly atLeast?: number;
  /** Left out where it does not fit beside the others. */
  readonly optional?: boolean;
  /** 0..1: drawn as a bar behind the text, on terminals that have room for it. */
  readonly bar?: (row: R) => number;
}

/** A column as far as its place is concerned. */
interface Laid {
  readonly head: string;
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  readonly atLeast: number | undefined;
  readonly optional: boolean;
  readonly bars: readonly number[] | undefined;
  width: number;
}

const gap = 2;
/** Columns that can be cut need no more than this before those that can be left out get their place. */
const comfortable = 24;
const widestBar = 20;
const narrowestBar = 5;

/** The table's lines without a line feed at the end; '' where there are no rows. */
export async function drawTable<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  screen: Screen,
): Promise<string> {
  if (rows.length === 0) return '';
  const texts = columns.map((column) => rows.map((row) => safeText(column.cell(row))));
  const measure = await measureFor(texts.flat());
  const laid = columns.map((column, index): Laid => {
    const cells = texts[index] ?? [];
    return {
      head: column.head,
      cells,
      align: column.align ?? 'left',
      atLeast: column.atLeast,
      optional: column.optional ?? false,
      bars: column.bar === undefined ? undefined : rows.map(column.bar),
      width: Math.max(measure(column.head), ...cells.map(measure)),
    };
  });
  return screen.decorated
    ? drawOnTerminal(fit(laid, screen.width), measure, screen)
    : drawPlain(laid, measure);
}

function drawPlain(columns: readonly Laid[], measure: Measure): string {
  const line = (text: (column: Laid) => string): string =>
    columns
      .map((column) => padded(text(column), column.width, column.align, measure))
      .join(' '.repeat(gap))
      .trimEnd();
  const numRows = columns[0]?.cells.length ?? 0;
  const lines = [line((column) => column.head)];
  for (let row = 0; row < numRows; row += 1) lines.push(line((column) => column.cells[row] ?? ''));
  return lines.join('\n');
}

const noBorders = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

async function drawOnTerminal(columns: readonly Laid[], measure: Measure, screen: Screen): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const used = columns.reduce((sum, column) => sum + column.width + gap, -gap);
  const room = Math.min(widestBar, screen.width - used - 2);
  const table = new Table({
    head: columns.map((column) => styled(screen, 'dim', column.head)),
    colAligns: columns.map((column) => column.align),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
  });
  const numRows = columns[0]?.cells.length ?? 0;
  for (let row = 0; row < numRows; row += 1) {
    table.push(
      columns.map((column) => {
        const shown = cut(column.cells[row] ?? '', column.width, measure);
        if (column.bars === undefined || room < narrowestBar) return shown;
        return `${padded(shown, column.width, 'left', measure)} ${styled(screen, 'cyan', bar(column.bars[row] ?? 0, room))}`;
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The columns that `width` has room for, cut where they have to be. */
function fit(columns: readonly Laid[], width: number): Laid[] {
  const need = (column: Laid): number =>
    gap + (column.atLeast === undefined ? column.width : Math.min(column.width, comfortable));
  const barNeeds = columns.some((column) => column.bars !== undefined) ? narrowestBar + 1 : 0;
  const needed = columns.filter((column) => !column.optional);
  let used = needed.reduce((sum, column) => sum + need(column), -gap) + barNeeds;
  const kept = new Set(needed);
  for (const column of columns) {
    if (!column.optional || used + need(column) > width) continue;
    used += need(column);
    kept.add(column);
  }
  const shown = columns.filter((column) => kept.has(column));
  let excess = shown.reduce((sum, column) => sum + column.width + gap, -gap) + barNeeds - width;
  // The widest gives way first, down to the next widest, so that short columns stay whole.
  while (excess > 0) {
    const widest = shown
      .filter((column) => column.atLeast !== undefined && column.width > column.atLeast)
      .sort((a, b) => b.width - a.width)[0];
    if (widest === undefined) break;
    widest.width -= 1;
    excess -= 1;
  }
  return shown;
}
