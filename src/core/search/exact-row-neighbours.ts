/** Every row's exact neighbours: each block of rows is compared with all rows that may be found. */
import { handingOn } from '../closers.js';
import { openPool } from '../compute/pool.js';
import { layoutOf } from '../compute/workspace.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { batchBytes, bestOfMany, matrixLayout, normalise } from './exact-batch.js';
import { batchWriter, type RowNeighbours, type RowNeighboursOptions } from './row-neighbours.js';
import { rowsOfSet } from './row-set.js';

/** Rows of a block: more share no more of a pass. */
const mostRows = 4096;

/** Takes over `file` and closes it. AppError 'too-large' where the rows that may be found pass 4 GiB. */
export async function openExactRowNeighbours(
  file: VectorFile,
  { k, among, threads, signal }: RowNeighboursOptions,
): Promise<RowNeighbours> {
  const { numRows, dim, paddedDim } = file;
  return handingOn(file, async () => {
    const names = among === undefined ? undefined : rowsOfSet(among);
    const numFound = names?.length ?? numRows;
    // One more than asked for, since a row is its own best neighbour.
    const asked = Math.min(k + 1, numFound);
    const layout = layoutOf({ matrix: matrixLayout(numFound, dim), block: vectorBytes(mostRows, dim) });
    const workspaceBytes =
      layout.bytes + batchBytes(mostRows, { numRows: numFound, paddedDim }, asked, false);
    return handingOn(openPool({ threads, workspaceBytes, scratchBytes: 64, signal }), async (pool) => {
      const { workspace } = pool;
      const { matrix, block } = layout.allocate(workspace);
      if (names === undefined) file.readAllInto(workspace, matrix.address);
      else file.readRowsInto(workspace, matrix.address, names);
      await normalise(pool, matrix);
      return {
        numRows,
        mostRows,
        async nearest(from, to) {
          const queries = { address: block, numRows: to - from, paddedDim };
          file.readRangeInto(workspace, block, from, to);
          await normalise(pool, queries);
          const writer = batchWriter(to - from, k);
          const found = await bestOfMany(pool, queries, matrix, asked);
          found.forEach((ranked, q) => {
            const named = names === undefined ? ranked : ranked.map((r) => ({ ...r, row: names[r.row]! }));
            writer.write(q, named, from + q);
          });
          return writer.batch;
        },
        async close() {
          file.close();
          await pool.close();
        },
      };
    });
  });
}
