import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelimitedTokenizer, maxRecordBytes } from '#dist/core/events/files/delimited-records.js';
import type { DelimitedRecord, Dialect } from '#dist/core/events/files/delimited-records.js';

const csv: Dialect = { delimiter: ',', quote: '"' };
const tsv: Dialect = { delimiter: '\t', quote: '' };

/** Records of a text that comes in chunks of the given sizes, the last of which repeats. */
function recordsOf(
  text: string | Buffer,
  dialect = csv,
  sizes: readonly number[] = [1 << 20],
): DelimitedRecord[] {
  const data = Buffer.from(text);
  const tokenizer = new DelimitedTokenizer(dialect);
  const records: DelimitedRecord[] = [];
  for (let at = 0, chunk = 0, final = false; !final; chunk++) {
    const end = at + (sizes[Math.min(chunk, sizes.length - 1)] ?? 1);
    final = end >= data.length;
    for (const record of tokenizer.push(data.subarray(at, end), final)) records.push(record);
    at = end;
  }
  return records;
}

const cellsOf = (...args: Parameters<typeof recordsOf>) => recordsOf(...args).map(({ cells }) => cells);

describe('delimited text', () => {
  it('is cut at delimiters and line ends, and told with its lines', () => {
    expect(recordsOf('a,b\r\n\r\nc,\n,d')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['c', ''] },
      { line: 4, cells: ['', 'd'] },
    ]);
    expect(cellsOf('a\rb\rc,d\r')).toEqual([['a'], ['b'], ['c', 'd']]);
    expect(cellsOf('a\rb,c\n')).toEqual([['a\rb', 'c']]);
    expect(recordsOf('')).toEqual([]);
  });

  it('may hold anything within quotes', () => {
    expect(recordsOf('"a,b","c ""d"""\n"e\r\nf" ,  "g"\nh,i')).toEqual([
      { line: 1, cells: ['a,b', 'c "d"'] },
      { line: 2, cells: ['e\r\nf', 'g'] },
      { line: 4, cells: ['h', 'i'] },
    ]);
    expect(cellsOf('a"b,""\n""\n')).toEqual([['a"b', ''], ['']]);
    expect(cellsOf("'a,b',c", { delimiter: ',', quote: "'" })).toEqual([['a,b', 'c']]);
  });

  it('has no quotes where there is no quote', () => {
    expect(cellsOf('"Weird Al" Yankovic\t"\n"a\tb', tsv)).toEqual([
      ['"Weird Al" Yankovic', '"'],
      ['"a', 'b'],
    ]);
  });

  it('gives up one line for a stray quote, and not what follows it', () => {
    expect(recordsOf('"a,b\nc,d\n"e"f,g\nh,i\n')).toEqual([
      { line: 1, cells: [], problem: 'has text after a closing quote' },
      { line: 2, cells: ['c', 'd'] },
      { line: 3, cells: [], problem: 'has text after a closing quote' },
      { line: 4, cells: ['h', 'i'] },
    ]);
    expect(recordsOf('a,b\n"c,d\ne,f')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: [], problem: 'has a quote that is never closed' },
      { line: 3, cells: ['e', 'f'] },
    ]);
  });

  it('is bad where it is not UTF-8, and only there', () => {
    const text = Buffer.concat([Buffer.from('é,1\n'), Buffer.from([0xe9]), Buffer.from(',2\nè,3\n')]);
    expect(recordsOf(text)).toEqual([
      { line: 1, cells: ['é', '1'] },
      { line: 2, cells: ['\ufffd', '2'], notUtf8: new Map([[0, Buffer.of(0xe9)]]) },
      { line: 3, cells: ['è', '3'] },
    ]);
  });

  it('has lines that end with CR alone, whatever stands in quotes', () => {
    const text = 'user,"a\nb"\r"c\n""d",e\r';
    const records = [
      ['user', 'a\nb'],
      ['c\n"d', 'e'],
    ];
    expect(recordsOf(text).map(({ cells }) => cells)).toEqual(records);
    expect(recordsOf(text, csv, [1]).map(({ cells }) => cells)).toEqual(records);
    expect(recordsOf('a,"b\n"\nc,x\rd\n').map(({ cells }) => cells)[1]).toEqual(['c', 'x\rd']);
  });

  it('has no records without end', () => {
    const text = `a,b\n${'x'.repeat(maxRecordBytes + 1)},y\nc,d\n`;
    for (const sizes of [[1 << 20], [300_000], [10_000_000]]) {
      const records = recordsOf(text, csv, sizes);
      expect(records.map(({ line, cells }) => [line, cells.length, cells[0]?.[0]])).toEqual([
        [1, 2, 'a'],
        [2, 0, undefined],
        [3, 2, 'c'],
      ]);
    }
    const unclosed = recordsOf(`a,b\n"${'x,y\n'.repeat(100_000)}`, csv, [1 << 20]);
    expect(unclosed).toHaveLength(100_001);
    expect(unclosed[1]).toEqual({ line: 2, cells: [], problem: 'has a quote that is never closed' });
  });

  it('reads the same in chunks of any size', () => {
    const atoms = fc.constantFrom('a', 'b', ' ', '"', '""', ',', '\n', '\r\n', '\r', 'é', '日');
    fc.assert(
      fc.property(
        fc.array(atoms, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
        (parts, sizes) => {
          const text = parts.join('');
          for (const dialect of [csv, { ...csv, quote: '' }]) {
            expect(recordsOf(text, dialect, sizes)).toEqual(recordsOf(text, dialect));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('comes back from what was written by RFC 4180', () => {
    const cell = fc
      .array(fc.constantFrom('a', ' ', '"', ',', '\n', '\r\n', 'é'), { maxLength: 5 })
      .map((parts) => parts.join(''));
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (records, newline) => {
        const text = records
          .map((record) => record.map((each) => `"${each.replaceAll('"', '""')}"`).join(',') + newline)
          .join('');
        expect(cellsOf(text)).toEqual(records);
      }),
      { numRuns: 250 },
    );
  });
});
