/** Blobs of frames as what they hold: they are memory of their own. */
import type { StringColumn } from '../../contracts.js';
import type { TextColumn } from './event-batch.js';
import { stringColumnFrom } from '../../tables/string-column.js';

export function u32In(blob: Uint8Array | undefined): Uint32Array {
  const { buffer, byteOffset, byteLength } = required(blob);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

export function f64In(blob: Uint8Array | undefined): Float64Array {
  const { buffer, byteOffset, byteLength } = required(blob);
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

export function i64In(blob: Uint8Array | undefined): BigInt64Array {
  const { buffer, byteOffset, byteLength } = required(blob);
  return new BigInt64Array(buffer, byteOffset, byteLength / 8);
}

/** Of offsets i32 from 0, and UTF-8. */
export function idsIn(offsets: Uint8Array | undefined, bytes: Uint8Array | undefined): StringColumn {
  const { buffer, byteOffset, byteLength } = required(offsets);
  return stringColumnFrom(required(bytes), new Int32Array(buffer, byteOffset, byteLength / 4));
}

/** The same, as rows are read. */
export function textIn(offsets: Uint8Array | undefined, bytes: Uint8Array | undefined): TextColumn {
  const column = idsIn(offsets, bytes);
  const { buffer, byteOffset, byteLength } = column.bytes;
  return { bytes: Buffer.from(buffer, byteOffset, byteLength), offsets: column.offsets as Int32Array };
}

function required(blob: Uint8Array | undefined): Uint8Array {
  if (blob === undefined) throw new RangeError('an array is missing');
  return blob;
}
