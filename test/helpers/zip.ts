/** Zip archives, written by hand so that they can be wrong. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string | Buffer;
  readonly data: string | Buffer;
  /** Bits of the general purpose flag; 1 is encrypted. */
  readonly flags?: number;
  /** 0 stored, 8 deflated (the default); others are stored under that number. */
  readonly method?: number;
  readonly crc?: number;
  /** The size that is stated. */
  readonly size?: number;
  readonly isLink?: boolean;
  /** Whether sizes and the offset stand in an extra field of 64 bits. */
  readonly zip64?: boolean;
  /** Whether the entry before this one has the same bytes. */
  readonly overlaps?: boolean;
}

export function zipOf(...entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let end = 0;
  let offset = 0;
  for (const entry of entries) {
    const { flags = 0, method = 8, isLink = false, zip64 = false, overlaps = false } = entry;
    const name = Buffer.from(entry.name);
    const data = Buffer.from(entry.data);
    const packed = method === 8 ? deflateRawSync(data) : data;
    const sizes = [packed.length, entry.size ?? data.length];
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(isLink ? 3 << 8 : 0, 4);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt32LE(entry.crc ?? crc32(data), 16);
    sizes.forEach((size, at) => header.writeUInt32LE(zip64 ? 0xffffffff : size, 20 + 4 * at));
    header.writeUInt16LE(name.length, 28);
    header.writeUInt32LE(isLink ? 0xa1ff0000 : 0, 38);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), header.subarray(6, 32)]);
    if (!overlaps) {
      offset = end;
      parts.push(local, name, packed);
      end += local.length + name.length + packed.length;
    }
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [...sizes].reverse().forEach((size, at) => extra.writeBigUInt64LE(BigInt(size), 4 + 8 * at));
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    header.writeUInt16LE(extra.length, 30);
    header.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
    directory.push(header, name, extra);
  }
  const list = Buffer.concat(directory);
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50, 0);
  tail.writeUInt16LE(entries.length, 8);
  tail.writeUInt16LE(entries.length, 10);
  tail.writeUInt32LE(list.length, 12);
  tail.writeUInt32LE(end, 16);
  return Buffer.concat([...parts, list, tail]);
}
