/**
 * One in-memory DuckDB for one reading: no network, no extensions but the built-in ones, spill files in the scratch
 * directory, interrupted when the signal aborts. The module is large, so it is loaded here and only when needed.
 */
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Duckdb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { AppError, abortError, isOutOfMemory, machineError } from '../errors.js';
import { machineBytes } from '../files/machine-memory.js';
import { withNative } from '../files/native-library.js';
import type { InputFile } from './files/input-file.js';
import { quotedText } from '../expressions/sql.js';

export type DuckdbModule = typeof Duckdb;

export interface DuckdbSession {
  readonly duckdb: DuckdbModule;
  readonly connection: DuckDBConnection;
  /** Runs a statement and returns its rows, which must be few. */
  rows(sql: string, values?: DuckDBValue[], types?: DuckDBType[]): Promise<DuckDBValue[][]>;
  /** Runs a query and returns its chunks as they come; the next one is made while the last is worked on. */
  chunks(sql: string, values?: DuckDBValue[], types?: DuckDBType[]): AsyncGenerator<DuckDBDataChunk>;
  /** After an error that `isBroken` knows: an empty database in the place of this one. */
  restart(): Promise<void>;
  /** After memory ran out: as much of it as any reading may take. Resolves with false where that is so already. */
  takeMoreMemory(): Promise<boolean>;
  close(): void;
}

export interface SessionOptions {
  readonly scratch: string;
  readonly threads: number;
  /** What is read; DuckDB's share of memory follows its size. Nothing else but the scratch directory is open to any statement. */
  readonly inputs: readonly Pick<InputFile, 'path' | 'bytes'>[];
  readonly signal: AbortSignal;
}

const megabyte = 1_000_000;

/** DuckDB's share at most: a quarter of the machine's (or the container's) memory, at least 400 MB and 50 a thread. */
function mostMemory(threads: number): number {
  return Math.max((400 + 50 * threads) * megabyte, machineBytes() / 4);
}

/**
 * What it begins with: 1.5 × the input, within these. With two threads and 10M events the process stays below 1 GB, its
 * result included. Input that is compressed well may need more.
 */
function firstMemory(inputBytes: number, threads: number): number {
  return Math.min(Math.max((400 + 50 * threads) * megabyte, 1.5 * inputBytes), mostMemory(threads));
}

export async function openDuckdb(options: SessionOptions): Promise<DuckdbSession> {
  const { signal, threads } = options;
  let memoryBytes = firstMemory(
    options.inputs.reduce((sum, { bytes }) => sum + bytes, 0),
    threads,
  );
  // Links are followed before they are looked at.
  const real = await Promise.all(options.inputs.map(({ path }) => realpath(path)));
  // What a program has not written into its database yet stands beside it.
  const paths = real.flatMap((path) => [path, `${path}.wal`]);
  const memoryLimit = (): string => `${Math.floor(memoryBytes / megabyte)}MB`;
  const duckdb = await withNative('DuckDB', () => import('@duckdb/node-api'));
  const open = async (): Promise<Pick<DuckdbSession, 'connection'> & { close(): void }> => {
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      threads: String(threads),
      memory_limit: memoryLimit(),
      temp_directory: join(options.scratch, 'spill'),
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    // Times without an offset are UTC. The tables of ids are small beside the files: they are built, the files are
    // probed, and DuckDB, which cannot know how many rows a file has, must not turn that round.
    await connection.run(`SET TimeZone = 'UTC'`);
    // All threads work ahead of whoever takes the chunks of a result, by this much.
    await connection.run(`SET streaming_buffer_size = '64MB'`);
    await connection.run(`SET disabled_optimizers = 'join_order,build_side_probe_side'`);
    const directory = await realpath(options.scratch);
    await connection.run(
      `SET allowed_directories = [${quotedText(options.scratch)}, ${quotedText(directory)}]`,
    );
    await connection.run(`SET allowed_paths = [${paths.map(quotedText).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    return {
      connection,
      close() {
        connection.closeSync();
        instance.closeSync();
      },
    };
  };
  let database = await open();
  const interrupt = (): void => database.connection.interrupt();
  signal.addEventListener('abort', interrupt);

  const throwIfAborted = (): void => {
    if (signal.aborted) throw abortError(signal);
  };

  /** Aborts win over whatever error they made DuckDB report. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throwIfAborted();
      throw machineLimit(error, memoryBytes) ?? error;
    }
  }

  return {
    duckdb,
    get connection() {
      return database.connection;
    },
    async rows(sql, values, types) {
      return await guarded(async () => {
        const result = await database.connection.run(sql, values, types);
        return await result.getRows();
      });
    },
    async *chunks(sql, values, types) {
      const result = await guarded(() => database.connection.stream(sql, values, types));
      let next = guarded(() => result.fetchChunk());
      for (;;) {
        const chunk = await next;
        if (chunk === null || chunk.rowCount === 0) return;
        next = guarded(() => result.fetchChunk());
        // Whoever stops early leaves this promise behind; its failure is nobody's then.
        next.catch(() => {});
        yield chunk;
      }
    },
    async restart() {
      database.close();
      database = await open();
    },
    async takeMoreMemory() {
      const most = mostMemory(threads);
      if (memoryBytes >= most) return false;
      memoryBytes = most;
      await database.connection.run(`SET memory_limit = '${memoryLimit()}'`);
      return true;
    },
    close() {
      signal.removeEventListener('abort', interrupt);
      database.close();
    },
  };
}

/** Whether a statement failed in a way after which DuckDB answers no other. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && /^(?:INTERNAL|FATAL) Error/.test(error.message);
}

/** DuckDB's words for a full disk or a full memory as an error its reader can act on; undefined for others. */
function machineLimit(error: unknown, memoryBytes: number): AppError | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (/No space left on device|max_temp_directory_size|disk quota/i.test(message)) {
    return new AppError('disk-full', 'no space is left for temporary files', {
      suggestions: [`Temporary files go to ${tmpdir()}: set TMPDIR to a directory with enough space.`],
      cause: error,
    });
  }
  if (isOutOfMemory(error)) return machineError(error, 'add up the events');
  if (message.startsWith('Out of Memory Error')) {
    const gigabytes = (memoryBytes / 1e9).toFixed(1);
    return new AppError(
      'too-large',
      `adding up the events needs more than ${gigabytes} GB of memory, the part of this machine's that is used for it`,
      {
        suggestions: [
          'Use fewer `threads`: each needs memory of its own.',
          'Use a machine with more memory: a quarter of it is used.',
        ],
        details: { reason: 'memory', bytes: Math.floor(memoryBytes) },
        cause: error,
      },
    );
  }
  return undefined;
}
