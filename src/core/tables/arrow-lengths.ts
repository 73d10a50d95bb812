/**
 * The lengths that an Arrow file's metadata states, held against the bytes that are there, before apache-arrow believes
 * them: it counts to whatever a vector says it holds, 2^31 for example, and takes minutes over it. Looks only at what
 * segue's tables have (plain columns, one record batch) and refuses the rest: dictionaries, nested columns, compression.
 *
 * The metadata are FlatBuffers (https://flatbuffers.dev/internals); the tables are those of Arrow's format/*.fbs. A
 * read outside of them is a RangeError of DataView's.
 */

/** Before the footer's length at the end of the file: i32, then the magic. */
const trailerBytes = 10;
const magicBytes = 8;
/** Of a message in a file: a continuation marker, and the length of the metadata. */
const prefixBytes = 8;
const recordBatchHeader = 3;

/** Fields by their place in format/File.fbs, Schema.fbs and Message.fbs. */
const footerField = { schema: 1, dictionaries: 2, recordBatches: 3 } as const;
const schemaField = { fields: 1, metadata: 2 } as const;
const columnField = { name: 0, dictionary: 4, children: 5, metadata: 6 } as const;
const messageField = { headerType: 1, header: 2, bodyLength: 3, metadata: 4 } as const;
const batchField = { length: 0, nodes: 1, buffers: 2, compression: 3, variadicCounts: 4 } as const;
const blockBytes = 24;
const pairBytes = 16;
/** Validity, offsets, values. */
const mostBuffersAColumn = 3;

/** What is wrong with the metadata of a file, or undefined. Throws RangeError where they lead outside of themselves. */
export function problemOfLengths(file: Uint8Array): string | undefined {
  const all = viewOf(file);
  const footerBytes = all.getInt32(file.length - trailerBytes, true);
  const footerStart = file.length - trailerBytes - footerBytes;
  if (footerBytes <= 0 || footerStart < magicBytes) return 'its footer is longer than the file';

  const footer = rootOf(file.subarray(footerStart, footerStart + footerBytes));
  if (vectorOf(footer, footerField.dictionaries, blockBytes).length > 0) return 'it has dictionaries';
  const blocks = vectorOf(footer, footerField.recordBatches, blockBytes);
  if (blocks.length !== 1) return 'it does not have one record batch';
  const schema = tableIn(footer, footerField.schema);
  if (schema === undefined) return 'it has no schema';
  const columns = vectorOf(schema, schemaField.fields, 4);
  const columnProblem = problemOfColumns(schema, columns);
  if (columnProblem !== undefined) return columnProblem;

  const offset = Number(footer.view.getBigInt64(blocks.start, true));
  const metadataBytes = footer.view.getInt32(blocks.start + 8, true);
  const bodyBytes = Number(footer.view.getBigInt64(blocks.start + 16, true));
  if (
    !isRange(offset, metadataBytes, footerStart) ||
    !isRange(offset + metadataBytes, bodyBytes, footerStart)
  ) {
    return 'its record batch is not where the footer says';
  }
  return problemOfMessage(file.subarray(offset, offset + metadataBytes), columns.length, bodyBytes);
}

/** Where a column of text lies in a file: its offsets, i32 [numRows + 1], and its bytes. */
export interface TextPlace {
  readonly numRows: number;
  readonly offsetsStart: number;
  readonly textStart: number;
  readonly textBytes: number;
  /** Of the second column, which is u32 [numRows] in every table that begins with ids: how often each is there. */
  readonly countsStart: number;
  readonly countsBytes: number;
}

/**
 * Where the first column, which is text, and the counts after it lie in a file of segue's, without reading the whole of it; undefined where the
 * file is not like that. Throws RangeError where its metadata lead outside of themselves.
 * @param read bytes of the file, from `start` on
 */
