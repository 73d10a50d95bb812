import type { UserVectors } from '#dist/core/models/model.js';

/** All batches, one after the other: f32 [users × dim]. */
export async function readUserVectors({ batches }: Pick<UserVectors, 'batches'>): Promise<Float32Array> {
  const read: number[] = [];
  for await (const batch of batches) for (const value of batch) read.push(value);
  return Float32Array.from(read);
}
