/**
 * The layout of an LMDB file as lmdb 3.5 writes it (data version 2, 64-bit, little-endian, pages of 4,096 bytes):
 * offsets only, from `mdb.c` of that package. Tests read every file with LMDB itself as well.
 */

export const pageBytes = 4096;
export const pageFlag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;
export const nodeFlag = { bigData: 0x01 } as const;

/** MDB_page_header: u64 number, u64 txnid, u16 pad, u16 flags, u16 lower, u16 upper; then u16 node offsets. */
export const pageHeader = { number: 0, flags: 18, lower: 20, bytes: 24 } as const;

/** MDB_node: u16 low, u16 high (data size; in branches the page number, with flags on top), u16 flags, u16 key size. */
export const node = { low: 0, high: 2, flags: 4, keySize: 6, bytes: 8 } as const;

/** MDB_meta, from the start of pages 0 and 1; the one with the larger txnid counts. */
export const meta = {
  magic: 24,
  version: 28,
  /** The page size is the `pad` of the free-space database. */
  pageSize: 48,
  /** MDB_db of the main database: u32 pad, u16 flags, u16 depth, 3 × u64 pages, u64 entries, u64 root. */
  mainFlags: 100,
  mainEntries: 128,
  mainRoot: 136,
  lastPage: 144,
  txnid: 152,
  /** The kernel's boot id, which lmdb-js adds to LMDB's own fields. */
  bootId: 160,
} as const;

export const lmdbMagic = 0xbeefc0de;
export const lmdbVersion = 2;
/** The root of a database without entries. */
export const noPage = 0xffff_ffff_ffff_ffffn;
