/**
 * Whether the first line of a delimited file that holds no known name is data. It is where one of its cells is like those
 * below it: a number over numbers, a time over times, a code over codes of its form (`u1` over `u2`), or a cell that
 * stands below once more. It is not where a word stands over numbers or times, or over codes where nothing else says
 * that it is data. Names that programs make up (`V1,V2`, `_c0,_c1`, `0,1,2`) are no evidence. Words over words say nothing, so then
 * it is doubtful: a header that is learned as an event, or an event that is taken for a header, is an error nobody sees.
 */

type Kind = 'empty' | 'number' | 'time' | 'code' | 'word';

/** What one column says of the first line. */
type Evidence = 'surely data' | 'data' | 'surely a header' | 'a header' | undefined;

/** @param below some of the rows that follow, as cells; rows of another width say nothing */
export function isDoubtful(first: readonly string[], below: readonly (readonly string[])[]): boolean {
  if (isMadeUp(first)) return true;
  const rows = below.filter((row) => row.length === first.length);
  const evidence = first.map((cell, column) => evidenceOf(cell, column, first, rows));
  if (evidence.includes('surely a header')) return true;
  if (evidence.includes('surely data')) return false;
  return evidence.includes('a header') || !evidence.includes('data');
}

/** Whether a cell of text is a time of day or year, as far as its form says. */
export function isTimeLike(cell: string): boolean {
  return kindOf(cell) === 'time';
}

/** Whether a cell is a word where all others are numbers, times or codes. */
export function isWordOverCodes(cell: string, others: readonly string[]): boolean {
  const kinds = others.map(kindOf);
  return (
    kindOf(cell) === 'word' && kinds.length > 0 && kinds.every((kind) => kind !== 'word' && kind !== 'empty')
  );
}

function evidenceOf(
  cell: string,
  column: number,
  first: readonly string[],
  rows: readonly (readonly string[])[],
): Evidence {
  const kind = kindOf(cell);
  const others = rows.map((row) => row[column] ?? '').filter((other) => kindOf(other) !== 'empty');
  const isOrdered = kind === 'number' || kind === 'time';
  // Nothing to compare with: columns are hardly ever called 0.25.
  if (others.length === 0) return isOrdered && rows.length === 0 ? 'surely data' : undefined;
  const kinds = others.map(kindOf);
  const most = (is: (at: number) => boolean): boolean =>
    2 * others.filter((_, at) => is(at)).length >= others.length;
  if (isOrdered) return most((at) => kinds[at] === kind) ? 'surely data' : undefined;
  // Rows of pandas and R begin with a number, the header with nothing.
  if (kind === 'word' || (kind === 'empty' && column === 0)) {
    if (kinds.every((other) => other === 'number' || other === 'time')) return 'surely a header';
    if (kinds.every((other) => other !== 'word')) return 'a header';
  }
  if (kind === 'empty') return undefined;
  const again = rows.some((row) => row[column] === cell && row.some((other, at) => other !== first[at]));
  const alike = kind === 'code' && most((at) => kinds[at] === 'code' && isLikeCode(cell, others[at] ?? ''));
  return again || alike ? 'data' : undefined;
}

function kindOf(cell: string): Kind {
  const text = cell.trim();
  if (text === '' || /^(?:\\N|null|nan|n\/?a)$/i.test(text)) return 'empty';
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return 'number';
  if (/^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{2,4})(?:$|[T ])/.test(text)) return 'time';
  return /\d/.test(text) && !/\s/.test(text) ? 'code' : 'word';
}

/** The same but for digits, or two of eight characters and more that are equally long, as hashes are. */
function isLikeCode(a: string, b: string): boolean {
  if (a.length === b.length && a.length >= 8) return true;
  return a.replace(/\d+/g, '0') === b.replace(/\d+/g, '0');
}

/** Names that count their columns from 0 or 1. Without a word before it, two columns may just as well be a user 0 and an item 1. */
function isMadeUp(first: readonly string[]): boolean {
  const parts = first.map((cell) => /^(\D*)(\d{1,6})$/.exec(cell.trim()));
  const prefix = parts[0]?.[1];
  const from = Number(parts[0]?.[2]);
  if (prefix === undefined || (from !== 0 && (from !== 1 || prefix === ''))) return false;
  if (prefix === '' && first.length < 3) return false;
  return parts.every((part, at) => part?.[1] === prefix && Number(part[2]) === from + at);
}
