import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { clusterBytes, clusterRows, clusterScratchBytes, groupRows } from '#dist/core/search/k-means.js';
import { normalise } from '#dist/core/search/exact-batch.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { cosine, randomRows, type Rows } from '../../helpers/vectors.js';

const dim = 8;
let pool: ComputePool;
beforeAll(() => {
  const { signal } = new AbortController();
  pool = openPool({ threads: 2, workspaceBytes: 2 ** 22, scratchBytes: clusterScratchBytes(dim), signal });
});
afterAll(() => pool.close());

/** Clusters the members; gives each centroid, and what the last round assigned each row to. */
async function cluster(
  rows: Rows,
  members: readonly number[],
  numCentroids: number,
  rounds: readonly number[],
) {
  const { workspace } = pool;
  const mark = workspace.mark();
  const place = (numRows: number) => ({
    address: workspace.allocate(numRows * dim * 4),
    numRows,
    paddedDim: dim,
  });
  const matrix = place(rows.length);
  workspace.f32(matrix.address, rows.length * dim).set(rows.flat());
  await normalise(pool, matrix);
  const centroids = place(numCentroids);
  const assignment = workspace.allocate(4 * rows.length);
  const scores = workspace.allocate(4 * rows.length);
  const told: number[] = [];
  const before = workspace.mark();
  await clusterRows(
    pool,
    { ...matrix, assignment, scores },
    Uint32Array.from(members),
    centroids,
    rounds,
    seededRandom(1),
    (done) => told.push(done),
  );
  expect(workspace.mark()).toBe(before);
  const result = {
    centroids: Array.from({ length: numCentroids }, (_, c) => [
      ...workspace.f32(centroids.address + c * dim * 4, dim),
    ]),
    assignment: [...workspace.u32(assignment, rows.length)],
    told,
  };
  workspace.release(mark);
  return result;
}

describe('k-means', () => {
  test('finds the directions that rows lie around', async () => {
    const directions = randomRows(1, 6, dim);
    const random = seededRandom(2);
    const rows = Array.from({ length: 300 }, (_, i) =>
      directions[i % 6]!.map((x) => 3 * x + 0.2 * (random.nextFraction() - 0.5)),
    );
    const members = rows.map((_, row) => row);
    const { centroids, assignment, told } = await cluster(rows, members, 12, [50, 50, 300, 300]);
    expect(told).toEqual([1, 2, 3, 4]);
    for (const row of members) {
      const c = assignment[row]!;
      expect(cosine(centroids[c]!, directions[row % 6]!)).toBeGreaterThan(0.99);
    }
  });

  test('leaves rows that are no members alone', async () => {
    const rows = randomRows(3, 40, dim);
    rows[7] = new Array<number>(dim).fill(0);
    const members = rows.map((_, row) => row).filter((row) => row !== 7);
    const { centroids } = await cluster(rows, members, 5, [39, 39]);
    expect(centroids.flat().every(Number.isFinite)).toBe(true);
  });

  test('gives every centroid a member, where equal rows would leave it without', async () => {
    const equal = [1, 2, 3, 4, 5, 6, 7, 8];
    const rows = [...Array.from({ length: 30 }, () => equal), equal.map((x) => -x)];
    const members = rows.map((_, row) => row);
    const { centroids, assignment } = await cluster(rows, members, 31, [31]);
    expect([...assignment].sort((a, b) => a - b)).toEqual(members);
    for (const [row, c] of assignment.entries()) expect(cosine(centroids[c]!, rows[row]!)).toBeCloseTo(1, 6);
  });

  test('takes the memory that was announced', () => {
    // Members, and the packed centroids: two tiles of twelve in int16.
    expect(clusterBytes(300, 13, dim)).toBe(1216 + 24 * dim * 2);
  });
});

describe('groupRows', () => {
  test('lists rows by group, ascending, empty groups too', () => {
    const { members, offsets } = groupRows(Uint32Array.of(0, 2, 3, 5), Uint32Array.of(2, 9, 0, 2, 9, 0), 4);
    expect([...members]).toEqual([2, 5, 0, 3]);
    expect([...offsets]).toEqual([0, 2, 2, 4, 4]);
  });
});
