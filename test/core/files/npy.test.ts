import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { npyHeader, openNpy, piecesOf, readNpy } from '#dist/core/files/npy.js';
import type { NpyDtype } from '#dist/core/files/npy.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { describeInSmokeTest, inSmokeTest } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-npy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const damaged = (text: string) =>
  expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining(text) });

/** Writes a file of floats 0, 1, 2 … and returns its path. */
function writeFloats(name: string, rows: number, columns: number): string {
  const path = join(folder, name);
  const values = Float32Array.from({ length: rows * columns }, (_, index) => index);
  writeFileSync(path, Buffer.concat([npyHeader('<f4', [rows, columns]), Buffer.from(values.buffer)]));
  return path;
}

quickDescribe('the header', () => {
  quickly('is, to the byte, what NumPy writes', () => {
    expect(Buffer.from(npyHeader('<f4', [3, 4])).toString('latin1')).toBe(
      `\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }${' '.repeat(58)}\n`,
    );
    expect(Buffer.from(npyHeader('<M8[ms]', [7])).toString('latin1')).toContain(
      `{'descr': '<M8[ms]', 'fortran_order': False, 'shape': (7,), } `,
    );
  });

  quickly('puts the data at a multiple of 64 for any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 31 }), { minLength: 0, maxLength: 6 }), (shape) => {
        expect(npyHeader('<i8', shape).length % 64).toBe(0);
      }),
    );
  });
});

quickly('an array whose bytes no single view holds comes in pieces', () => {
  // Memory that nothing is written to is not taken.
  const array = new BigInt64Array(2 ** 29 + 3).subarray(1);
  let bytes = 0;
  for (const { byteOffset, length, buffer } of piecesOf(array)) {
    expect([buffer === array.buffer, byteOffset]).toEqual([true, 8 + bytes]);
    bytes += length;
  }
  expect(bytes).toBe(array.byteLength);
});

quickDescribe('reading', () => {
  quickly('by offset fills exactly the target', () => {
    const file = openNpy(writeFloats('rows.npy', 10, 4), { dtype: '<f4', shape: [undefined, 4] });
    try {
      expect(file.shape).toEqual([10, 4]);
      expect(file.dataBytes).toBe(160);
      const row = new Float32Array(4);
      file.readInto(new Uint8Array(row.buffer), 7 * 16);
      expect([...row]).toEqual([28, 29, 30, 31]);
    } finally {
      file.close();
      file.close();
    }
  });

  quickly('goes straight into shared memory', () => {
    const memory = new SharedArrayBuffer(8192);
    const file = openNpy(writeFloats('shared.npy', 2, 2));
    file.readInto(new Uint8Array(memory, 4096, 16), 0);
    file.close();
    expect([...new Float32Array(memory, 4096, 4)]).toEqual([0, 1, 2, 3]);
  });

  quickly('outside the data is a bug, not a read of the header', () => {
    const file = openNpy(writeFloats('bounds.npy', 2, 2));
    expect(() => file.readInto(new Uint8Array(4), -4)).toThrow(RangeError);
    expect(() => file.readInto(new Uint8Array(8), 12)).toThrow(RangeError);
    file.close();
  });

  quickly('notices a file that is cut while it is open', () => {
    const path = writeFloats('cut.npy', 100, 4);
    const file = openNpy(path);
    truncateSync(path, 200);
    expect(() => file.readInto(new Uint8Array(1600), 0)).toThrow(damaged('ends at byte 200'));
    file.close();
  });

  quickly('whole gives the typed array of the dtype', () => {
    const values = {
      '<f4': Float32Array.of(1.5, -2),
      '<f8': Float64Array.of(Math.PI, 0),
      '<u4': Uint32Array.of(0, 2 ** 32 - 1),
      '<i8': BigInt64Array.of(-(2n ** 63n), 5n),
      '|u1': Uint8Array.of(0, 255),
      '<M8[ms]': BigInt64Array.of(1_400_000_000_000n, -(2n ** 63n)),
    };
    for (const [dtype, array] of Object.entries(values) as [NpyDtype, Float32Array][]) {
      const path = join(folder, 'typed.npy');
      writeFileSync(path, Buffer.concat([npyHeader(dtype, [2]), Buffer.from(array.buffer)]));
      const read = readNpy(path, { dtype, shape: [2] });
      expect(read.data).toEqual(array);
    }
  });

  quickly('an array without rows works', () => {
    const path = writeFloats('none.npy', 0, 64);
    expect(readNpy(path, { dtype: '<f4', shape: [undefined, 64] }).data.length).toBe(0);
  });
});

