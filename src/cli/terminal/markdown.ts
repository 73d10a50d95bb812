/**
 * Markdown as GitHub renders it, in which data is only ever text: it starts no markup, link, mention, emoji or formula,
 * and ends no table cell.
 */
import { cut, measureFor } from './display-width.js';
import { safeText } from './safe-text.js';

/** Columns of a cell's text from data; what is longer is cut. */
const widestText = 80;

/**
 * Letters, marks, digits and the punctuation that means nothing anywhere. Left out are, beside what Markdown reads, @ #
 * and : within a word (mentions, issues, emoji, links), $ (formulas) and _.
 */
const harmless = /^(?:[\p{L}\p{M}\p{N} ,.;()'’“”–—→×…%+=-]|:(?= |$))*$/u;
/** What GitHub makes links of although it has none of these: addresses, ABC-123, commits. */
const linked = /www\.|[\p{L}\p{N}]-\d|\b[0-9a-f]{7,}\b/iu;

/** Text from data as Markdown within a line or a table cell: as it is where nothing in it can mean something, else as code. */
export async function markdownText(text: string): Promise<string> {
  const safe = safeText(text);
  const short = cut(safe, widestText, await measureFor([safe]));
  return harmless.test(short) && !linked.test(short) ? short : code(short);
}

/** A sentence of ours, in which only single words may need it. */
export async function markdownSentence(sentence: string): Promise<string> {
  return (await Promise.all(sentence.split(/\s+/).map(markdownText))).join(' ');
}

/** Text from data as code: for ids and other text to copy. */
export async function markdownCode(text: string): Promise<string> {
  const safe = safeText(text);
  return code(cut(safe, widestText, await measureFor([safe])));
}

/**
 * A code span: in it GitHub reads nothing but its end (a run of as many backticks) and, in a table, pipes. A pipe behind
 * a backslash is read differently from one renderer to the next, so it is shown as its escape.
 */
function code(safe: string): string {
  if (safe === '') return '';
  const text = safe.replaceAll('\\|', '\\\\x7c').replaceAll('|', '\\|');
  const runs = Array.from(text.matchAll(/`+/g), ([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  // Markdown takes one space away at both ends where there is one at both, and something between them.
  const padding = /^[ `].*[^ ]|[^ ].*[ `]$|^`/.test(text) ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

export interface MarkdownTable {
  /** Of a table that is folded away. */
  readonly title?: string;
  /** A line in front of the rows. */
  readonly legend?: string;
  readonly heads: readonly string[];
  /** Columns of numbers, by place. */
  readonly right: readonly number[];
  /** Cells, Markdown already. */
  readonly rows: readonly (readonly string[])[];
  /** Rows that there are beside these. */
  readonly more?: number;
}

/** No more rows of a table are worth making: they would not fit. */
export const mostMarkdownRows = 500;

/** `lead`, then the tables with rows, in at most `mostBytes`: the last rows of a table give way, and the last tables. */
export function drawMarkdown(lead: string, tables: readonly MarkdownTable[], mostBytes: number): string {
  let drawn = lead;
  for (const table of tables.filter(({ rows }) => rows.length > 0)) {
    const next = drawMarkdownTable(table, mostBytes - Buffer.byteLength(drawn) - 2);
    if (next === undefined) continue;
    drawn += `\n\n${next}`;
  }
  return drawn;
}

/** undefined where not even one row fits. */
function drawMarkdownTable(table: MarkdownTable, mostBytes: number): string | undefined {
  const { title, legend, heads, right, rows, more = 0 } = table;
  const rules = heads.map((_, place) => (right.includes(place) ? '---:' : '---'));
  const folded = title === undefined ? '' : `<details><summary>${title}</summary>\n\n`;
  const said = legend === undefined ? '' : `${legend}\n\n`;
  let drawn = `${folded}${said}${row(heads)}\n${row(rules)}`;
  const end = (left: number): string =>
    (left > 0 ? `\n\n… and ${String(left)} more` : '') + (title === undefined ? '' : '\n\n</details>');
  let used = Buffer.byteLength(drawn) + Buffer.byteLength(end(rows.length + more));
  let shown = 0;
  for (const cells of rows) {
    const line = `\n${row(cells)}`;
    used += Buffer.byteLength(line);
    if (used > mostBytes) break;
    drawn += line;
    shown += 1;
  }
  return shown === 0 ? undefined : drawn + end(rows.length - shown + more);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
