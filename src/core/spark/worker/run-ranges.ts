import type { Job, JobArgument } from '../../compute/job.js';
import { openPool } from '../../compute/pool.js';
import type { StoredRows } from '../../compute/stored-rows.js';
import { allocatedBytes, mostAllocatedBytes } from '../../compute/workspace.js';
import { bytesOf } from '../../files/npy.js';
import { sha256Hex } from '../../files/sha256.js';
import { sharedBytes } from '../../numeric/shared-arrays.js';
import type { SparseRows } from '../../numeric/csr.js';
import type { Frame } from '../frames.js';
import { rowsIn } from '../history-chunks.js';
import type { AskedRanges, RunRanges } from '../worker-jobs.js';
import type { OpenJob } from './open-job.js';

/** Bytes for the widest vector. */
const vectorBytes = 1 << 16;

type Asked = AskedRanges & { readonly op?: 'missing' | 'keep'; readonly name?: string };

/** Ranges of kernels over rows that travel, the fixed side and the pairs being kept for the next ones. */
export function openRunRanges({ workspaceBytes, scratchBytes }: RunRanges, threads: number): OpenJob {
  const scratch = allocatedBytes(scratchBytes);
  // On one machine the other side is there too: what this one does not fit for is not needed.
  const fixedBytes = Math.min(allocatedBytes(workspaceBytes), mostAllocatedBytes - vectorBytes - scratch);
  const most = Math.floor((mostAllocatedBytes - vectorBytes - fixedBytes) / scratch);
  const pool = openPool({
    threads: Math.min(threads, most),
    workspaceBytes: vectorBytes + fixedBytes,
    scratchBytes,
    signal: new AbortController().signal,
  });
  const { workspace } = pool;
  const vector = workspace.allocate(vectorBytes);
  const fixed = workspace.allocate(fixedBytes);
  /** What stands at each place of the fixed side, by the bytes before it. */
  const pieces = new Map<number, string>();
  const sparse = new KeptPairs();

  const placeOf = ({ pieceRows, dim }: Asked, piece: number): number => piece * pieceRows * dim * 4;

  const missing = (asked: Asked): string[] => {
    const { names, rows } = asked;
    const absent = names.filter((name, piece) => pieces.get(placeOf(asked, piece)) !== name);
    return rows === null || sparse.has(rows) ? absent : [...absent, rows];
  };

  const keep = (asked: Asked, blobs: readonly Uint8Array[]): void => {
    const { name = '', names, rows } = asked;
    if (sha256Hex(...blobs) !== name)
      throw new Error(`what is to be kept arrived damaged: ${name} is its sha256 no more`);
    if (name === rows) {
      sparse.keep(name, rowsIn(blobs), asked.mostPairBytes);
    }
    const [bytes = new Uint8Array()] = blobs;
    for (const [piece, wanted] of names.entries()) {
      if (wanted !== name) continue;
      const from = placeOf(asked, piece);
      pieces.set(from, name);
      workspace.u8(fixed + from, bytes.length).set(bytes);
    }
  };

  const run = async (
    { kernel, dim, bounds, rows, first, args }: Asked,
    blobs: readonly Uint8Array[],
  ): Promise<Frame> => {
    const numRows = bounds.at(-1) ?? 0;
    const rest = blobs[Symbol.iterator]();
    const next = (): Uint8Array => {
      const { value } = rest.next();
      if (value === undefined) throw new RangeError(`${kernel} with ${blobs.length} arrays`);
      return value;
    };
    const changed: StoredRows[] = [];
    const given = args.map((arg): JobArgument => {
      if (typeof arg === 'number') return arg;
      if (arg === 'fixed') return fixed - first * dim * 4;
      if (arg === 'vector') {
        workspace.u8(vector, dim * 4).set(next());
        return vector;
      }
      const { rowBytes, access } = arg;
      const stored = { numRows, rowBytes, first: 0, bytes: sharedBytes(numRows * rowBytes) };
      if (access !== 'make') new Uint8Array(stored.bytes).set(next());
      if (access !== 'read') changed.push(stored);
      return { rows: stored, at: 'scratch', access };
    });
    const pairs = rows === null ? rowsIn([next(), next(), next()]) : sparse.get(rows);
    const job = { kernel, bounds: Uint32Array.from(bounds), sparse: pairs, args: given };
    // The driver's side made it of a job like this.
    const results = await pool.run(job as unknown as Job);
    return { head: {}, blobs: [...changed.map(({ bytes }) => new Uint8Array(bytes)), bytesOf(results)] };
  };

  return {
    async answer({ head, blobs }) {
      const asked = head as unknown as Asked;
      if (asked.op === 'keep') {
        keep(asked, blobs);
        return { head: {}, blobs: [] };
      }
      const absent = missing(asked);
      if (asked.op === 'missing' || absent.length > 0) return { head: { missing: absent }, blobs: [] };
      return run(asked, blobs);
    },
    close: () => pool.close(),
  };
}

/** Pairs by name; those that were asked for last come last. */
class KeptPairs {
  readonly #byName = new Map<string, SparseRows>();

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get(name: string): SparseRows | undefined {
    const found = this.#byName.get(name);
    if (found === undefined) return undefined;
    this.#byName.delete(name);
    this.#byName.set(name, found);
    return found;
  }

  /** Forgets the oldest of what is more than `mostBytes`; never the last one. */
  keep(name: string, pairs: SparseRows, mostBytes: number): void {
    this.#byName.set(name, pairs);
    let bytes = 0;
    for (const each of this.#byName.values()) bytes += bytesOfPairs(each);
    for (const [oldest, each] of this.#byName) {
      if (bytes <= mostBytes || this.#byName.size === 1) return;
      this.#byName.delete(oldest);
      bytes -= bytesOfPairs(each);
    }
  }
}

function bytesOfPairs({ indptr, idx, weight }: SparseRows): number {
  return indptr.byteLength + idx.byteLength + weight.byteLength;
}