quickDescribe('a file that is not what it should be', () => {
  const good = () => Buffer.concat([npyHeader('<f4', [2, 2]), Buffer.alloc(16)]);
  const written = (bytes: Uint8Array) => {
    const path = join(folder, 'bad.npy');
    writeFileSync(path, bytes);
    return path;
  };
  const withText = (text: string) => {
    const header = Buffer.from(npyHeader('<f4', [2, 2]));
    header.fill(' ', 10, 127);
    header.write(text, 10, 'latin1');
    return Buffer.concat([header, Buffer.alloc(16)]);
  };

  quickly('is refused at every length but the right one', () => {
    const bytes = good();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openNpy(written(bytes.subarray(0, length)))).toThrow(damaged('bad.npy'));
    }
    expect(() => openNpy(written(Buffer.concat([bytes, Buffer.alloc(1)])))).toThrow(
      damaged('got 145 bytes, wanted 144'),
    );
  });

  quickly.each([
    ["{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 'fortran_order'],
    ["{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }", '>f4'],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", '|O'],
    ["{'descr': 'toString', 'fortran_order': False, 'shape': (2, 2), }", 'toString'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2), }", '-2'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1e9), }", '1e9'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 'more than a file'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os').abort(), }", '__import__'],
    ['', 'header ""'],
  ])('is refused with the header %s', (text, named) => {
    expect(() => openNpy(written(withText(text)))).toThrow(damaged(named));
  });

  quickly('is refused for its magic, its version, and data that is not aligned', () => {
    const otherMagic = good();
    otherMagic[0] = 0x50;
    expect(() => openNpy(written(otherMagic))).toThrow(damaged('504e554d5059'));
    const version2 = good();
    version2[6] = 2;
    expect(() => openNpy(written(version2))).toThrow(damaged('version 2.0, wanted 1.0'));
    const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (0,), }\n";
    const shifted = Buffer.concat([good().subarray(0, 8), Buffer.of(text.length, 0), Buffer.from(text)]);
    expect(() => openNpy(written(shifted))).toThrow(damaged('multiple of 64'));
  });

  quickly('is refused for another dtype or shape than the reader wants', () => {
    const path = written(good());
    expect(() => openNpy(path, { dtype: '<u4', shape: [2, 2] })).toThrow(
      damaged('wanted <u4 of shape (2, 2)'),
    );
    expect(() => openNpy(path, { dtype: '<f4', shape: [undefined, 3] })).toThrow(damaged('(any, 3)'));
    expect(() => openNpy(path, { dtype: '<f4', shape: [4] })).toThrow(damaged('shape (4)'));
  });

  quickly('is refused when it is missing, a link, a directory or a pipe, and nothing hangs', () => {
    expect(() => openNpy(join(folder, 'nothing.npy'))).toThrow(damaged('missing'));
    const link = join(folder, 'link.npy');
    symlinkSync(writeFloats('target.npy', 1, 1), link);
    expect(() => openNpy(link)).toThrow(damaged('a symbolic link where a regular file'));
    expect(() => openNpy(folder)).toThrow(damaged('a directory'));
    const pipe = join(folder, 'pipe.npy');
    execFileSync('mkfifo', [pipe]);
    expect(() => openNpy(pipe)).toThrow(damaged('a FIFO'));
  });
});

inPythonTest()('NumPy maps our files, and writes files that we read', () => {
  const ours = writeFloats('ours.npy', 5, 3);
  const theirs = join(folder, 'theirs.npy');
  const script = [
    'import sys, numpy as np',
    "a = np.load(sys.argv[1], mmap_mode='r')",
    'assert a.shape == (5, 3) and a.dtype == np.float32 and (a.ravel() == np.arange(15)).all()',
    'assert a.ctypes.data % 64 == 0 and a.flags.c_contiguous',
    "np.save(sys.argv[2], np.array(['2014-06-16T12:00:00.001', 'NaT'], dtype='datetime64[ms]'))",
  ].join('\n');
  python(script, [ours, theirs]);
  const { data } = readNpy(theirs, { dtype: '<M8[ms]', shape: [2] });
  expect([...data]).toEqual([BigInt(Date.UTC(2014, 5, 16, 12, 0, 0, 1)), -(2n ** 63n)]);
});
