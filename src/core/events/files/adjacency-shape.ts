/**
 * Whether a file is one of adjacency: a user and then their items, separated by spaces, a line each, as the files of
 * LightGCN and its family are.
 */
import { eventRoles } from '../column-roles.js';
import { looksLikeHeader } from '../find-columns.js';
import { isWordOverCodes } from './first-line.js';
import { endingOf, type InputFile } from './input-file.js';

/** What `--format` can be: by the file's looks, or adjacency whatever it looks like. */
export type EventFormat = 'auto' | 'lightgcn';

export interface AdjacencyLooks {
  readonly isAdjacency: boolean;
  /** Every line looked at is as long, and longer than a pair: it may be columns after all. */
  readonly doubtful: boolean;
}

const columnExtensions = new Set(['.csv', '.tsv', '.tab', '.jsonl', '.ndjson', '.json', '.parquet', '.pq']);
const linesLookedAt = 1000;

/**
 * Looks at the first lines. Adjacency has neither tabs nor commas, and lines of different lengths, or of two ids (a
 * user and one item, which is what a pair is), or as many as there are different users. Files of columns that are
 * separated by spaces repeat their users.
 */
export function adjacencyLooks({ name, head, bytes }: InputFile): AdjacencyLooks {
  const no = { isAdjacency: false, doubtful: false };
  if (columnExtensions.has(endingOf(name))) return no;
  const text = head.toString('latin1');
  const lines = text.split(/\r?\n/, linesLookedAt + 1);
  // What was cut off within its first MiB says nothing about its length.
  const whole = head.length < bytes || lines.length > linesLookedAt ? lines.slice(0, -1) : lines;
  const rows = (whole.length === 0 ? lines : whole)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/ +/));
  const [first = [], ...below] = rows;
  if (rows.length === 0 || looksLikeHeader(first, new Map(), eventRoles)) return no;
  const users = [first, ...below].map(([user = '']) => user);
  if (isWordOverCodes(users[0] ?? '', users.slice(1))) return no;
  if (rows.some((ids) => ids.some((id) => !/^[\w.:-]+$/.test(id)))) return no;
  const lengths = new Set(rows.map((ids) => ids.length));
  const longest = Math.max(...lengths);
  if (longest < 2) return no;
  if (lengths.size > 1 || longest === 2) return { isAdjacency: true, doubtful: false };
  const wholeNumbers = rows.every((ids) => ids.every((id) => /^\d+$/.test(id)));
  return new Set(users).size === rows.length && wholeNumbers ? { isAdjacency: true, doubtful: true } : no;
}
