/** What a file of rows looks like: its format, delimiter, quoting, and its first record. */
import { AppError } from '../../errors.js';
import { fileWord } from '../../shell-word.js';
import { endingOf, type FileFormat, type InputFile } from './input-file.js';
import { DelimitedTokenizer, type DelimitedRecord, type Dialect } from './delimited-records.js';
import {
  delimiterBesideDecimals,
  delimiterWord,
  howToSayThereAreNoQuotes,
  defaultQuote,
  type GivenDialect,
} from './delimiters.js';
import { foreignFile, wideText } from './foreign-files.js';

export interface DelimitedShape extends Dialect {
  readonly format: 'csv' | 'tsv';
  /** Cells of the first record, and of some that follow. */
  readonly first: readonly string[];
  readonly below: readonly (readonly string[])[];
  /** Whether the first record has a cell that is not UTF-8. */
  readonly notUtf8: boolean;
  /** Empty lines before it. */
  readonly blankLines: number;
}

export interface JsonlShape {
  readonly format: 'jsonl';
  /** Keys of the first objects, in the order in which they appear. */
  readonly keys: readonly string[];
  /** The first value of each, where it is none within others. */
  readonly sample: readonly string[];
  /** Those that hold an array. */
  readonly lists: readonly string[];
  /** Whether any holds an array or an object. */
  readonly nested: boolean;
}

/** What DuckDB looks into: Parquet, JSON that is no lines of objects, a database. */
export interface PlainShape {
  readonly format: 'parquet' | 'json' | 'duckdb';
}

/** `empty`: not a byte but white space. */
export type FileShape = DelimitedShape | JsonlShape | PlainShape | { readonly format: 'empty' };

const formatOfExtension = new Map<string, FileFormat>([
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.tab', 'tsv'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.json', 'jsonl'],
  ['.parquet', 'parquet'],
  ['.pq', 'parquet'],
]);

/**
 * Looks at the head of a file, which is read by `given` where it is delimited. Throws AppError 'bad-input-file'.
 * @param option what the option for the delimiter is called
 */
export function shapeOf(file: InputFile, given: GivenDialect, option: string): FileShape {
  const { name, head, adjacency } = file;
  const foreign = foreignFile(head);
  if (foreign !== undefined)
    throw unfit(name, `is ${foreign.what}`, [foreign.instead.replace('FILE', () => fileWord(name))]);
  if (head.toString('latin1', 8, 12) === 'DUCK') return { format: 'duckdb' };
  const isParquet = head.subarray(0, 4).toString('latin1') === 'PAR1';
  const wide = isParquet ? undefined : wideText(head);
  if (wide !== undefined) throw unfit(name, `is ${wide.what}`, [`Say so: \`encoding\` ${wide.encoding}`]);
  const byExtension = formatOfExtension.get(endingOf(name));
  if (isParquet && (byExtension === undefined || byExtension === 'parquet')) return { format: 'parquet' };
  const text = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
  const start = text.findIndex((byte) => byte !== 10 && byte !== 13);
  if (start < 0) return { format: 'empty' };
  if (adjacency === true) {
    const pairs: Dialect = { delimiter: '\t', quote: '' };
    return { format: 'tsv', ...pairs, ...firstRecords(file, text, pairs, option) };
  }
  if (byExtension === 'parquet') throw unfit(name, 'is not a Parquet file, whatever its name says');
  const firstByte = text[text.findIndex((byte) => byte > 32)];
  const mayBeJson = byExtension === 'jsonl' || (byExtension === undefined && given.delimiter === undefined);
  if (mayBeJson && firstByte === 0x5b && isJsonArray(text))
    return { format: /^\s*\[\s*\]\s*$/.test(text.toString('latin1')) ? 'empty' : 'json' };
  if (byExtension === 'jsonl' || (mayBeJson && firstByte === 0x7b)) {
    const found = keysOfLines(name, text, text.length < file.bytes - 3, firstByte === 0x7b);
    return found === undefined ? { format: 'json' } : { format: 'jsonl', ...found };
  }
  const dialect = dialectOf(text.subarray(start), byExtension, given);
  const records = firstRecords(file, text, dialect, option);
  const isGuess = given.delimiter === undefined && dialect.delimiter === ',' && records.first.length > 1;
  const other = isGuess ? delimiterBesideDecimals([records.first, ...records.below]) : undefined;
  if (other !== undefined) {
    throw unfit(
      name,
      `may be separated by ${JSON.stringify(other)}, with commas in its numbers, or by commas`,
      [`Say which: \`${option}\` ${delimiterWord(other)} \`decimalComma\`, or \`${option}\` ,`],
    );
  }
  return { format: dialect.delimiter === '\t' ? 'tsv' : 'csv', ...dialect, ...records };
}

