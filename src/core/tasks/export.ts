/** `segue export`: the vectors of items or users, or a matrix of items, with their ids, in a file that other programs read. */
import { setImmediate } from 'node:timers/promises';
import type { Count, Positive, Seconds, SnapshotId, TaskContext } from '../contracts.js';
import { abortError, AppError } from '../errors.js';
import { formatOfName, type VectorFormat } from '../interchange/vector-rows.js';
import { shellWord } from '../shell-word.js';
import { gib } from '../compute/workspace.js';
import { bytesOf, openNpy, type NpyFile } from '../files/npy.js';
import { openOutputFile, type OutputFile } from '../files/output-file.js';
import { isItemItem } from '../snapshot/item-item.js';
import { snapshotFile } from '../snapshot/layout.js';
import { requireKind } from '../snapshot/kinds.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { openStoredArray } from '../snapshot/users/stored-arrays.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import type { TableCells } from '../tables/arrow-reader.js';
import type { ColumnValues, TableColumn, TableWriter } from '../tables/table-writer.js';
import { openExportedMatrix, type ExportSource } from './exported-matrix.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';
import type { ByteSink } from '../options/catalogue/run-options.js';

export type ExportVectorsOptions = AskedOf<'exportVectors'>;

export interface ExportVectorsResult {
  readonly snapshot: SnapshotId;
  readonly basis: SnapshotId;
  readonly model: string;
  readonly what: ExportVectorsOptions['what'];
  /** Of the items; null for users and a matrix. */
  readonly kind: string | null;
  readonly rows: Count;
  /** Columns, of a matrix those of all its items. */
  readonly dim: Positive;
  /** Of a matrix: numbers that are not 0. */
  readonly entries: Count | null;
  /** Items of the catalogue that nobody played: they have no vector, and are left out. */
  readonly withoutVector: Count;
  readonly format: VectorFormat;
  readonly files: readonly { readonly path: string; readonly bytes: Count }[];
  readonly seconds: Seconds;
}

/** Rows of a batch: a row group of Parquet, a record batch of Arrow. */
const rowsAtOnce = 8192;

/**
 * Memory: the table of ids, names and metadata, and a batch; vectors are streamed. AppErrors: 'bad-usage', 'missing-part'
 * for a model without vectors or users, those of opening a snapshot, and the machine's. Files appear whole or not at all.
 */
export async function exportVectors(
  options: ExportVectorsOptions,
  context: TaskContext,
): Promise<ExportVectorsResult> {
  const started = performance.now();
  const format = formatOf(options);
  const snapshot = await openForReading(options.root, options.snapshot, context, options.as);
  let source: ExportSource | undefined;
  const files: OutputFile[] = [];
  try {
    source =
      options.what === 'matrix'
        ? await openExportedMatrix(snapshot, format)
        : await openVectors(snapshot, options);
    const outputs = await openOutputs(
      format,
      source,
      describe(snapshot, options, source.dim),
      options,
      files,
    );
    await writeBatches(source, outputs, context);
    for (const file of files) file.finish();
    // The vectors last: where they are, their ids are.
    for (const file of [...files].reverse()) file.commit();
    return {
      snapshot: snapshot.id,
      basis: snapshot.basis,
      model: snapshot.manifest.model.name,
      what: options.what,
      kind: options.what === 'items' ? options.kind : null,
      ...{ rows: source.rows, dim: source.dim, entries: source.entries ?? null },
      ...{ withoutVector: source.numRows - source.rows, format },
      files: files.map(({ path, bytes }) => ({ path, bytes })),
      seconds: secondsSince(started),
    };
  } finally {
    for (const file of files) file.abandon();
    source?.close();
    snapshot.close();
  }
}

