/** Users that someone lists, one id a line or a word, as rows of a snapshot. */
import type { Readable } from 'node:stream';
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { bytesOf } from '../../files/npy.js';
import { sha256Hex } from '../../files/sha256.js';
import { textLines } from '../../files/text-lines.js';
import type { KnownUsers } from '../known-users.js';
import { maxIdBytes } from '../../store/store-keys.js';
import type { IdSource } from '../../tables/ranking-encoder.js';

export interface UserListOptions {
  /** A file with an id a line, blank lines between them; `-` is stdin. */
  readonly usersFrom?: string | undefined;
  /** Ids; where there is a file, before those in it. */
  readonly users: readonly string[];
  /** Leave out, and count, whom the snapshot does not know, instead of stopping. */
  readonly skipUnknown?: boolean | undefined;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
}

/** Four bytes a user, however long the ids are. */
export interface UserList {
  /** Rows in the order of the list, each once. */
  readonly rows: Uint32Array;
  /** How often someone was named again. */
  readonly repeated: number;
  readonly unknown: number;
  /** By place in the list. */
  idsOf(users: KnownUsers): IdSource;
  /** Names the list: of users whom only the ledger knows, the row is another one in another run. */
  hashOf(users: KnownUsers): string;
}

/** Says whom it leaves out. AppErrors 'bad-input-file', and 'user-not-found' (naming the line) for a list with users that the snapshot does not know. */
export async function readUserList(
  { usersFrom, users, skipUnknown, stdin }: UserListOptions,
  known: KnownUsers,
  context: TaskContext,
): Promise<UserList> {
  const list = growingRows();
  const seen = new Uint8Array(Math.ceil(known.numStored / 8));
  const seenBeyond = new Set<number>();
  let repeated = 0;
  let unknown = 0;
  let first: UnknownUser | undefined;
  const take = (id: string, where: string | undefined, line: number | undefined): void => {
    const row = known.findRow(id);
    if (row === undefined) {
      unknown++;
      first ??= { id, where, line };
    } else if (row < known.numStored ? (seen[row >>> 3]! & (1 << (row & 7))) !== 0 : seenBeyond.has(row)) {
      repeated++;
    } else {
      if (row < known.numStored) seen[row >>> 3]! |= 1 << (row & 7);
      else seenBeyond.add(row);
      list.push(row);
    }
  };
  for (const id of users) take(id, undefined, undefined);
  if (usersFrom !== undefined) {
    const where = usersFrom === '-' ? 'stdin' : usersFrom;
    const { signal } = context;
    for await (const { line, text } of textLines(usersFrom, {
      signal,
      stdin,
      what: 'an id',
      mostBytes: maxIdBytes,
    })) {
      if (text.trim() !== '') take(text, where, line);
      if (line % linesATurn === 0) {
        const step = { phase: `reading ${where}`, done: line, total: undefined, unit: 'lines' } as const;
        context.onProgress({ kind: 'step', ...step });
      }
    }
  }
  if (first !== undefined && skipUnknown !== true) throw notFound(first, unknown, known);
  const rows = list.rows();
  if (rows.length === 0) context.onProgress({ kind: 'warning', message: 'the list names no users' });
  if (unknown > 0) {
    const message = `${unknown} of the list are not in the snapshot: they are left out`;
    context.onProgress({ kind: 'warning', message });
  }
  if (repeated > 0) {
    const message = `${repeated} of the list are repeated: each user is answered once`;
    context.onProgress({ kind: 'note', message });
  }
  return {
    rows,
    repeated,
    unknown,
    idsOf: (users) => idsOfRows(rows, users),
    hashOf: (users) => hashOfList(rows, users),
  };
}

function hashOfList(rows: Uint32Array, users: KnownUsers): string {
  const added = users.idsOf(rows.filter((row) => row >= users.numStored));
  const texts = added.length === 0 ? [] : [added.bytes, bytesOf(added.offsets)];
  return sha256Hex(bytesOf(rows), ...texts);
}

/** The ids of these rows, by place. */
export function idsOfRows(rows: Uint32Array, users: KnownUsers): IdSource {
  const read = (from: number, to: number): ReturnType<IdSource['read']> =>
    users.idsOf(rows.subarray(from, to));
  let numBytes: number | undefined;
  return {
    length: rows.length,
    /** Only one of the formats asks. */
    get numBytes() {
      if (numBytes === undefined) {
        numBytes = 0;
        for (let from = 0; from < rows.length; from += idsAtOnce)
          numBytes += read(from, Math.min(rows.length, from + idsAtOnce)).bytes.length;
      }
      return numBytes;
    },
    read,
  };
}

const idsAtOnce = 65_536;

interface UnknownUser {
  readonly id: string;
  readonly where: string | undefined;
  readonly line: number | undefined;
}

const linesATurn = 65_536;

/** The error of a single user, with the line, and how many more there are. */
function notFound({ id, where, line }: UnknownUser, unknown: number, known: KnownUsers): AppError {
  try {
    known.rowOf(id);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const place = where === undefined ? '' : `${where} line ${line}: `;
    const more = unknown > 1 ? `, nor ${unknown - 1} more of the list` : '';
    return new AppError('user-not-found', `${place}${error.message}${more}`, {
      suggestions: [
        ...error.suggestions.filter((each) => each.startsWith('did you mean')),
        'to skip unknown users: `skipUnknown`',
      ],
      details: { ...error.details, ...(where === undefined ? {} : { file: where, line }), unknown },
    });
  }
  throw new Error(`user ${id} is known after all`);
}

function growingRows(): { push(row: number): void; rows(): Uint32Array } {
  let rows = new Uint32Array(1024);
  let length = 0;
  return {
    push(row) {
      if (length === rows.length) {
        const larger = new Uint32Array(2 * length);
        larger.set(rows);
        rows = larger;
      }
      rows[length++] = row;
    },
    rows: () => rows.subarray(0, length),
  };
}
