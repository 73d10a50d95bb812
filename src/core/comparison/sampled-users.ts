/** Some users whom two snapshots have, with what each snapshot holds of them. */
import { closing } from '../closers.js';
import type { Pairs } from '../contracts.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import { readVectorRows } from '../compute/vector-file.js';
import type { MatchedRows } from './match-ids.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasVectors } from '../snapshot/scorer.js';
import { openStoredVectors } from '../snapshot/users/stored-arrays.js';
import { openStoredHistories } from '../snapshot/users/stored-histories.js';

/** The same users are compared each time. */
const seed = 42;

/** Of one snapshot, in the order of the sample. */
export interface SampledSide {
  /** Rows of the users. */
  readonly rows: Uint32Array;
  /** A row a user. */
  readonly histories: Pairs;
  /** What is stored of them; undefined where users have no vectors. */
  readonly vectors: readonly Float32Array[] | undefined;
}

/** A seeded sample of the common users, in the order of A's rows: `size` of them, or all. */
export function sampleUsers(
  users: MatchedRows,
  size: number,
): { readonly rowsA: Uint32Array; readonly rowsB: Uint32Array } {
  const common = new Uint32Array(users.numCommon);
  let next = 0;
  for (const [row, other] of users.rowInB.entries()) if (other !== -1) common[next++] = row;
  const rowsA = sampleRows(seededRandom(seed), size, common.length).map((at) => common[at] ?? 0);
  return { rowsA, rowsB: rowsA.map((row) => users.rowInB[row] ?? 0) };
}

/** What a snapshot has of these users. */
export function readSampled(snapshot: OpenSnapshot, rows: Uint32Array): SampledSide {
  return closing(openStoredHistories(snapshot), (stored) => {
    const histories = stored.readMany(rows);
    return { rows, histories, vectors: hasVectors(snapshot) ? readVectors(snapshot, rows) : undefined };
  });
}

function readVectors(snapshot: OpenSnapshot, rows: Uint32Array): Float32Array[] {
  return closing(openStoredVectors(snapshot), (file) => {
    const { values, stride } = readVectorRows(file, rows);
    return Array.from(rows, (_, at) => values.subarray(at * stride, at * stride + file.dim));
  });
}
