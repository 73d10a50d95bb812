/**
 * Rankings as an Arrow IPC file: a row an item found, a record batch a block; ids are dictionaries, written once before
 * the first block, so that a row has 16 bytes.
 */
import type { Data, RecordBatch, Schema } from 'apache-arrow';
import type { StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import {
  numRowsOf,
  type EncodedBlock,
  type IdSource,
  type RankingBlock,
  type RankingEncoder,
  type TableOptions,
} from './ranking-encoder.js';
import { maxColumnBytes, sliceStrings } from './string-column.js';

const subjectDictionary = 0;
const foundDictionary = 1;
/** Ids of subjects that are in memory at a time. */
const idsAtOnce = 65_536;

/** @throws AppError 'too-large' for ids that no column of Arrow's holds: together 2 GiB */
export async function arrowRankings({
  columns,
  subjects,
  found,
  metadata,
}: TableOptions): Promise<RankingEncoder> {
  const modules = await loadArrow();
  const { arrow } = modules;
  if (subjects.numBytes > maxColumnBytes) {
    throw new AppError(
      'too-large',
      `the ids of ${subjects.length} ${columns.subject}s take more than 2 GiB`,
      {
        suggestions: ['`format` parquet or ndjson, which have no such limit'],
      },
    );
  }
  const idType = (id: number): InstanceType<typeof arrow.Dictionary> =>
    new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id);
  const types = [idType(subjectDictionary), new arrow.Int32(), idType(foundDictionary), new arrow.Float32()];
  const names = [columns.subject, 'rank', columns.found, columns.score];
  const fields = names.map((name, at) => new arrow.Field(name, types[at]!, false));
  const schema = new arrow.Schema(fields, new Map(metadata));

  const messages = messagesOf(modules, schema);
  /** Where the places of dictionaries are, as `begin` finds them out. */
  const magic = messages.magic();
  const dictionaries = [dictionaryOf(subjects), dictionaryOf(sourceOf(found))].map((of, id) => {
    const header = messages.dictionary(id, of.length, of.regions);
    return { ...of, header, bytes: byteLength(header) + of.bodyBytes };
  });
  // An index says which of the dictionary's values a row has; what the values are, the reader knows from the file.
  const none = arrow.makeVector(arrow.makeData({ type: new arrow.Utf8(), valueOffsets: new Int32Array(1) }));

  function* begin(): Generator<Uint8Array> {
    yield* magic;
    for (const { header, body } of dictionaries) {
      yield* header;
      yield* body();
    }
  }
  const indices = (type: (typeof types)[0], data: Int32Array): Data =>
    arrow.makeData({ type: type as InstanceType<typeof arrow.Dictionary>, data, dictionary: none });

  return {
    begin: () => ({ chunks: begin(), note: {} }),
    block(block): EncodedBlock {
      const rows = numRowsOf(block.ranked);
      const { subject, rank, row, score } = columnsOf(block, rows);
      const children = [
        indices(types[0]!, subject),
        arrow.makeData({ type: new arrow.Int32(), data: rank }),
        indices(types[2]!, row),
        arrow.makeData({ type: new arrow.Float32(), data: score }),
      ];
      const struct = arrow.makeData({ type: new arrow.Struct(fields), length: rows, nullCount: 0, children });
      const { chunks, bodyBytes } = messages.batch(new arrow.RecordBatch(schema, struct));
      return { chunks, note: { rows, bodyBytes } };
    },
    end(written) {
      let start = byteLength(magic);
      const places = dictionaries.map(({ bytes, bodyBytes }) => {
        const place = { start, bytes, bodyBytes };
        start += bytes;
        return place;
      });
      const batches = written.slice(1).map(({ bytes, note }) => {
        const place = { start, bytes, bodyBytes: Number(note['bodyBytes']) };
        start += bytes;
        return place;
      });
      return messages.footer(places, batches);
    },
  };
}

async function loadArrow() {
  const [arrow, message, file] = await Promise.all([
    import('apache-arrow'),
    import('apache-arrow/ipc/metadata/message'),
    import('apache-arrow/ipc/metadata/file'),
  ]);
  return { arrow, message, file };
}