function dialectOf(text: Buffer, format: FileFormat | undefined, given: GivenDialect): Dialect {
  const lineEnd = text.findIndex((byte) => byte === 10 || byte === 13);
  const line = text.subarray(0, lineEnd < 0 ? text.length : lineEnd);
  const tabs = format === undefined ? line.includes(9) : format === 'tsv';
  // As programs write it where the comma is in numbers; a line with both is not guessed at.
  const hasOne = line.includes(44) || line.includes(9);
  const other = hasOne ? undefined : ['::', ';', '|'].find((mark) => line.includes(mark));
  const guessed = other ?? (!hasOne && hasSpacedColumns(text) ? ' ' : ',');
  const delimiter = given.delimiter ?? (tabs ? '\t' : guessed);
  return { delimiter, quote: given.quote ?? defaultQuote(delimiter) };
}

/** Whether all of the first lines have as many codes, three or more, with a space between each: two would be words. */
function hasSpacedColumns(text: Buffer): boolean {
  const lines = text.toString('latin1', 0, 64 * 1024).split(/\r?\n/);
  const rows = lines.slice(0, -1).map((line) => line.split(' '));
  const width = rows[0]?.length ?? 0;
  return (
    rows.length > 2 &&
    width > 2 &&
    rows.every((cells) => cells.length === width && cells.every((cell) => /^[\w.:-]+$/.test(cell)))
  );
}

/** Rows after the first that are looked at. */
const rowsBelow = 200;

function firstRecords(
  { name, bytes }: InputFile,
  text: Buffer,
  dialect: Dialect,
  option: string,
): Omit<DelimitedShape, 'format' | keyof Dialect> {
  const records: DelimitedRecord[] = [];
  for (const record of new DelimitedTokenizer(dialect).push(text, true)) {
    records.push(record);
    if (records.length > rowsBelow) break;
  }
  // What the end of the head has cut.
  if (records.length > 1 && records.length <= rowsBelow && text.length < bytes - 3) records.pop();
  const [record, ...below] = records;
  if (record === undefined) throw unfit(name, 'has no first line that can be read');
  if (record.problem !== undefined) {
    // Quoted cells that are separated by another character.
    const mark = /^"[^"]*"(::|[;|\t,])"/.exec(text.toString('utf8', 0, 1000))?.[1];
    const looks = mark === undefined ? '' : `; its first line looks separated by ${JSON.stringify(mark)}`;
    throw unfit(name, `line ${record.line} ${record.problem}${looks}`, [
      ...(mark === undefined ? [] : [`Say so: \`${option}\` ${delimiterWord(mark)}`]),
      ...(mark === undefined && dialect.quote === '"' ? [howToSayThereAreNoQuotes] : []),
    ]);
  }
  return {
    first: record.cells,
    below: below.filter(({ problem }) => problem === undefined).map(({ cells }) => cells),
    notUtf8: record.notUtf8 !== undefined,
    blankLines: record.line - 1,
  };
}

/** Whether text that begins with a bracket goes on as an array of JSON does, and not as a cell such as `[Intro],3`. */
function isJsonArray(text: Buffer): boolean {
  return /^\s*\[\s*(?:[{\]]|\[|"|-?\d|true|false|null)/.test(text.toString('latin1', 0, 4096));
}

/** Keys of the objects among the first 1,000 lines; undefined where a line is not one, and `mayBeSpread` over several. */
function keysOfLines(
  name: string,
  text: Buffer,
  cut: boolean,
  mayBeSpread: boolean,
): Omit<JsonlShape, 'format'> | undefined {
  const lines = text.toString('utf8').split('\n', 1001);
  if (cut || lines.length > 1000) lines.pop();
  const keys = new Map<string, string>();
  const lists = new Set<string>();
  let nested = false;
  let problem = 'has no line with a JSON object within its first MiB';
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const [key, each] of Object.entries(value)) {
          if (!keys.has(key)) keys.set(key, typeof each === 'object' ? '' : String(each));
          nested ||= typeof each === 'object' && each !== null;
          if (Array.isArray(each)) lists.add(key);
        }
      } else {
        problem = `line ${at + 1} is not a JSON object`;
      }
    } catch {
      problem = `line ${at + 1} is not JSON`;
    }
  }
  if (keys.size === 0 && mayBeSpread) return undefined;
  if (keys.size === 0) {
    throw unfit(name, `${problem}; JSON Lines is wanted, one object per line`, [
      'Convert an array: jq -c ".[]"',
    ]);
  }
  return { keys: [...keys.keys()], sample: [...keys.values()], lists: [...lists], nested };
}

function unfit(name: string, problem: string, suggestions: readonly string[] = []): AppError {
  return new AppError('bad-input-file', `${name} ${problem}`, { suggestions, details: { file: name } });
}
