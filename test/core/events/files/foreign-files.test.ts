import { describe, expect, it } from 'vitest';
import { foreignFile, wideText } from '#dist/core/events/files/foreign-files.js';
import { zipOf as makeZip } from '../../../helpers/zip.js';

/** Of stored entries. */
const zipOf = (...entries: readonly (readonly [name: string, data: string])[]): Buffer =>
  makeZip(...entries.map(([name, data]) => ({ name, data, method: 0 })));

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a file that is no table of text', () => {
  it.each([
    [
      zipOf(['[Content_Types].xml', '<x>'], ['_rels/.rels', ''], ['xl/workbook.xml', '<x>']),
      'an Excel workbook (.xlsx)',
      'CSV',
    ],
    [
      zipOf(['mimetype', 'application/vnd.oasis.opendocument.spreadsheet'], ['content.xml', '']),
      'an OpenDocument spreadsheet (.ods)',
      'CSV',
    ],
    [zipOf(['mimetype', 'application/vnd.oasis.opendocument.text']), 'an OpenDocument file', 'CSV'],
    [zipOf(['[Content_Types].xml', ''], ['word/document.xml', '']), 'a Word document (.docx)', 'CSV'],
    [zipOf(['ppt/presentation.xml', '']), 'a PowerPoint presentation (.pptx)', 'CSV'],
    [zipOf(['arr_0.npy', '\x93NUMPY']), 'NumPy arrays (.npz)', 'Parquet'],
    [zipOf(['ratings.csv', 'a,b']), 'a zip archive', 'unzip'],
    [latin1('PK\x05\x06'), 'a zip archive', 'unzip'],
    [latin1('PK\x03\x04'), 'a zip archive', 'unzip'],
    [
      latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
      'an old Excel workbook (.xls), or another Office file',
      'CSV',
    ],
    [latin1('SQLite format 3\0'), 'an SQLite database', 'sqlite3'],
    [latin1('7z\xbc\xaf\x27\x1c'), 'a 7z archive', '7z x'],
    [Buffer.concat([latin1('a.csv'), Buffer.alloc(252), latin1('ustar\x0000')]), 'a tar archive', 'tar -xf'],
  ])('%# is named, with what to do', (head, what, instead) => {
    const found = foreignFile(head);
    expect(found?.what).toBe(what);
    expect(found?.instead).toContain(instead);
  });

  it.each(['', 'user,item\na,b\n', 'PAR1', 'PK,item\na,b\n', 'ORCHESTRA', '{"user":1}'])(
    '%j is none of them but by chance',
    (text) => {
      expect(foreignFile(latin1(text)) === undefined).toBe(!text.startsWith('ORC'));
      expect(wideText(latin1(text))).toBeUndefined();
    },
  );
});

describe('wide text', () => {
  const text = 'user,item\na,椎名林檎\nb,Beyoncé\n';
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
  const utf32 = (bigEndian: boolean, mark: string): Buffer => {
    // All of its characters are one UTF-16 unit.
    const points = Array.from({ length: `${mark}${text}`.length }, (_, at) =>
      `${mark}${text}`.charCodeAt(at),
    );
    const bytes = Buffer.alloc(4 * points.length);
    points.forEach((point, at) =>
      bigEndian ? bytes.writeUInt32BE(point, 4 * at) : bytes.writeUInt32LE(point, 4 * at),
    );
    return bytes;
  };
  const mark = '\ufeff';

  it.each([
    ['UTF-16 text', 'utf-16', Buffer.from(mark + text, 'utf16le')],
    ['UTF-16 text', 'utf-16', swapped(Buffer.from(mark + text, 'utf16le'))],
    ['UTF-16 text without a byte order mark', 'utf-16le', Buffer.from(text, 'utf16le')],
    ['UTF-16 text without a byte order mark', 'utf-16be', swapped(Buffer.from(text, 'utf16le'))],
    ['UTF-32 text', 'utf-32le', utf32(false, mark)],
    ['UTF-32 text', 'utf-32be', utf32(true, mark)],
    ['UTF-32 text without a byte order mark', 'utf-32le', utf32(false, '')],
    ['UTF-32 text without a byte order mark', 'utf-32be', utf32(true, '')],
  ])('is %s (%s)', (what, encoding, head) => expect(wideText(head)).toEqual({ what, encoding }));

  it('is not UTF-8 with a few zeros in its cells', () => {
    expect(wideText(Buffer.from('user,item\na\0,b\nc,d\0\0\0\ne,f\n'))).toBeUndefined();
    expect(wideText(Buffer.concat([Buffer.from('user,item\na,b\n'), Buffer.alloc(5000)]))).toBeUndefined();
    expect(wideText(Buffer.alloc(5000))).toBeUndefined();
  });
});
