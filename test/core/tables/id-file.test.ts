import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { arrowFileChunks } from '#dist/core/tables/arrow-writer.js';
import { openIdFile } from '#dist/core/tables/id-file.js';
import { userTableChunks } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let path: string;
beforeEach(() => {
  path = join(temporaryDirectory(), 'users.arrow');
});

async function write(ids: readonly string[]): Promise<Buffer> {
  const table = { ids: packStrings(ids), counts: Uint32Array.from(ids, (id, row) => 7 * row + id.length) };
  const bytes = Buffer.concat(await userTableChunks(table));
  writeFileSync(path, bytes);
  return bytes;
}

function listed({ length, at }: { length: number; at(row: number): string }): string[] {
  return Array.from({ length }, (_, row) => at(row));
}

describe('a file of ids', () => {
  it('gives any range, and any rows, of any ids', async () => {
    const shape = fc.record({
      ids: fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { maxLength: 50 }),
      bounds: fc.tuple(fc.nat(50), fc.nat(50)),
      rows: fc.array(fc.nat(1000), { maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ ids, bounds, rows }) => {
        await write(ids);
        const file = openIdFile(path);
        expect(file.length).toBe(ids.length);
        expect(file.numBytes).toBe(Buffer.byteLength(ids.join('')));
        const [from, to] = bounds.map((bound) => Math.min(bound, ids.length)).sort((a, b) => a - b);
        const read = file.read(from!, to!);
        expect(listed(read)).toEqual(ids.slice(from, to));
        expect(read.offsets[0]).toBe(0);
        if (ids.length > 0) {
          const some = rows.map((row) => row % ids.length);
          expect(listed(file.readRows(Uint32Array.from(some)))).toEqual(some.map((row) => ids[row]));
        }
        expect(listed(file.read(from!, to!))).toEqual(ids.slice(from, to));
        expect([...file.readCounts()]).toEqual(ids.map((id, row) => 7 * row + id.length));
        file.close();
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('is refused where it is cut, or is another file', async () => {
    const bytes = await write(['ann', 'bo', 'cleo']);
    for (const length of [0, 7, 20, bytes.length - 1, bytes.length - 30]) {
      writeFileSync(path, bytes);
      truncateSync(path, length);
      expect(code(path)).toBe('damaged-snapshot');
    }
    writeFileSync(path, 'no table at all, but long enough to be looked at');
    expect(code(path)).toBe('damaged-snapshot');
    const other = [{ name: 'name', type: 'string', values: packStrings(['a']) } as const];
    writeFileSync(path, Buffer.concat(await arrowFileChunks(other)));
    expect(code(path)).toBe('damaged-snapshot');
  });
});

function code(file: string): string {
  try {
    openIdFile(file).close();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'opened';
}
