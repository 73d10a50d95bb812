/**
 * Rankings as a Parquet file: a row an item found, a row group a block, no compression. Ids are in dictionaries of the
 * row group; whom a row is for is a run of one index, and places and items are bit-packed indices, so that a row takes
 * little more than its score. Pages are encoded here from typed arrays; their headers and the footer are hyparquet-writer's.
 * The format: https://parquet.apache.org/docs/file-format/
 */
import type { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { StringColumn } from '../contracts.js';
import {
  numRowsOf,
  type EncodedBlock,
  type PackedRankings,
  type RankingEncoder,
  type TableOptions,
} from './ranking-encoder.js';

type Footer = Parameters<typeof writeMetadata>[1];
type Chunk = Footer['row_groups'][number]['columns'][number];
type PageHeader = Parameters<typeof writePageHeader>[1];

const magic = 'PAR1';

/** A page: what its header says, and its body. */
interface Page {
  readonly header: PageHeader;
  readonly body: Uint8Array;
}

export async function parquetRankings({ columns, found, metadata }: TableOptions): Promise<RankingEncoder> {
  const [{ ByteWriter }, pages, footers] = await Promise.all([
    import('hyparquet-writer'),
    import('hyparquet-writer/src/datapage.js'),
    import('hyparquet-writer/src/metadata.js'),
  ]);
  const schema = schemaOf([columns.subject, 'rank', columns.found, columns.score]);
  const localIndices = openLocalIndices(found.length);

  return {
    begin: () => ({ chunks: [Buffer.from(magic)], note: { rows: 0, pageBytes: [] } }),
    block({ subjects, ranked }): EncodedBlock {
      const rows = numRowsOf(ranked);
      if (rows === 0) return { chunks: [], note: { rows, pageBytes: [] } };
      const { indices, distinct } = localIndices(ranked, rows);
      const numPlaces = ranked.counts.reduce((most, count) => Math.max(most, count), 0);
      const all: Page[] = [
        dictionaryPage(textValues(subjects), subjects.length),
        indexPage(rows, subjectRuns(ranked, bitWidth(subjects.length))),
        dictionaryPage(placeValues(numPlaces), numPlaces),
        indexPage(rows, bitPacked(places(ranked, rows), bitWidth(numPlaces))),
        dictionaryPage(textValues(found, distinct), distinct.length),
        indexPage(rows, bitPacked(indices, bitWidth(distinct.length))),
        dataPage('PLAIN', rows, scoreValues(ranked, rows)),
      ];
      const chunks = all.flatMap(({ header, body }) => {
        const writer = new ByteWriter();
        pages.writePageHeader(writer, header);
        return [writer.getBytes(), body];
      });
      const pageBytes = all.map((_, at) => chunks[2 * at]!.length + chunks[2 * at + 1]!.length);
      return { chunks, note: { rows, pageBytes } };
    },
    end(written) {
      const rowGroups: Footer['row_groups'] = [];
      let start = 0;
      let total = 0;
      for (const { bytes, note } of written) {
        const rows = Number(note['rows']);
        total += rows;
        if (rows > 0) rowGroups.push(rowGroupOf(schema, rows, note['pageBytes'] as readonly number[], start));
        start += bytes;
      }
      const writer = new ByteWriter();
      footers.writeMetadata(writer, {
        version: 2,
        created_by: 'segue',
        schema,
        num_rows: BigInt(total),
        row_groups: rowGroups,
        key_value_metadata: [...metadata].map(([key, value]) => ({ key, value })),
        metadata_length: 0,
      });
      return [writer.getBytes(), Buffer.from(magic)];
    },
  };
}

function schemaOf([subject, rank, found, score]: readonly string[]): Footer['schema'] {
  const required = { repetition_type: 'REQUIRED' } as const;
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;
  return [
    { name: 'schema', num_children: 4 },
    { ...text, ...required, name: subject! },
    { type: 'INT32', ...required, name: rank! },
    { ...text, ...required, name: found! },
    { type: 'FLOAT', ...required, name: score! },
  ];
}

/** @param pageBytes of a dictionary and a data page of each column, but the last, which has data alone */
function rowGroupOf(
  schema: Footer['schema'],
  rows: number,
  pageBytes: readonly number[],
  start: number,
): Footer['row_groups'][number] {
  let offset = start;
  const columns = schema.slice(1).map(({ name, type }, at): Chunk => {
    const bytes = pageBytes.slice(2 * at, 2 * at + 2);
    const isDictionary = bytes.length === 2;
    const total = BigInt(bytes.reduce((sum, each) => sum + each, 0));
    const first = offset;
    offset += Number(total);
    return {
      file_offset: BigInt(first),
      meta_data: {
        type: type!,
        encodings: isDictionary ? ['PLAIN', 'RLE_DICTIONARY'] : ['PLAIN'],
        path_in_schema: [name],
        codec: 'UNCOMPRESSED',
        num_values: BigInt(rows),
        total_uncompressed_size: total,
        total_compressed_size: total,
        ...(isDictionary ? { dictionary_page_offset: BigInt(first) } : {}),
        data_page_offset: BigInt(first + (isDictionary ? bytes[0]! : 0)),
      },
    };
  });
  const bytes = BigInt(offset - start);
  return { columns, total_byte_size: bytes, total_compressed_size: bytes, num_rows: BigInt(rows) };
}

function dictionaryPage(body: Uint8Array, numValues: number): Page {
  const sizes = { uncompressed_page_size: body.length, compressed_page_size: body.length };
  const header = { num_values: numValues, encoding: 'PLAIN' } as const;
  return { header: { type: 'DICTIONARY_PAGE', ...sizes, dictionary_page_header: header }, body };
}

function dataPage(encoding: 'PLAIN' | 'RLE_DICTIONARY', rows: number, body: Uint8Array): Page {
  const sizes = { uncompressed_page_size: body.length, compressed_page_size: body.length };
  // Columns are required, so that there are no levels, whatever their encoding is said to be.
  const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
  const header = { num_values: rows, encoding, ...levels };
  return { header: { type: 'DATA_PAGE', ...sizes, data_page_header: header }, body };
}

function indexPage(rows: number, body: Uint8Array): Page {
  return dataPage('RLE_DICTIONARY', rows, body);
}

/** Bits of an index below `count`; never 0, which not every reader takes. */
function bitWidth(count: number): number {
  return Math.max(1, 32 - Math.clz32(count - 1));
}

/** Strings as PLAIN has them: u32 length, then UTF-8. All rows, or those given. */
function textValues({ bytes, offsets, length }: StringColumn, rows?: Uint32Array): Uint8Array {
  const count = rows?.length ?? length;
  let size = 4 * count;
  for (let at = 0; at < count; at++) {
    const row = rows === undefined ? at : rows[at]!;
    size += offsets[row + 1]! - offsets[row]!;
  }
  const values = Buffer.allocUnsafe(size);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let to = 0;
  for (let at = 0; at < count; at++) {
    const row = rows === undefined ? at : rows[at]!;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    to = values.writeUInt32LE(end - start, to);
    to += text.copy(values, to, start, end);
  }
  return values;
}

/** The places from 1 on as i32. */
function placeValues(numPlaces: number): Uint8Array {
  return new Uint8Array(Int32Array.from({ length: numPlaces }, (_, at) => at + 1).buffer);
}

function places({ counts, numQueries }: PackedRankings, rows: number): Uint32Array {
  const places = new Uint32Array(rows);
  for (let q = 0, to = 0; q < numQueries; q++) for (let at = 0; at < counts[q]!; at++) places[to++] = at;
  return places;
}

function scoreValues({ k, scores, counts, numQueries }: PackedRankings, rows: number): Uint8Array {
  const values = new Float32Array(rows);
  for (let q = 0, to = 0; q < numQueries; q++) {
    values.set(scores.subarray(q * k, q * k + counts[q]!), to);
    to += counts[q]!;
  }
  return new Uint8Array(values.buffer);
}

/** For each block: which rows are found in it, by their first place, and for every place the index of its row among them. */
function openLocalIndices(
  numRows: number,
): (ranked: PackedRankings, total: number) => { indices: Uint32Array; distinct: Uint32Array } {
  /** [numRows] index + 1 in the block at hand; 0 for a row that is not in it. */
  const indexOf = new Uint32Array(numRows);
  return ({ k, rows, counts, numQueries }, total) => {
    const indices = new Uint32Array(total);
    const distinct = new Uint32Array(Math.min(total, numRows));
    let numDistinct = 0;
    for (let q = 0, to = 0; q < numQueries; q++) {
      for (let at = q * k; at < q * k + counts[q]!; at++) {
        const row = rows[at]!;
        if (indexOf[row] === 0) {
          distinct[numDistinct++] = row;
          indexOf[row] = numDistinct;
        }
        indices[to++] = indexOf[row]! - 1;
      }
    }
    for (let at = 0; at < numDistinct; at++) indexOf[distinct[at]!] = 0;
    return { indices, distinct: distinct.subarray(0, numDistinct) };
  };
}

/** Bit width, then one bit-packed run of all values, least significant bit first, filled up to a multiple of 8 values. */
function bitPacked(values: Uint32Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const packed = Buffer.alloc(1 + mostVarIntBytes + groups * width);
  packed[0] = width;
  const start = varInt(packed, 1, 2 * groups + 1);
  let to = start;
  let bits = 0;
  let numBits = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    bits |= value << numBits;
    numBits += width;
    if (numBits < 32) continue;
    to = packed.writeUInt32LE(bits >>> 0, to);
    numBits -= 32;
    // The upper bits of a value that reaches into the next word.
    bits = numBits === 0 ? 0 : value >>> (width - numBits);
  }
  for (; numBits > 0; numBits -= 8, bits >>>= 8) packed[to++] = bits & 0xff;
  return packed.subarray(0, start + groups * width);
}

/** Bit width, then a run a subject: how often, and which. */
function subjectRuns({ counts, numQueries }: PackedRankings, width: number): Uint8Array {
  const valueBytes = Math.ceil(width / 8);
  const runs = Buffer.allocUnsafe(1 + numQueries * (mostVarIntBytes + valueBytes));
  runs[0] = width;
  let to = 1;
  for (let q = 0; q < numQueries; q++) {
    if (counts[q] === 0) continue;
    to = varInt(runs, to, 2 * counts[q]!);
    for (let byte = 0; byte < valueBytes; byte++) runs[to++] = (q >>> (8 * byte)) & 0xff;
  }
  return runs.subarray(0, to);
}

/** Of a number below 2^32. */
const mostVarIntBytes = 5;

/** LEB128. Returns where it ends. */
function varInt(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  for (; rest > 0x7f; rest >>>= 7) target[to++] = (rest & 0x7f) | 0x80;
  target[to++] = rest;
  return to;
}
