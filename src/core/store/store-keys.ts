/**
 * The keys and values of a store, said once (docs/reference/formats.md has the same table). A key is a letter, the kind, a zero
 * byte, and what is looked up; numbers in keys are big-endian, so that they sort as numbers, in values little-endian.
 *
 *   c kind 0                       → u32 number of rows
 *   i kind 0 id                    → u32 row
 *   n kind 0 sha256(folded name)   → u32 rows that have the name, ascending (of the hash the first 16 bytes)
 *   r kind 0 u32 row               → the record, as JSON text
 *   s kind 0 u32 block             → texts of `rowsPerBlock` rows for search
 */
import { hash } from 'node:crypto';

/** Ids are 1–1,024 bytes of UTF-8; LMDB itself takes keys of at most 1,978. */
export const maxIdBytes = 1024;
export const rowsPerBlock = 1024;
export const nameHashBytes = 16;

/** In the order in which keys sort. */
export type KeyLetter = 'c' | 'i' | 'n' | 'r' | 's';

const kindPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** The bytes that all keys of a letter and kind begin with. */
export function keyPrefix(letter: KeyLetter, kind: string): Buffer {
  if (!kindPattern.test(kind)) throw new RangeError(`"${kind}" is not the name of a kind`);
  return Buffer.from(`${letter}${kind}\0`, 'latin1');
}

export function countKey(kind: string): Buffer {
  return keyPrefix('c', kind);
}

/** The key of an id, or undefined for text that is no id: empty or longer than `maxIdBytes`. */
export function idKey(kind: string, id: string): Buffer | undefined {
  const bytes = Buffer.from(id, 'utf8');
  if (bytes.length === 0 || bytes.length > maxIdBytes) return undefined;
  return Buffer.concat([keyPrefix('i', kind), bytes]);
}

export function nameKey(kind: string, foldedName: string): Buffer {
  return Buffer.concat([keyPrefix('n', kind), Buffer.from(nameHash(foldedName), 'hex')]);
}

/** In hex. Two names may share a hash, by accident or intent: whoever looks one up compares the names themselves. */
export function nameHash(foldedName: string): string {
  return hash('sha256', foldedName, 'hex').slice(0, 2 * nameHashBytes);
}

export function recordKey(kind: string, row: number): Buffer {
  return numberedKey('r', kind, row);
}

export function blockKey(kind: string, block: number): Buffer {
  return numberedKey('s', kind, block);
}

function numberedKey(letter: KeyLetter, kind: string, number: number): Buffer {
  const prefix = keyPrefix(letter, kind);
  const key = Buffer.alloc(prefix.length + 4);
  prefix.copy(key);
  key.writeUInt32BE(number, prefix.length);
  return key;
}
