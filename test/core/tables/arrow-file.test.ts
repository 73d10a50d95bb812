import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ItemColumn } from '#dist/core/contracts.js';
import { readArrowFile } from '#dist/core/tables/arrow-reader.js';
import { arrowFileChunks } from '#dist/core/tables/arrow-writer.js';
import type { ArrowColumn } from '#dist/core/tables/arrow-writer.js';
import {
  itemTableChunks,
  readItemTable,
  readUserTable,
  userTableChunks,
} from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { processorMs } from '../../helpers/processor-time.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { describeInSmokeTest, inSmokeTest } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-arrow-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let numFiles = 0;
function written(bytes: Uint8Array): string {
  const path = join(folder, `${numFiles++}.arrow`);
  writeFileSync(path, bytes);
  return path;
}
const fileOf = async (columns: readonly ArrowColumn[]) =>
  written(Buffer.concat(await arrowFileChunks(columns)));
const all = (column: { length: number; at(row: number): string }) =>
  Array.from({ length: column.length }, (_, row) => column.at(row));

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const integer = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 });

quickDescribe('a table', () => {
  quickly('gives back what was written, nulls too', async () => {
    const row = fc.tuple(text, fc.nat(2 ** 32 - 1), fc.option(text), fc.option(integer));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
        const path = await fileOf([
          { name: 'id', type: 'string', values: packStrings(rows.map(([id]) => id)) },
          { name: 'count', type: 'uint32', values: Uint32Array.from(rows, ([, count]) => count) },
          { name: '__proto__', type: 'text', values: rows.map(([, , value]) => value) },
          { name: 'released', type: 'int', values: rows.map(([, , , value]) => value) },
        ]);
        const table = await readArrowFile(path, rows.length);
        expect(table.columnNames).toEqual(['id', 'count', '__proto__', 'released']);
        expect(all(table.strings('id'))).toEqual(rows.map(([id]) => id));
        expect([...table.counts('count')]).toEqual(rows.map(([, count]) => count));
        expect(table.metadata('__proto__')).toEqual({
          name: '__proto__',
          type: 'text',
          values: rows.map(([, , value]) => value),
        });
        expect(table.metadata('released').values).toEqual(rows.map(([, , , value]) => value));
      }),
      { numRuns: 20 },
    );
  });

  quickly('of items has id, count and name first, and names every item', async () => {
    const columns: ItemColumn[] = [
      { name: 'artist', type: 'text', values: ['Nirvana', null, 'Eagles'] },
      { name: 'name', type: 'text', values: ['Breed', null, ''] },
      { name: 'count', type: 'int', values: [7, 7, 7] },
    ];
    const items = { ids: packStrings(['a', 'b', 'c']), counts: Uint32Array.of(3, 2, 0), columns };
    const path = written(Buffer.concat(await itemTableChunks(items)));
    const { ids, names, counts, columns: metadata } = await readItemTable(path, 3);
    expect([all(ids), all(names), [...counts]]).toEqual([
      ['a', 'b', 'c'],
      ['Breed', 'b', 'c'],
      [3, 2, 0],
    ]);
    expect(metadata).toEqual([columns[0]]);
    expect((await readArrowFile(path)).columnNames).toEqual(['id', 'count', 'name', 'artist']);
  });

  quickly('of users has id and count', async () => {
    const users = { ids: packStrings(['KGLK/2014-06-16', '😀']), counts: Uint32Array.of(9, 1) };
    const read = await readUserTable(written(Buffer.concat(await userTableChunks(users))), 2);
    expect([all(read.ids), [...read.counts]]).toEqual([
      ['KGLK/2014-06-16', '😀'],
      [9, 1],
    ]);
  });

  quickly('is written without a copy of its columns, in the same bytes every time', async () => {
    const ids = packStrings(Array.from({ length: 1000 }, (_, row) => `id-${row}`));
    const chunks = await arrowFileChunks([{ name: 'id', type: 'string', values: ids }]);
    expect(
      chunks.some(({ buffer, length }) => buffer === ids.bytes.buffer && length === ids.bytes.length),
    ).toBe(true);
    const script = fileURLToPath(new URL('./write-seeded-table.mjs', import.meta.url));
    const path = join(folder, 'process.arrow');
    execFileSync(process.execPath, [script, path]);
    // Golden: another value here is another file format, and so another algorithmVersion.
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(golden);
  });

  quickly('refuses columns of different lengths', async () => {
    await expect(
      arrowFileChunks([
        { name: 'id', type: 'string', values: packStrings(['a', 'b']) },
        { name: 'count', type: 'uint32', values: Uint32Array.of(1) },
      ]),
    ).rejects.toThrow('column count has 1 rows, wanted 2');
  });
});

const golden = '2961fe16f148b9f1745e4fd73bdd5af24314b44098d8afbc1d8150502baaa52d';