function formatOf({ out, format, what, kind, snapshot }: ExportVectorsOptions): VectorFormat {
  const said = format ?? (typeof out === 'string' ? formatOfName(out) : undefined);
  if (what === 'matrix' && (said === 'npy' || said === 'word2vec'))
    throw new AppError('bad-usage', `a matrix is not written as ${said}`, {
      suggestions: ['end the name in .npz, for scipy.sparse.load_npz', 'or in .parquet, .arrow or .csv'],
    });
  if (typeof out !== 'string') {
    const usual = what === 'matrix' ? 'csv' : 'word2vec';
    if (format === undefined || format === 'csv' || format === usual) return format ?? usual;
    throw new AppError('bad-usage', `\`format\` ${format} is no text: it needs a file`, {
      suggestions: [
        [
          `segue export --out vectors.${format}`,
          ...(what === 'items' ? [] : [`\`what\` ${what}`]),
          ...(kind === 'item' ? [] : [`\`kind\` ${shellWord(kind)}`]),
          ...(snapshot === undefined ? [] : [`\`snapshot\` ${shellWord(snapshot)}`]),
        ].join(' '),
      ],
    });
  }
  if (said !== undefined) return said;
  throw new AppError('bad-usage', `${JSON.stringify(out)} does not say in which format to write`, {
    suggestions: ['end the name in .npy, .parquet, .arrow, .csv or .vec', 'add `format`'],
  });
}

async function openVectors(snapshot: OpenSnapshot, options: ExportVectorsOptions): Promise<ExportSource> {
  requireVectors(
    snapshot,
    isItemItem(snapshot) ? '`what` matrix exports its numbers' : 'there is nothing to export',
  );
  const { vectors, numRows, cells } = await openTable(snapshot, options);
  const [rows = 0, dim = 0] = vectors.shape;
  return {
    ...{ numRows, rows, dim, columns: columnsOf(cells, dim) },
    *batches() {
      for (let done = 0; done < rows; done += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - done);
        const floats = new Float32Array(count * dim);
        vectors.readInto(bytesOf(floats), done * dim * 4);
        yield { done, count, values: [...cells.map((column) => cellsOf(column, done, count)), floats] };
      }
    },
    close: () => {
      vectors.close();
    },
  };
}

async function openTable(
  snapshot: OpenSnapshot,
  { what, kind }: ExportVectorsOptions,
): Promise<{ vectors: NpyFile; numRows: number; cells: readonly TableCells[] }> {
  if (what === 'users') {
    const { dim } = snapshot.manifest.model;
    const { ids, counts } = await readStoredTable(snapshot);
    return {
      vectors: openStoredArray(snapshot, snapshotFile.userVectors, '<f4', [dim]),
      numRows: ids.length,
      cells: [
        { name: 'id', type: 'text', at: (row) => ids.at(row) },
        { name: 'count', type: 'int', at: (row) => counts[row] ?? null },
      ],
    };
  }
  const names = requireKind(snapshot, kind);
  const paths = [snapshot.file(names.vectors), snapshot.file(names.table)] as const;
  const { readAllCells } = await import('../tables/snapshot-tables.js');
  const { numRows, columns } = await readAllCells(paths[1]);
  return {
    vectors: openNpy(paths[0], { dtype: '<f4', shape: [undefined, undefined] }),
    numRows,
    cells: columns,
  };
}

/** The table's columns, and then the vectors, under a name of their own. */
function columnsOf(cells: readonly TableCells[], dim: number): TableColumn[] {
  const taken = new Set(cells.map(({ name }) => name));
  let name = 'vector';
  while (taken.has(name)) name = `_${name}`;
  return [
    ...cells.map((column) => ({ name: column.name, type: column.type })),
    { name, type: 'vector', dim },
  ];
}

/** What files that have room for it say about themselves. */
function describe(
  { id, basis, manifest }: OpenSnapshot,
  { what, kind }: ExportVectorsOptions,
  dim: number,
): ReadonlyMap<string, string> {
  const { name, scorer, fold } = manifest.model;
  return new Map([
    ['segue.snapshot', id],
    ['segue.basis', basis],
    ['segue.model', name],
    ['segue.scorer', scorer],
    ['segue.fold', fold],
    ['segue.what', what],
    ...(what === 'items' ? ([['segue.kind', kind]] as const) : []),
    ['segue.dim', String(dim)],
  ]);
}