export function firstTextColumn(
  fileBytes: number,
  name: string,
  read: (start: number, length: number) => Uint8Array,
): TextPlace | undefined {
  if (fileBytes < magicBytes + trailerBytes) return undefined;
  const footerBytes = viewOf(read(fileBytes - trailerBytes, 4)).getInt32(0, true);
  const footerStart = fileBytes - trailerBytes - footerBytes;
  if (footerBytes <= 0 || footerStart < magicBytes) return undefined;
  const footer = rootOf(read(footerStart, footerBytes));
  const blocks = vectorOf(footer, footerField.recordBatches, blockBytes);
  const schema = tableIn(footer, footerField.schema);
  if (schema === undefined || blocks.length !== 1 || nameOfFirst(schema) !== name) return undefined;

  const offset = Number(footer.view.getBigInt64(blocks.start, true));
  const metadataBytes = footer.view.getInt32(blocks.start + 8, true);
  if (!isRange(offset, metadataBytes, footerStart) || metadataBytes <= prefixBytes) return undefined;
  const message = rootOf(read(offset + prefixBytes, metadataBytes - prefixBytes));
  const batch = tableIn(message, messageField.header);
  if (batch === undefined) return undefined;
  const buffers = [...pairsOf(batch.view, vectorOf(batch, batchField.buffers, pairBytes))];
  const [offsetsAt, offsetBytes] = buffers[1] ?? [0, 0];
  const [textAt, textBytes] = buffers[2] ?? [0, 0];
  const [countsAt, countsBytes] = buffers[4] ?? [0, 0];
  const numRows = longAt(batch, batchField.length);
  const body = offset + metadataBytes;
  const fits =
    isRange(body + offsetsAt, offsetBytes, footerStart) &&
    isRange(body + textAt, textBytes, footerStart) &&
    isRange(body + countsAt, countsBytes, footerStart) &&
    (numRows === 0 || 4 * (numRows + 1) <= offsetBytes);
  if (!fits) return undefined;
  const [offsetsStart, textStart, countsStart] = [body + offsetsAt, body + textAt, body + countsAt];
  return { numRows, offsetsStart, textStart, textBytes, countsStart, countsBytes };
}

/** The name of a schema's first column. */
function nameOfFirst(schema: Table): string | undefined {
  const columns = vectorOf(schema, schemaField.fields, 4);
  if (columns.length === 0) return undefined;
  const column = tableAt(schema.view, indirect(schema.view, columns.start));
  const { start, length } = vectorOf(column, columnField.name, 1);
  return Buffer.from(schema.view.buffer, schema.view.byteOffset + start, length).toString('utf8');
}

function problemOfColumns(schema: Table, columns: Vector): string | undefined {
  if (vectorOf(schema, schemaField.metadata, 4).length > 0)
    return 'its schema has metadata of another writer';
  let nameBytes = 0;
  for (let at = 0; at < columns.length; at++) {
    const column = tableAt(schema.view, indirect(schema.view, columns.start + 4 * at));
    const isPlain =
      fieldAt(column, columnField.dictionary) === undefined &&
      vectorOf(column, columnField.children, 4).length === 0 &&
      vectorOf(column, columnField.metadata, 4).length === 0;
    if (!isPlain) return `its column ${at} is not a plain one`;
    nameBytes += vectorOf(column, columnField.name, 1).length;
    // Two columns may share the bytes of a name only in a file that was made to take long.
    if (nameBytes > schema.view.byteLength) return 'its columns share their names';
  }
  return undefined;
}