quickDescribe('a file that is not what it should be', () => {
  const damaged = expect.objectContaining({ code: 'damaged-snapshot' });
  const good = async () =>
    Buffer.concat(
      await itemTableChunks({
        ids: packStrings(['one', 'two', 'three']),
        counts: Uint32Array.of(3, 2, 1),
        columns: [{ name: 'artist', type: 'text', values: ['x', null, 'z'] }],
      }),
    );

  quickly('is refused at every length but the right one', async () => {
    const bytes = await good();
    for (let length = 0; length < bytes.length; length += length < bytes.length - 40 ? 5 : 1) {
      await expect(readItemTable(written(bytes.subarray(0, length)), 3)).rejects.toEqual(damaged);
    }
  });

  quickly('is refused when it is zeros, noise, missing, a link or a folder', async () => {
    const link = join(folder, 'link.arrow');
    symlinkSync(written(await good()), link);
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919) % 251));
    for (const path of [written(Buffer.alloc(4096)), written(noise), join(folder, 'none'), link, folder]) {
      await expect(readItemTable(path, 3)).rejects.toEqual(damaged);
    }
  });

  quickly(
    'is refused for another number of rows, a missing column, and a column of another type',
    async () => {
      const path = written(await good());
      await expect(readItemTable(path, 4)).rejects.toThrow('has 3 rows, wanted 4');
      const table = await readArrowFile(path);
      expect(() => table.strings('album')).toThrow('column album is missing');
      expect(() => table.strings('count')).toThrow('column count is not text without nulls');
      expect(() => table.strings('artist')).toThrow('column artist is not text without nulls');
      expect(() => table.counts('id')).toThrow('column id is not u32 without nulls');
      expect(() => table.metadata('count')).toThrow('column count is no metadata');
    },
  );

  quickly('is read within its columns, whichever byte of them is flipped', async () => {
    const bytes = await good();
    // The metadata ends before the first offsets of the ids: 0, 3, 6, 11.
    const start = bytes.indexOf(Buffer.from(Int32Array.of(0, 3, 6, 11).buffer));
    const end = bytes.lastIndexOf('z');
    expect(end - start).toBeGreaterThan(100);
    let refused = 0;
    for (let at = start; at <= end; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ (1 << (at % 8));
      try {
        const { ids, counts, names, columns } = await readItemTable(written(flipped), 3);
        expect([ids.length, counts.length, names.length, columns[0]?.values.length]).toEqual([3, 3, 3, 3]);
        expect(all(ids).join('').length + all(names).join('').length).toBeLessThanOrEqual(22);
      } catch (error) {
        expect([at, error]).toEqual([at, damaged]);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  /** Puts an i32 at each place of the file, one after the other, and reads it. */
  async function refusedWith(bytes: Buffer, value: number): Promise<number> {
    let refused = 0;
    for (let at = 8; at + 4 <= bytes.length - 6; at += 4) {
      const forged = Buffer.from(bytes);
      forged.writeInt32LE(value, at);
      const path = written(forged);
      try {
        const { ids, counts } = await readItemTable(path);
        expect(ids.length + counts.length).toBeLessThanOrEqual(6);
      } catch (error) {
        expect([at, error]).toEqual([at, damaged]);
        refused += 1;
      }
      rmSync(path);
    }
    return refused;
  }

  quickly.each([2 ** 31 - 1, -1, -(2 ** 31), 2 ** 24])(
    'is refused before anyone counts to the length that its metadata state: %d, wherever it stands',
    async (value) => {
      const startMs = processorMs();
      expect(await refusedWith(await good(), value)).toBeGreaterThan(100);
      // Each by itself could cost minutes.
      expect(processorMs() - startMs).toBeLessThan(30_000);
    },
  );

  quickly('is refused with rows beyond what is there: 2^40 of them', async () => {
    const bytes = await good();
    const rows = Buffer.from(BigInt64Array.of(3n).buffer);
    let forged = 0;
    for (let at = bytes.indexOf(rows); at !== -1; at = bytes.indexOf(rows, at + 8)) {
      if (at % 8 !== 0) continue;
      bytes.writeBigInt64LE(2n ** 40n, at);
      forged += 1;
    }
    expect(forged).toBeGreaterThan(3);
    await expect(readItemTable(written(bytes))).rejects.toEqual(damaged);
  });
});

inPythonTest()('Arrow itself finds our files valid, and the same values in them', async () => {
  const path = written(
    Buffer.concat(
      await itemTableChunks({
        ids: packStrings(['a', 'ß', '"']),
        counts: Uint32Array.of(4_000_000_000, 2, 0),
        columns: [
          { name: 'name', type: 'text', values: ['A', null, '\u202e'] },
          { name: 'released', type: 'int', values: [1991, null, 2 ** 40] },
        ],
      }),
    ),
  );
  const script = [
    'import sys, json, pyarrow.ipc as ipc',
    'table = ipc.open_file(sys.argv[1]).read_all()',
    'table.validate(full=True)',
    'print(json.dumps([str(table.schema), table.to_pydict()]))',
  ].join('\n');
  const [schema, values] = JSON.parse(python(script, [path]));
  expect(schema).toBe('id: string not null\ncount: uint32 not null\nname: string not null\nreleased: int64');
  expect(values).toEqual({
    id: ['a', 'ß', '"'],
    count: [4_000_000_000, 2, 0],
    name: ['A', 'ß', '\u202e'],
    released: [1991, null, 2 ** 40],
  });
});