interface Output {
  readonly writer: Pick<TableWriter, 'write'> & { finish(): Iterable<Uint8Array> };
  readonly sink: OutputFile | ByteSink;
}

/** @param files gets every file as soon as it is open */
async function openOutputs(
  format: VectorFormat,
  { columns, rows, dim, arrays, entries = 0 }: ExportSource,
  about: ReadonlyMap<string, string>,
  { out, force }: ExportVectorsOptions,
  files: OutputFile[],
): Promise<Output[]> {
  const open = (path: string): OutputFile => {
    const file = openOutputFile(path, { force });
    files.push(file);
    return file;
  };
  const sink = typeof out === 'string' ? open(out) : out;
  switch (format) {
    case 'parquet': {
      const { openParquetWriter } = await import('../tables/parquet-writer.js');
      return [{ writer: await openParquetWriter(columns, about), sink }];
    }
    case 'arrow': {
      const { openArrowBatchWriter } = await import('../tables/arrow-batch-writer.js');
      return [{ writer: await openArrowBatchWriter(columns, about), sink }];
    }
    case 'csv': {
      const { openCsvWriter } = await import('../tables/csv-writer.js');
      return [{ writer: openCsvWriter(columns), sink }];
    }
    case 'npz': {
      const { mostNpzBytes, npzPieces, openNpzWriter } = await import('../tables/npz-writer.js');
      if (arrays === undefined) {
        requireNpz(4 * dim * rows, mostNpzBytes, 'end the name in .npy: the ids then stand beside it');
        return [{ writer: openNpzWriter(columns, rows), sink }];
      }
      requireNpz(8 * entries + 8 * rows, mostNpzBytes, 'end the name in .parquet: an entry is a row then');
      return [{ writer: { write: () => [], finish: () => npzPieces(arrays()) }, sink }];
    }
    case 'word2vec': {
      const { openWord2vecWriter } = await import('../tables/word2vec-text.js');
      return [{ writer: openWord2vecWriter(columns, rows), sink }];
    }
    case 'npy': {
      const { openNpyWriter } = await import('../tables/npy-writer.js');
      const { openJsonLinesWriter } = await import('../tables/json-lines-writer.js');
      const stem = typeof out === 'string' ? out.replace(/\.npy$/i, '') : '';
      const beside = open(`${stem}.jsonl`);
      return [
        { writer: openNpyWriter(columns, rows), sink },
        { writer: openJsonLinesWriter(columns), sink: beside },
      ];
    }
  }
}

function requireNpz(bytes: number, most: number, suggestion: string): void {
  if (bytes < most) return;
  const message = `${gib(bytes)} GiB of numbers do not fit a .npz archive of 4 GiB`;
  throw new AppError('bad-usage', message, { suggestions: [suggestion] });
}

async function writeBatches(
  source: ExportSource,
  outputs: readonly Output[],
  { signal, onProgress }: TaskContext,
): Promise<void> {
  const put = async ({ sink }: Output, pieces: Iterable<Uint8Array>): Promise<void> => {
    for (const piece of pieces) {
      // A turn of the event loop, in which an interrupt arrives.
      await setImmediate();
      if (signal.aborted) throw abortError(signal);
      await sink.write(piece);
    }
  };
  if (signal.aborted) throw abortError(signal);
  for (const { done, count, values } of source.batches()) {
    onProgress({ kind: 'step', phase: 'exporting', done, total: source.rows, unit: 'rows' });
    for (const output of outputs) await put(output, output.writer.write(count, values));
  }
  for (const output of outputs) await put(output, output.writer.finish());
}

function cellsOf(column: TableCells, from: number, count: number): ColumnValues {
  const rows = { length: count };
  return column.type === 'text'
    ? Array.from(rows, (_, at) => column.at(from + at))
    : Array.from(rows, (_, at) => column.at(from + at));
}
