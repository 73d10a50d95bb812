/** Files that are neither text nor Parquet, by their first bytes: what each is, and what to do about it. */
export interface ForeignFile {
  /** The end of a sentence that begins with the file's name and "is". */
  readonly what: string;
  /** With FILE for the file; it begins `Unpack` where that makes data of it. */
  readonly instead: string;
}

const asCsv = 'Save it as CSV (UTF-8), or as Parquet.';

const byMagic: readonly (readonly [magic: string, what: string, instead: string])[] = [
  // What is packed once is read.
  ['\x1f\x8b', 'compressed with gzip, in what was packed already', 'Unpack it once before: gunzip -k FILE'],
  [
    '\x28\xb5\x2f\xfd',
    'compressed with zstd, in what was packed already',
    'Unpack it once before: unzstd FILE',
  ],
  ['BZh', 'compressed with bzip2', 'Unpack it first: bunzip2 -k FILE'],
  ['\xfd7zXZ', 'compressed with xz', 'Unpack it first: unxz -k FILE'],
  ['\x04\x22\x4d\x18', 'compressed with lz4', 'Unpack it first: lz4 -d FILE'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', 'Unpack it first: 7z x FILE'],
  ['Rar!\x1a\x07', 'a RAR archive', 'Unpack it first: unrar x FILE'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an old Excel workbook (.xls), or another Office file', asCsv],
  [
    'SQLite format 3\0',
    'an SQLite database',
    "Pipe a query of it in: sqlite3 -header -csv FILE 'select …' | segue … -",
  ],
  ['ORC', 'an ORC file', 'Write it as Parquet.'],
  ['Obj\x01', 'an Avro file', 'Write it as Parquet.'],
  ['\x89HDF\r\n\x1a\n', 'an HDF5 file', 'Write the table as Parquet or CSV.'],
  [
    '\x93NUMPY',
    'a NumPy array',
    'Write its rows as CSV or Parquet; the import command reads arrays of vectors.',
  ],
  ['%PDF-', 'a PDF document', asCsv],
];

/** What a zip holds, by the names in its first MiB; the first that is found counts. */
const inZip: readonly (readonly [name: string, what: string, instead: string])[] = [
  ['application/vnd.oasis.opendocument.spreadsheet', 'an OpenDocument spreadsheet (.ods)', asCsv],
  ['application/vnd.oasis.opendocument', 'an OpenDocument file', asCsv],
  ['xl/', 'an Excel workbook (.xlsx)', asCsv],
  ['word/', 'a Word document (.docx)', asCsv],
  ['ppt/', 'a PowerPoint presentation (.pptx)', asCsv],
];

/** undefined for what may be text or Parquet. @param head the first bytes of the file */
export function foreignFile(head: Buffer): ForeignFile | undefined {
  const starts = (magic: string): boolean =>
    head.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1'));
  const found = byMagic.find(([magic]) => starts(magic));
  if (found !== undefined) return { what: found[1], instead: found[2] };
  if (head.toString('latin1', 257, 262) === 'ustar') {
    return { what: 'a tar archive', instead: 'Unpack it first: tar -xf FILE' };
  }
  return starts('PK\x03\x04') || starts('PK\x05\x06') ? zipArchive(head) : undefined;
}

/** What archives.ts reads, where it does not stand in another archive. */
export const plainZip: ForeignFile = { what: 'a zip archive', instead: 'Unpack it first: unzip FILE' };

function zipArchive(head: Buffer): ForeignFile {
  const names = namesInZip(head);
  const document = inZip.find(([name]) => names.some((entry) => entry.startsWith(name)));
  if (document !== undefined) return { what: document[1], instead: document[2] };
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    return { what: 'NumPy arrays (.npz)', instead: 'Write their rows as CSV or Parquet.' };
  }
  return plainZip;
}

/** The names of the entries whose headers are found, and what the first entry holds where it is not compressed (a MIME type). */
function namesInZip(head: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at >= 0 && at + 30 <= head.length; at = head.indexOf('PK\x03\x04', at + 4, 'latin1')) {
    const nameBytes = head.readUInt16LE(at + 26);
    const dataAt = at + 30 + nameBytes + head.readUInt16LE(at + 28);
    const name = head.toString('latin1', at + 30, at + 30 + nameBytes);
    names.push(name);
    if (name === 'mimetype') names.push(head.toString('latin1', dataAt, dataAt + head.readUInt32LE(at + 18)));
  }
  return names;
}

/** What the byte order mark, or zero bytes in every second or fourth place, say of text; undefined where it may be UTF-8. */
export function wideText(head: Buffer): { readonly what: string; readonly encoding: string } | undefined {
  const marks: readonly (readonly [bytes: number[], encoding: string])[] = [
    [[0xff, 0xfe, 0, 0], 'utf-32le'],
    [[0, 0, 0xfe, 0xff], 'utf-32be'],
    [[0xff, 0xfe], 'utf-16'],
    [[0xfe, 0xff], 'utf-16'],
  ];
  for (const [bytes, encoding] of marks) {
    if (bytes.every((byte, at) => head[at] === byte)) return { what: nameOf(encoding), encoding };
  }
  const zeros = [0, 0, 0, 0];
  const looked = head.subarray(0, 4096);
  for (const [at, byte] of looked.entries()) if (byte === 0) zeros[at % 4]! += 1;
  const encoding = encodingOfZeros(zeros, looked.length);
  return encoding === undefined
    ? undefined
    : { what: `${nameOf(encoding)} without a byte order mark`, encoding };
}

function nameOf(encoding: string): string {
  return `${encoding.slice(0, 6).toUpperCase()} text`;
}

/** ASCII characters have zeros in fixed places of a wide encoding, and names, separators and line ends are mostly ASCII. */
function encodingOfZeros(
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
  length: number,
): string | undefined {
  const many = Math.max(2, length / 40);
  const few = (zeros: number, others: number): boolean => zeros <= others / 8;
  if (Math.min(b, c, d) >= many && few(a, Math.min(b, c, d))) return 'utf-32le';
  if (Math.min(a, b, c) >= many && few(d, Math.min(a, b, c))) return 'utf-32be';
  if (b + d >= many && few(a + c, b + d)) return 'utf-16le';
  if (a + c >= many && few(b + d, a + c)) return 'utf-16be';
  return undefined;
}
