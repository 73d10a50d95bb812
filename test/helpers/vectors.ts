import { writeFileSync } from 'node:fs';
import { npyHeader } from '#dist/core/files/npy.js';
import { seededRandom } from '#dist/core/numeric/random.js';

/** Vectors as plain numbers for naive oracles: [n][dim]. */
export type Rows = readonly (readonly number[])[];

export function writeVectors(path: string, rows: Rows, dim = rows[0]?.length ?? 1): string {
  const values = new Float32Array(rows.length * dim);
  rows.forEach((row, r) => values.set(row, r * dim));
  writeFileSync(path, Buffer.concat([npyHeader('<f4', [rows.length, dim]), Buffer.from(values.buffer)]));
  return path;
}

/** Seeded rows around `clusters` centres (0: one cloud around the origin); coordinates are f32. */
export function randomRows(seed: number, n: number, dim: number, clusters = 0): number[][] {
  const random = seededRandom(seed);
  const next = (): number => random.nextFraction();
  // Plain loops: tests draw millions of them. The sum of four fractions is close enough to a normal distribution.
  const cloud = (): number[] => {
    const row = new Array<number>(dim);
    for (let f = 0; f < dim; f++) row[f] = Math.fround(-2 + next() + next() + next() + next());
    return row;
  };
  const centres = Array.from({ length: clusters }, cloud);
  return Array.from({ length: n }, () => {
    const centre = centres[random.nextBelow(Math.max(1, clusters))];
    const row = cloud();
    if (centre === undefined) return row;
    for (let f = 0; f < dim; f++) row[f] = Math.fround(0.5 * row[f]! + centre[f]!);
    return row;
  });
}

export function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, f) => sum + x * b[f]!, 0);
}

/** NaN where one of them is zero. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  return inner(a, b) / Math.sqrt(inner(a, a) * inner(b, b));
}

/** All rows but those left out, ranked by score descending, then row ascending; rows whose score is NaN are no answer. */
export function rankAll(
  rows: Rows,
  score: (row: readonly number[]) => number,
  leaveOut: readonly number[] = [],
): { row: number; score: number }[] {
  return rows
    .map((values, row) => ({ row, score: score(values) }))
    .filter(({ row, score: s }) => !leaveOut.includes(row) && !Number.isNaN(s))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}
