/**
 * Vectors in Arrow IPC files that another program wrote: a column of lists, of a fixed size or not, of float32 or float64.
 * Batches are read one after another, once for the ids and once for the vectors.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { RecordBatch } from 'apache-arrow';
import { AppError, abortError, errnoOf, machineError } from '../errors.js';
import { chooseVectorColumns, type KnownColumn, type VectorColumnChoice } from './vector-columns.js';

export type Cell = string | number | null;

export interface ArrowVectors {
  readonly numRows: number;
  readonly dim: number;
  readonly isDouble: boolean;
  /** undefined where no column looks like ids. */
  readonly ids: readonly Cell[] | undefined;
  readonly counts: readonly Cell[] | undefined;
  readonly others: readonly { readonly name: string; readonly values: readonly Cell[] }[];
  /** All vectors, in blocks of consecutive rows. */
  read(each: (from: number, values: Float32Array | Float64Array) => void): Promise<void>;
}

const magic = 'ARROW1';

/** AppErrors 'bad-input-file', the machine's, and the abort's. */
export async function openArrowVectors(
  path: string,
  choice: VectorColumnChoice,
  signal: AbortSignal,
): Promise<ArrowVectors> {
  const wrong = (problem: string, suggestions: readonly string[] = [], cause?: unknown): AppError =>
    new AppError('bad-input-file', `${path} ${problem}`, { suggestions, details: { file: path }, cause });
  await withFile(path, async (file) => {
    const head = Buffer.alloc(magic.length);
    await file.read(head, 0, magic.length, 0);
    if (head.toString('latin1') !== magic) throw wrong('is not an Arrow IPC file (Feather version 2)');
  });

  const batches = async (each: (batch: RecordBatch) => void): Promise<void> => {
    const arrow = await import('apache-arrow');
    await withFile(path, async (file) => {
      try {
        const reader = await arrow.RecordBatchReader.from(file);
        await reader.open();
        for await (const batch of reader) {
          if (signal.aborted) throw abortError(signal);
          each(batch);
        }
      } catch (error) {
        if (error instanceof AppError) throw error;
        const isCompressed = error instanceof Error && /compress|codec/i.test(error.message);
        throw isCompressed
          ? wrong(
              'is compressed, and cannot be read',
              ['frame.to_feather(file, compression="uncompressed"), or frame.to_parquet(file)'],
              error,
            )
          : wrong('cannot be read as an Arrow IPC file', [], error);
      }
    });
  };

  let shape: Shape | undefined;
  let columns: ReturnType<typeof chooseVectorColumns> | undefined;
  let numRows = 0;
  const cells = new Map<string, Cell[]>();
  await batches((batch) => {
    columns ??= chooseVectorColumns(
      path,
      batch.schema.fields.map((field) => ({ name: field.name, kind: kindOf(String(field.type)) })),
      choice,
    );
    const { vector, id, count, others } = columns;
    const lists = listsOf(batch, vector);
    shape = checkLists(lists, shape, numRows, (problem) => wrong(`has a vector ${problem}`));
    for (const name of [id, count, ...others]) {
      if (name === undefined) continue;
      const column = batch.getChild(name);
      const values = cells.get(name) ?? [];
      cells.set(name, values);
      for (let row = 0; row < batch.numRows; row++) values.push(cellOf(column?.get(row)));
    }
    numRows += batch.numRows;
  });
  if (columns === undefined || shape === undefined) throw wrong('holds no vectors');
  const { vector, id, count, others } = columns;
  const { dim, isDouble } = shape;
  return {
    ...{ numRows, dim, isDouble },
    ids: id === undefined ? undefined : cells.get(id),
    counts: count === undefined ? undefined : cells.get(count),
    others: others.map((name) => ({ name, values: cells.get(name) ?? [] })),
    async read(each) {
      let from = 0;
      await batches((batch) => {
        const { values, start } = listsOf(batch, vector);
        if (batch.numRows > 0) each(from, values.subarray(start, start + batch.numRows * dim));
        from += batch.numRows;
      });
    },
  };
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      throw new AppError('bad-input-file', `${path} does not exist`, { details: { file: path } });
    }
    throw machineError(error, `open ${path}`);
  }
  try {
    return await use(file);
  } finally {
    // Arrow's reader may have closed it.
    await file.close().catch(() => undefined);
  }
}

function kindOf(name: string): KnownColumn['kind'] {
  if (/^(?:FixedSizeList\[\d+\]|List)<Float(?:32|64)>$/.test(name)) return 'vector';
  if (/^(?:Utf8|LargeUtf8|Dictionary<.*, (?:Utf8|LargeUtf8)>)$/.test(name)) return 'text';
  return /^U?[Ii]nt(?:8|16|32|64)$/.test(name) ? 'int' : 'other';
}

interface Lists {
  readonly numRows: number;
  readonly values: Float32Array | Float64Array;
  /** Of the first row in `values`. */
  readonly start: number;
  /** [numRows + 1] of lists of any length. */
  readonly offsets: Int32Array | undefined;
  readonly dim: number;
  readonly nulls: number;
}

interface Shape {
  readonly dim: number;
  readonly isDouble: boolean;
}

function listsOf(batch: RecordBatch, name: string): Lists {
  const at = batch.schema.fields.findIndex((field) => field.name === name);
  const data = batch.data.children[at];
  const child = data?.children[0];
  if (data === undefined || child === undefined) throw new RangeError(`${name} is no column of lists`);
  const values = child.values as Float32Array | Float64Array;
  const nulls = data.nullCount + child.nullCount;
  const numRows = batch.numRows;
  const fixed = /^FixedSizeList\[(\d+)\]/.exec(String(batch.schema.fields[at]?.type))?.[1];
  if (fixed !== undefined) {
    const dim = Number(fixed);
    return { ...{ numRows, values, dim, nulls }, start: data.offset * dim, offsets: undefined };
  }
  const offsets = (data.valueOffsets as Int32Array).subarray(0, numRows + 1);
  const [first = 0, second = first] = offsets;
  return { ...{ numRows, values, offsets, nulls }, dim: second - first, start: first };
}

/** Every list has as many numbers as those of the batches before, and none is missing. */
function checkLists(
  { numRows, values, start, offsets, dim, nulls }: Lists,
  before: Shape | undefined,
  rowsBefore: number,
  wrong: (problem: string) => AppError,
): Shape | undefined {
  if (numRows === 0) return before;
  if (nulls > 0) throw wrong('that is empty, or has an empty number in it: every row needs a whole one');
  const wanted = before?.dim ?? dim;
  for (let row = 0; row < numRows; row++) {
    const length = offsets === undefined ? dim : (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    if (length !== wanted) {
      throw wrong(
        `of ${String(length)} dimensions in row ${String(rowsBefore + row + 1)}, and others of ${String(wanted)}`,
      );
    }
  }
  if (values.length < start + numRows * wanted) throw wrong('that is cut');
  return { dim: wanted, isDouble: values instanceof Float64Array };
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value !== 'bigint') return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
