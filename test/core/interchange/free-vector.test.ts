import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readFreeVector, type FreeVector } from '#dist/core/interchange/free-vector.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const directory = temporaryDirectories('file');
const wanted = { dim: 3, basis: 'aaaaaaaaaaaaaaaa', snapshot: 'bbbbbbbbbbbbbbbb' };
const { signal } = new AbortController();

const given = (bytes: string | Uint8Array): Promise<FreeVector> =>
  readFreeVector('-', wanted, { signal, stdin: Readable.from([Buffer.from(bytes)]) });
const failure = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

/** What NumPy saves, byte for byte: `numpy.save` of a row of f8, and of [[…]] in f4. */
function numpy(dtype: '<f4' | '<f8' | '<i8', shape: string, data: ArrayBufferView, version = 1): Uint8Array {
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${shape}, }`;
  const head = version === 1 ? 10 : 12;
  const length = Math.ceil((head + text.length + 1) / 64) * 64 - head;
  const header = Buffer.alloc(head);
  header.write('\x93NUMPY', 'latin1');
  header[6] = version;
  if (version === 1) header.writeUInt16LE(length, 8);
  else header.writeUInt32LE(length, 8);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), bytes]);
}

describe('a vector from elsewhere', () => {
  test('is what user-vector prints, with its basis and owner', async () => {
    const vector = [Math.fround(0.1), -2, 3];
    const document = { snapshot: 'c', basis: wanted.basis, user: 'someone', dim: 3, events: 4, vector };
    expect(await given(`${JSON.stringify(document)}\n`)).toEqual({
      values: Float32Array.from(vector),
      basis: wanted.basis,
      user: 'someone',
    });
    expect(await given(JSON.stringify({ ...document, user: null }, null, 2))).toMatchObject({ user: null });
  });

  test('is an array, or a row that NumPy saved', async () => {
    const plain = { values: Float32Array.of(1, 2.5, -3), basis: undefined, user: undefined };
    expect(await given(' [1, 2.5, -3]\n')).toEqual(plain);
    expect(await given(numpy('<f8', '(3,)', Float64Array.of(1, 2.5, -3)))).toEqual(plain);
    expect(await given(numpy('<f4', '(1, 3)', Float32Array.of(1, 2.5, -3)))).toEqual(plain);
    expect(await given(numpy('<f4', '(3,)', Float32Array.of(1, 2.5, -3), 2))).toEqual(plain);
    const path = join(directory(), 'vector.npy');
    writeFileSync(
      path,
      [npyHeader('<f4', [3]), new Uint8Array(Float32Array.of(1, 2.5, -3).buffer)].reduce(
        (all, part) => Buffer.concat([all, part]),
        Buffer.alloc(0),
      ),
    );
    expect(await readFreeVector(path, wanted, { signal })).toEqual(plain);
  });

  test('of another basis is refused, with both', async () => {
    const other = JSON.stringify({ basis: 'cccccccccccccccc', vector: [1, 2, 3] });
    await expect(given(other)).rejects.toEqual(failure('other-basis', 'cccccccccccccccc'));
    await expect(given(other)).rejects.toEqual(failure('other-basis', wanted.basis));
    // Another basis has other dimensions, as a rule: that it is another says more.
    await expect(given(JSON.stringify({ basis: 'cccccccccccccccc', vector: [1] }))).rejects.toEqual(
      failure('other-basis', 'cannot be compared'),
    );
  });

  test.each([
    ['', 'it is empty'],
    ['[1, 2]', 'holds 2 numbers; a vector of snapshot bbbbbbbbbbbbbbbb has 3'],
    ['[1, 2, 3, 4]', 'holds 4 numbers'],
    ['[]', 'holds 0 numbers'],
    ['[1, null, 3]', 'its number 2 is null, which is not a number'],
    ['[1, "2", 3]', 'its number 2 is "2"'],
    ['[1, 2, 1e39]', 'its number 3 is 1e+39, more than a float32 can hold'],
    ['[1, 2, 1e999]', 'its number 3 is Infinity, which is not a finite number'],
    ['[8e14, 8e14, 0]', 'its length is 1.13e+15; at most 1e+15 is wanted'],
    ['[0, -0, 0]', 'it is a zero vector'],
    ['[1e-60, 0, 0]', 'it is a zero vector'],
    ['{"vector": 3}', 'it is not a vector'],
    ['null', 'it is not a vector'],
    ['1 2 3', 'it is not a vector'],
    ['{"vector": [1, 2, 3], "basis": 7}', 'its basis is not an id'],
    ['{"vector": [1, 2, 3], "user": 7}', 'its user is not an id'],
    ['{"vector": [1]}\n{"vector": [2]}\n', 'it holds 2 documents'],
    ['{"error": {"code": "user-not-found", "message": "no user"}}', 'the error of another command: no user'],
  ])('%j is refused: %s', async (text, message) => {
    await expect(given(text)).rejects.toEqual(failure('bad-input-file', message));
  });

  test('of NumPy that is no row of floats, is cut, or holds what is no number, is refused', async () => {
    const whole = numpy('<f4', '(3,)', Float32Array.of(1, 2, 3));
    const cases = [
      numpy('<i8', '(3,)', BigInt64Array.of(1n, 2n, 3n)),
      numpy('<f4', '(3, 1)', Float32Array.of(1, 2, 3)),
      numpy('<f4', '()', Float32Array.of(1)),
      ...[5, 6, 9, 12, 80, whole.length - 1].map((length) => whole.subarray(0, length)),
      Buffer.concat([whole, Buffer.of(0)]),
    ];
    for (const bytes of cases)
      await expect(given(bytes)).rejects.toEqual(failure('bad-input-file', '`vector`'));
    await expect(given(numpy('<f8', '(3,)', Float64Array.of(1, NaN, 3)))).rejects.toEqual(
      failure('bad-input-file', 'its number 2 is NaN'),
    );
  });

  test('that is missing, a directory, or endless, is refused', async () => {
    const folder = directory();
    const read = (path: string) => readFreeVector(path, wanted, { signal });
    await expect(read(join(folder, 'none'))).rejects.toEqual(failure('bad-input-file', 'no such file'));
    await expect(read(folder)).rejects.toEqual(failure('bad-input-file', 'a directory'));
    await expect(given(`[${'1,'.repeat(600_000)}1]`)).rejects.toEqual(
      failure('bad-input-file', 'more than 1048576 bytes'),
    );
  });
});
