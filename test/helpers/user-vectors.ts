import type { UserVectors } from '#dist/core/models/model.js';

/** All pieces, one after the other: f32 [users × padded dim]. */
export async function readUserVectors({
  workspace,
  pieces,
}: Pick<UserVectors, 'workspace' | 'pieces'>): Promise<Float32Array> {
  const read: number[] = [];
  for await (const { address, numRows, dim } of pieces)
    for (const value of workspace.f32(address, numRows * dim)) read.push(value);
  return Float32Array.from(read);
}
