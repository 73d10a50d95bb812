import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openUserDirectory, writeUserDirectory } from '#dist/core/store/user-directory.js';
import type { UserDirectory } from '#dist/core/store/user-directory.js';
import { packStrings } from '#dist/core/tables/string-column.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-users-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let numFiles = 0;
async function directoryOf(ids: readonly string[]): Promise<UserDirectory> {
  const path = join(folder, `${numFiles++}.mdb`);
  await writeUserDirectory(path, packStrings(ids));
  return openUserDirectory(path);
}

describe('a user directory', () => {
  test('leads from any id to its row, and from no other', async () => {
    const id = fc
      .oneof(
        fc.constantFrom('__proto__', 'KGLK/2014-06-16', '😀', '\u202e', 'x'.repeat(1024)),
        fc.string({ unit: 'grapheme' }),
      )
      .filter((id) => id !== '' && Buffer.byteLength(id) <= 1024);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 50 }), fc.array(id), async (ids, others) => {
        const directory = await directoryOf(ids);
        ids.forEach((id, row) => expect(directory.rowOf(id)).toBe(row));
        for (const other of others) {
          const row = ids.indexOf(other);
          expect(directory.rowOf(other)).toBe(row < 0 ? undefined : row);
        }
        directory.close();
      }),
      { numRuns: 50 },
    );
  });

  test('finds nothing for what cannot be an id', async () => {
    const directory = await directoryOf(['a']);
    expect(directory.rowOf('')).toBeUndefined();
    expect(directory.rowOf('x'.repeat(2000))).toBeUndefined();
    directory.close();
  });

  test('names the closest ids, five at most', async () => {
    const stations = ['KGLK', 'KSEG', 'WXRT', 'KLOS'];
    const days = Array.from({ length: 28 }, (_, day) => `2014-06-${String(day + 1).padStart(2, '0')}`);
    const directory = await directoryOf(
      stations.flatMap((station) => days.map((day) => `${station}/${day}`)),
    );
    expect(directory.closest('KGLK/2014-06-61')).toHaveLength(5);
    expect(directory.closest('KGLK/2014-06-61').every((id) => id.startsWith('KGLK/2014-06-'))).toBe(true);
    expect(directory.closest('wxrt/2014-06-07')[0]).toBe('WXRT/2014-06-07');
    expect(directory.closest('zzz')).toEqual([]);
    directory.close();
  });
});