/** @param message begins with a continuation marker and the length of the metadata, i32 each */
function problemOfMessage(message: Uint8Array, numColumns: number, bodyBytes: number): string | undefined {
  const prefix = viewOf(message);
  const start = prefix.getInt32(0, true) === -1 ? 8 : 4;
  const metadataBytes = prefix.getInt32(start - 4, true);
  if (!isRange(start, metadataBytes, message.length)) return 'its record batch is cut';
  const table = rootOf(message.subarray(start, start + metadataBytes));
  const headerType = fieldAt(table, messageField.headerType);
  if (headerType === undefined || table.view.getUint8(headerType) !== recordBatchHeader) {
    return 'its record batch is none';
  }
  if (longAt(table, messageField.bodyLength) !== bodyBytes) return 'its record batch has two lengths';
  if (vectorOf(table, messageField.metadata, 4).length > 0) return 'its record batch has metadata';

  const batch = tableIn(table, messageField.header);
  if (batch === undefined) return 'its record batch is none';
  const isPlain =
    fieldAt(batch, batchField.compression) === undefined &&
    vectorOf(batch, batchField.variadicCounts, 8).length === 0;
  if (!isPlain) return 'its record batch is not a plain one';
  const numRows = longAt(batch, batchField.length);
  const nodes = vectorOf(batch, batchField.nodes, pairBytes);
  const buffers = vectorOf(batch, batchField.buffers, pairBytes);
  if (nodes.length !== numColumns || buffers.length > mostBuffersAColumn * numColumns) {
    return `its record batch has ${nodes.length} columns, the schema ${numColumns}`;
  }
  for (const [length, nullCount] of pairsOf(batch.view, nodes)) {
    if (length !== numRows || !isRange(0, nullCount, numRows))
      return `a column does not have ${numRows} rows`;
  }
  for (const [offset, length] of pairsOf(batch.view, buffers)) {
    if (!isRange(offset, length, bodyBytes)) return 'a column lies outside of the record batch';
  }
  return undefined;
}

/** A table of a FlatBuffer: where it starts, and its list of fields. */
interface Table {
  readonly view: DataView;
  readonly start: number;
}

interface Vector {
  /** Of its first element. */
  readonly start: number;
  readonly length: number;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function rootOf(bytes: Uint8Array): Table {
  const view = viewOf(bytes);
  return tableAt(view, indirect(view, 0));
}

function tableAt(view: DataView, start: number): Table {
  return { view, start };
}

function indirect(view: DataView, at: number): number {
  return at + view.getInt32(at, true);
}

/** Where a field's value stands, or undefined where the table leaves it out. */
function fieldAt({ view, start }: Table, field: number): number | undefined {
  const fields = start - view.getInt32(start, true);
  const place = 4 + 2 * field;
  const offset = place < view.getUint16(fields, true) ? view.getUint16(fields + place, true) : 0;
  return offset === 0 ? undefined : start + offset;
}

function tableIn(table: Table, field: number): Table | undefined {
  const at = fieldAt(table, field);
  return at === undefined ? undefined : tableAt(table.view, indirect(table.view, at));
}

function longAt(table: Table, field: number): number {
  const at = fieldAt(table, field);
  return at === undefined ? 0 : Number(table.view.getBigInt64(at, true));
}

/** Empty where it is left out. Throws RangeError where it says that it is longer than what it stands in. */
function vectorOf(table: Table, field: number, elementBytes: number): Vector {
  const at = fieldAt(table, field);
  if (at === undefined) return { start: 0, length: 0 };
  const { view } = table;
  const vector = indirect(view, at);
  const length = view.getInt32(vector, true);
  if (!isRange(vector + 4, length * elementBytes, view.byteLength)) {
    throw new RangeError(`${length} elements of ${elementBytes} bytes at ${vector} of ${view.byteLength}`);
  }
  return { start: vector + 4, length };
}

/** The two i64 of each struct of a vector. */
function* pairsOf(view: DataView, { start, length }: Vector): Generator<readonly [number, number]> {
  for (let at = start; at < start + length * pairBytes; at += pairBytes) {
    yield [Number(view.getBigInt64(at, true)), Number(view.getBigInt64(at + 8, true))];
  }
}

/** Whether `length` bytes (or rows) from `start` on lie in 0 … end. */
function isRange(start: number, length: number, end: number): boolean {
  return start >= 0 && length >= 0 && start + length <= end;
}
