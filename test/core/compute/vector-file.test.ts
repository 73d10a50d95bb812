import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '#dist/core/compute/workspace.js';
import { npyHeader } from '#dist/core/files/npy.js';
import {
  keepingRows,
  openVectorFile,
  vectorBytes,
  vectorFileChunks,
} from '#dist/core/compute/vector-file.js';
import { randomRows, writeVectors, type Rows } from '../../helpers/vectors.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-vectors-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A workspace whose every byte is rubbish, and an address in it with room for `bytes` and a guard behind. */
function usedWorkspace(bytes: number): { workspace: Workspace; address: number } {
  const workspace = openWorkspace(bytes + 128);
  const address = workspace.allocate(bytes + 64);
  workspace.u8(address, bytes + 64).fill(0xff);
  return { workspace, address };
}

function padded(rows: Rows, paddedDim: number): number[] {
  return rows.flatMap((row) => [...row, ...new Array<number>(paddedDim - row.length).fill(0)]);
}

describe('reading vectors into kernel memory', () => {
  test.each([1, 3, 7, 8, 9, 16, 61, 64])('fills rows of dim %i up with zeros', (dim) => {
    const rows = randomRows(dim, 13, dim);
    const file = openVectorFile(writeVectors(join(folder, `all-${dim}.npy`), rows));
    try {
      expect([file.numRows, file.dim, file.paddedDim]).toEqual([13, dim, Math.ceil(dim / 8) * 8]);
      const { workspace, address } = usedWorkspace(vectorBytes(13, dim));
      file.readAllInto(workspace, address);
      expect([...workspace.f32(address, 13 * file.paddedDim)]).toEqual(padded(rows, file.paddedDim));
      // Nothing behind the last row is touched.
      expect(workspace.u8(address + vectorBytes(13, dim), 64).every((byte) => byte === 0xff)).toBe(true);
    } finally {
      file.close();
    }
  });

  test.each([5, 8])('keeps rows of dim %i that it has read', (dim) => {
    const rows = randomRows(2, 20, dim);
    const path = join(folder, `kept-${dim}.npy`);
    const file = keepingRows(openVectorFile(writeVectors(path, rows)));
    try {
      const { workspace, address } = usedWorkspace(vectorBytes(4, dim));
      const read = (...asked: number[]): number[] => {
        file.readRowsInto(workspace, address, asked);
        return [...workspace.f32(address, asked.length * 8)];
      };
      expect(read(19, 0)).toEqual(padded([rows[19]!, rows[0]!], 8));
      writeVectors(path, randomRows(3, 20, dim));
      expect(read(3, 19, 0, 19).slice(8)).toEqual(padded([rows[19]!, rows[0]!, rows[19]!], 8));
      expect(() => file.readRowsInto(workspace, address, [20])).toThrow(RangeError);
      expect(() => file.readRowsInto(workspace, address, [-1])).toThrow(RangeError);
    } finally {
      file.close();
    }
  });

  test.each([5, 8])('reads ranges and single rows of dim %i, in the order asked', (dim) => {
    const rows = randomRows(1, 20, dim);
    const file = openVectorFile(writeVectors(join(folder, `some-${dim}.npy`), rows));
    try {
      const { workspace, address } = usedWorkspace(vectorBytes(4, dim));
      file.readRangeInto(workspace, address, 16, 20);
      expect([...workspace.f32(address, 4 * 8)]).toEqual(padded(rows.slice(16), 8));
      file.readRowsInto(workspace, address, [19, 0, 7, 0]);
      expect([...workspace.f32(address, 4 * 8)]).toEqual(
        padded([rows[19]!, rows[0]!, rows[7]!, rows[0]!], 8),
      );
      file.readRangeInto(workspace, address, 20, 20);
      expect(() => file.readRangeInto(workspace, address, 19, 21)).toThrow(RangeError);
      expect(() => file.readRowsInto(workspace, address, [20])).toThrow(RangeError);
      expect(() => file.readRowsInto(workspace, address, [-1])).toThrow(RangeError);
    } finally {
      file.close();
    }
  });

  test('takes a file without rows, and no file of anything but f32 rows', () => {
    const none = openVectorFile(writeVectors(join(folder, 'none.npy'), [], 4));
    expect([none.numRows, none.dim]).toEqual([0, 4]);
    none.readAllInto(openWorkspace(64), 0);
    none.close();

    const path = join(folder, 'wrong.npy');
    const damaged = expect.objectContaining({ code: 'damaged-snapshot' });
    writeFileSync(path, npyHeader('<f8', [0, 4]));
    expect(() => openVectorFile(path)).toThrow(damaged);
    writeFileSync(path, npyHeader('<f4', [0]));
    expect(() => openVectorFile(path)).toThrow(damaged);
    writeFileSync(path, npyHeader('<f4', [5, 0]));
    expect(() => openVectorFile(path)).toThrow(damaged);
  });
});

describe('writing vectors', () => {
  test.each([
    [0, 4],
    [1, 1],
    [9, 7],
    [9, 8],
    // More than one piece: a piece is about 1 MiB.
    [70_000, 6],
    [70_000, 8],
  ])('gives %i × %i back as they were, without the padding', (numRows, dim) => {
    const source = writeVectors(join(folder, 'source.npy'), randomRows(2, numRows, dim), dim);
    const file = openVectorFile(source);
    const { workspace, address } = usedWorkspace(vectorBytes(numRows, dim));
    file.readAllInto(workspace, address);
    file.close();
    const pieces: Buffer[] = [];
    for (const chunk of vectorFileChunks(workspace, address, numRows, dim)) {
      expect(chunk.length).toBeLessThanOrEqual(2 ** 20);
      pieces.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(pieces).equals(readFileSync(source))).toBe(true);
  });
});
