/** An Arrow file (Feather) or stream as JSON Lines, which DuckDB reads without another extension. */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type * as Arrow from 'apache-arrow';
import type { DataType, RecordBatch } from 'apache-arrow';
import { AppError, abortError, errnoOf } from '../../errors.js';
import { readHead, type InputFile, type ReadingContext } from '../files/input-file.js';
import { scratchError } from '../files/scratch-directory.js';

type ArrowModule = typeof Arrow;

function isArrow(head: Buffer): boolean {
  return head.toString('latin1', 0, 6) === 'ARROW1' || head.toString('latin1', 0, 4) === '\xff\xff\xff\xff';
}

/** A file that can be read without reading Arrow. AppErrors as `arrowAsLines`. */
export async function withoutArrow(file: InputFile, context: ReadingContext): Promise<InputFile> {
  return isArrow(file.head) ? await arrowAsLines(file, context) : file;
}

/** The same rows; days and times in ISO 8601, numbers of 64 bits as they are. AppError 'bad-input-file'. */
async function arrowAsLines(file: InputFile, context: ReadingContext): Promise<InputFile> {
  const arrow = await import('apache-arrow');
  const path = `${file.path}.jsonl`;
  try {
    const reader = await arrow.RecordBatchReader.from(createReadStream(file.path));
    await pipeline(
      Readable.from(linesOf(arrow, reader, file.name, context)),
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
      { signal: context.signal },
    );
  } catch (error) {
    if (context.signal.aborted) throw abortError(context.signal);
    if (errnoOf(error) !== undefined) throw scratchError(error, `copy ${file.name} to a temporary file`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('bad-input-file', `${file.name} cannot be read as Arrow`, {
      suggestions: ['Write it without compression, or as Parquet.'],
      details: { file: file.name, reason },
      cause: error,
    });
  }
  const { size } = await stat(path);
  return { ...file, path, from: 'arrow', bytes: size, head: await readHead(file.name, path) };
}

async function* linesOf(
  arrow: ArrowModule,
  batches: AsyncIterable<RecordBatch>,
  name: string,
  { onProgress }: ReadingContext,
): AsyncGenerator<string> {
  let done = 0;
  for await (const batch of batches) {
    const columns = batch.schema.fields.map((field, at) => {
      return {
        key: `${JSON.stringify(field.name)}:`,
        text: writerOf(arrow, field.type as DataType),
        vector: batch.getChildAt(at)!,
      };
    });
    const lines: string[] = [];
    for (let row = 0; row < batch.numRows; row++) {
      const cells = columns.flatMap(({ key, text, vector }) => {
        const value: unknown = vector.get(row);
        return value === null ? [] : [key + text(value)];
      });
      lines.push(`{${cells.join(',')}}\n`);
    }
    done += batch.numRows;
    onProgress({ kind: 'step', phase: `reading ${name}`, done, total: undefined, unit: 'rows' });
    yield lines.join('');
  }
}

/** How values of a type are written. */
function writerOf({ DataType: is }: ArrowModule, type: DataType): (value: unknown) => string {
  if (is.isDictionary(type)) return writerOf({ DataType: is } as ArrowModule, type.dictionary as DataType);
  if (is.isTimestamp(type)) return (value) => `"${new Date(Number(value)).toISOString()}"`;
  if (is.isDate(type)) return (value) => `"${new Date(Number(value)).toISOString().slice(0, 10)}"`;
  return (value) => {
    if (typeof value === 'bigint') return String(value);
    return JSON.stringify(value, (_, each: unknown) => {
      if (typeof each !== 'bigint') return each;
      return Number.isSafeInteger(Number(each)) ? Number(each) : String(each);
    });
  };
}
