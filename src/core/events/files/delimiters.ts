/** What separates the cells of a line: as it is asked for, as it is guessed from a file, and as messages name it. */
import { AppError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import type { Dialect } from './delimited-records.js';

const names: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['comma', ','],
  ['semicolon', ';'],
  ['pipe', '|'],
  ['space', ' '],
]);

/** The parts of a dialect that were asked for; the others are guessed for each file. */
export type GivenDialect = Partial<Dialect>;

/**
 * What `delimiter` and `quote` say. A delimiter is any text without a line end, a name (tab, comma, semicolon, pipe, space),
 * or text with `\t` or `\x01` in it; a quote is one printable ASCII character, or `none`. AppError 'bad-usage'.
 * @param option what `delimiter` is called, for a message
 */
export function parseDialect(
  delimiter: string | undefined,
  quote: string | undefined,
  option: string,
): GivenDialect {
  const cut = delimiter === undefined ? undefined : parseDelimiter(delimiter, option);
  const quoted = quote === 'none' ? '' : quote;
  if (quoted !== undefined && quoted !== '' && (!/^[!-~]$/.test(quoted) || quoted === ',')) {
    throw new AppError(
      'bad-usage',
      `\`quote\` ${JSON.stringify(quote)} is not one printable ASCII character, or none`,
    );
  }
  if (cut !== undefined && quoted !== undefined && quoted !== '' && cut.includes(quoted)) {
    throw new AppError('bad-usage', `\`${option}\` and \`quote\` are both ${JSON.stringify(quoted)}`);
  }
  return {
    ...(cut === undefined ? {} : { delimiter: cut }),
    ...(quoted === undefined ? {} : { quote: quoted }),
  };
}

function parseDelimiter(text: string, option: string): string {
  const cut =
    names.get(text.toLowerCase()) ??
    text
      .replaceAll('\\t', '\t')
      .replaceAll(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  if (cut !== '' && !/[\r\n\0"]/.test(cut)) return cut;
  throw new AppError(
    'bad-usage',
    `\`${option}\` ${JSON.stringify(text)} cannot separate columns; wanted a text such as ';', '|', '::' or tab, without quotes and line ends`,
  );
}

/** Cells between printable characters are quoted as RFC 4180 says; those between tabs, or longer delimiters, are not. */
export function defaultQuote(delimiter: string): string {
  return /^\P{Cc}$/u.test(delimiter) ? '"' : '';
}

/** What to do about quotes that do not close, or have text after them. */
export const howToSayThereAreNoQuotes = 'If quotes are ordinary characters, say so: `quote` none';

/** `commas`, `tabs`, `";"` */
export function delimiterInWords(delimiter: string): string {
  if (delimiter === ',') return 'commas';
  return delimiter === '\t' ? 'tabs' : JSON.stringify(delimiter);
}

/** As it is typed, such as `tab` or `';'`. */
export function delimiterWord(delimiter: string): string {
  return delimiter === '\t' ? 'tab' : shellWord(delimiter);
}

/** What else a line may be separated by; undefined where nothing shows. */
export function otherDelimiter(line: string, used: string): string | undefined {
  return ['::', ';', '|', '\t', ',', ' '].find((mark) => mark !== used && line.includes(mark));
}

/**
 * What else rows that were cut at commas may be separated by: all commas stand in numbers, as in `a;b;0,5`, and another mark
 * stands as often in every row. What comes of such a row would be wrong and look right.
 */
export function delimiterBesideDecimals(rows: readonly (readonly string[])[]): string | undefined {
  const lines = rows.map((cells) => cells.join(','));
  if (lines.some((line) => /(?<!\d),|,(?!\d)/.test(line))) return undefined;
  return [';', '|', '\t'].find((mark) => {
    const counts = new Set(lines.map((line) => line.split(mark).length));
    return counts.size === 1 && !counts.has(1);
  });
}
