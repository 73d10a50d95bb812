/**
 * .npz files of numpy.savez and of `export`: a zip archive of .npy files, stored and not deflated. The directory at its end
 * says where each stands (PKWARE's APPNOTE 6.3); sums are compared before anything is taken.
 */
import { crc32 } from 'node:zlib';
import { readFully } from '../files/read-fully.js';
import type { VectorColumnChoice } from '../tables/vector-columns.js';
import { idsOfArray } from './foreign-ids.js';
import { openForeignMatrix, type FilePart } from './foreign-npy.js';
import { badFile, openForeignFile, type VectorRows } from './vector-rows.js';

/** A directory's end, with the longest comment. */
const mostEndBytes = 22 + 0xffff;
const blockBytes = 4 << 20;

/** The matrix `vectors` with the text or numbers `ids`, or those that `choice` names. AppError 'bad-input-file'. */
export function openForeignArchive(
  path: string,
  choice: VectorColumnChoice,
  signal: AbortSignal,
): VectorRows {
  const names = [choice.vector ?? 'vectors', choice.id ?? 'ids'] as const;
  const parts = findParts(path, names);
  const [vectors, ids] = names.map((name) => parts.found.get(name));
  const missing = vectors === undefined ? names[0] : ids === undefined ? choice.id : undefined;
  if (vectors === undefined || missing !== undefined) {
    const option = vectors === undefined ? '`vectorColumn`' : '`idColumn`';
    throw badFile(path, `has no array "${missing ?? ''}"; it has: ${parts.all.join(', ')}`, [
      `say which it is: ${option} NAME`,
    ]);
  }
  const matrix = openForeignMatrix(path, signal, vectors);
  return {
    ...matrix,
    async read(each) {
      const beside = await matrix.read(each);
      return ids === undefined ? beside : { ...beside, ids: idsOfArray(path, ids) };
    },
  };
}

/** Where the arrays of these names stand, and the names of all. */
function findParts(
  path: string,
  names: readonly string[],
): { readonly found: ReadonlyMap<string, FilePart>; readonly all: readonly string[] } {
  const { fd, size, close } = openForeignFile(path);
  const bytesAt = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    if (bytes.length < length || readFully(fd, bytes, offset) < length) {
      throw badFile(path, 'is no whole .npz archive: it is cut or damaged');
    }
    return bytes;
  };
  try {
    const tail = bytesAt(Math.max(0, size - mostEndBytes), Math.min(size, mostEndBytes));
    const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    if (end < 0 || end + 22 > tail.length)
      throw badFile(path, 'is no whole .npz archive: it has no directory');
    const directory = bytesAt(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    const found = new Map<string, FilePart>();
    const all: string[] = [];
    for (let at = 0; at + 46 <= directory.length;) {
      const nameBytes = directory.readUInt16LE(at + 28);
      const name = directory.toString('utf8', at + 46, at + 46 + nameBytes).replace(/\.npy$/, '');
      all.push(name);
      if (names.includes(name)) {
        const bytes = directory.readUInt32LE(at + 24);
        if (directory.readUInt16LE(at + 10) !== 0 || bytes === 0xffffffff) {
          throw badFile(path, `holds ${name} compressed, or of 2 GiB or more, which is not read`, [
            `save it by numpy.save("${name}.npy", archive["${name}"]), or the archive by numpy.savez`,
          ]);
        }
        const local = directory.readUInt32LE(at + 42);
        const header = bytesAt(local, 30);
        const offset = local + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
        let sum = 0;
        for (let done = 0; done < bytes; done += blockBytes) {
          sum = crc32(bytesAt(offset + done, Math.min(blockBytes, bytes - done)), sum);
        }
        if (sum !== directory.readUInt32LE(at + 16))
          throw badFile(path, `is damaged: the sum of ${name} is another`);
        found.set(name, { offset, bytes });
      }
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return { found, all };
  } finally {
    close();
  }
}
