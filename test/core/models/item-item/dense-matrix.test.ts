import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allocatedBytes, openWorkspace } from '#dist/core/compute/workspace.js';
import { npyHeader } from '#dist/core/files/npy.js';
import {
  readSimilarityMatrix,
  similarityBytes,
  similarityChunkBytes,
  similarityFileChunks,
} from '#dist/core/models/item-item/dense-matrix.js';
import { openVectorFile, vectorBytes } from '#dist/core/compute/vector-file.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const directory = temporaryDirectories();

it.each([1, 63, 64, 65, 200, 700])(
  'a similarity matrix of %i items is in memory what it is in its file',
  (numItems) => {
    const values = Float32Array.from({ length: numItems ** 2 }, (_, at) => at + 1);
    const bytes = Buffer.concat([npyHeader('<f4', [numItems, numItems]), new Uint8Array(values.buffer)]);
    const path = join(directory(), 'similarity.npy');
    writeFileSync(path, bytes);
    const file = openVectorFile(path);
    const beside = Math.max(allocatedBytes(vectorBytes(1, numItems)), similarityChunkBytes(numItems));
    const workspace = openWorkspace(similarityBytes(numItems) + beside);
    const matrix = readSimilarityMatrix(workspace, file);
    file.close();
    const mark = workspace.mark();
    const chunks = Array.from(similarityFileChunks(workspace, matrix), (chunk) => Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    // A piece takes about 1 MiB at most, and nothing stays allocated.
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(2 ** 20);
    expect(workspace.mark()).toBe(mark);
  },
);