/** Bytes of messages instead of a stream of them. */
function messagesOf({ arrow, message, file }: Awaited<ReturnType<typeof loadArrow>>, schema: Schema) {
  const { DictionaryBatch, RecordBatch: BatchHeader, FieldNode, BufferRegion } = message;
  const { FileBlock } = file;
  class Messages extends arrow.RecordBatchFileWriter {
    #pieces: Uint8Array[] = [];
    constructor() {
      super();
      this._started = true;
      this._schema = schema;
    }
    magic(): Uint8Array[] {
      this._writeSchema();
      return this.#take();
    }
    /** Metadata alone: the body of `bodyBytes` is the caller's. */
    dictionary(
      id: number,
      numValues: number,
      regions: ConstructorParameters<typeof BufferRegion>[],
    ): Uint8Array[] {
      const nodes = [new FieldNode(numValues, 0)];
      const buffers = regions.map(([offset, length]) => new BufferRegion(offset, length));
      const header = new DictionaryBatch(new BatchHeader(numValues, nodes, buffers, null), id);
      const bodyBytes = regions.reduce((sum, [, length]) => sum + padded(Number(length)), 0);
      this._writeMessage(arrow.Message.from(header, bodyBytes));
      return this.#take();
    }
    batch(batch: RecordBatch): { readonly chunks: Uint8Array[]; readonly bodyBytes: number } {
      this._writeRecordBatch(batch);
      const { bodyLength } = this._recordBatchBlocks.at(-1)!;
      return { chunks: this.#take(), bodyBytes: bodyLength };
    }
    footer(dictionaries: readonly Place[], batches: readonly Place[]): Uint8Array[] {
      const blockOf = ({ start, bytes, bodyBytes }: Place): InstanceType<typeof FileBlock> =>
        new FileBlock(bytes - bodyBytes, bodyBytes, start);
      this._dictionaryBlocks = dictionaries.map(blockOf);
      this._recordBatchBlocks = batches.map(blockOf);
      this._writeFooter(schema);
      return this.#take();
    }
    /** They are written once, by `begin`. */
    protected override _writeDictionaries(): this {
      return this;
    }
    protected override _write(chunk: ArrayBufferView): this {
      if (chunk.byteLength > 0)
        this.#pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      return this;
    }
    protected override _writeSchema(): this {
      return this._writeMagic()._writePadding(2);
    }
    #take(): Uint8Array[] {
      const pieces = this.#pieces;
      this.#pieces = [];
      this._recordBatchBlocks = [];
      return pieces;
    }
  }
  return new Messages();
}

/** Where a message is, with its body, which ends it. */
interface Place {
  readonly start: number;
  readonly bytes: number;
  readonly bodyBytes: number;
}

/** The columns of a block: indices of ids, places from 1 on, scores. */
function columnsOf(
  { from, ranked: { k, rows, scores, counts, numQueries } }: RankingBlock,
  numRows: number,
): { subject: Int32Array; rank: Int32Array; row: Int32Array; score: Float32Array } {
  const subject = new Int32Array(numRows);
  const rank = new Int32Array(numRows);
  const row = new Int32Array(numRows);
  const score = new Float32Array(numRows);
  for (let q = 0, to = 0; q < numQueries; q++) {
    const count = counts[q]!;
    for (let at = 0; at < count; at++, to++) {
      subject[to] = from + q;
      rank[to] = at + 1;
      row[to] = rows[q * k + at]!;
      score[to] = scores[q * k + at]!;
    }
  }
  return { subject, rank, row, score };
}

/** A dictionary's values: Utf8 without nulls, so that the body is offsets and text, each padded to 8 bytes. */
function dictionaryOf(ids: IdSource): {
  readonly length: number;
  readonly regions: [number, number][];
  readonly bodyBytes: number;
  readonly body: () => Generator<Uint8Array>;
} {
  const offsetBytes = 4 * (ids.length + 1);
  return {
    length: ids.length,
    regions: [
      [0, 0],
      [0, offsetBytes],
      [padded(offsetBytes), ids.numBytes],
    ],
    bodyBytes: padded(offsetBytes) + padded(ids.numBytes),
    *body() {
      yield new Uint8Array(4);
      let base = 0;
      for (const { offsets, length } of pieces(ids)) {
        const shifted = Int32Array.from({ length }, (_, at) => base + offsets[at + 1]!);
        base = shifted.at(-1)!;
        yield new Uint8Array(shifted.buffer);
      }
      yield new Uint8Array(padded(offsetBytes) - offsetBytes);
      for (const { bytes } of pieces(ids)) yield bytes;
      yield new Uint8Array(padded(ids.numBytes) - ids.numBytes);
    },
  };
}

function* pieces(ids: IdSource): Generator<StringColumn> {
  for (let from = 0; from < ids.length; from += idsAtOnce)
    yield ids.read(from, Math.min(ids.length, from + idsAtOnce));
}

function sourceOf(ids: StringColumn): IdSource {
  return { length: ids.length, numBytes: ids.bytes.length, read: (from, to) => sliceStrings(ids, from, to) };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function byteLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
