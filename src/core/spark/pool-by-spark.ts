/**
 * A compute pool whose passes over pairs run on Spark's executors: the same kernels over the same ranges, so the same bits. The
 * pairs are brought to executors once, and the fixed side's vectors once for each time they change; the rows that are solved go
 * out and come back in chunks.
 */
import { storedScratchBytes, type Job, type StoredArgument } from '../compute/job.js';
import { blockRows } from '../compute/kernel-exports.js';
import type { ComputePool, PoolOptions } from '../compute/pool.js';
import { rangeRows } from '../compute/sparse-ranges.js';
import { storedBytes } from '../compute/stored-rows.js';
import { sha256Hex } from '../files/sha256.js';
import type { SparseRows } from '../numeric/csr.js';
import { rowBlobs } from './history-chunks.js';
import { inOrder } from './in-order.js';
import type { Spark } from './open-spark.js';
import type { AskedRanges, RangeArgument, RunRanges } from './worker-jobs.js';

type SparseJob = Extract<Job, { sparse: unknown }>;
type SparseKernel = SparseJob['kernel'];

/** Of the fixed side, about: what travels as one. */
const pieceBytes = 1 << 26;
/** What a chunk has at most, where its first range has not more: pairs, and bytes of its rows. */
const chunkPairs = 1 << 22;
const chunkRowBytes = 1 << 26;
/** Chunks for each task that runs at a time: few wait at the end of a pass, whoever is slow. */
const chunksATask = 4;
/** A chunk with fewer pairs takes less time than starting its task, and is only made where executors would wait. */
const leastChunkPairs = 1 << 19;
/** Histories that are folded in with fewer pairs than these would be longer on their way. */
const leastFolded = 1 << 20;

/** What stands at an address, beside the first one of every kernel, where the fixed side stands. */
type Standing = 'vector' | { readonly numbers: 'dim' | 1; readonly access: StoredArgument['access'] };

const vectors = { numbers: 'dim', access: 'change' } as const;
const regularisation = { numbers: 1, access: 'read' } as const;
/** By a parameter's place after the sparse rows. Rows outside of kernel memory say by themselves what they are. */
const standing: Readonly<Record<SparseKernel, Readonly<Record<number, Standing>>>> = {
  solveRows: { 1: vectors, 3: 'vector', 4: regularisation },
  improveRows: { 1: vectors, 3: 'vector', 4: regularisation },
  spmm: { 1: { numbers: 'dim', access: 'make' } },
  improveByBlocks: { 3: 'vector' },
  addPartialSums: {},
  addPreferred: {},
};

/** Some ranges of sparse rows. */
interface Chunk {
  /** Of its ranges, as the job has them. */
  readonly bounds: Uint32Array;
  readonly rows: SparseRows;
  /** What executors know the rows by; undefined for those that are needed once, and travel with what is asked. */
  readonly name: string | undefined;
}

/** An argument as it travels, and the bytes that its rows r0 … r1 − 1, or its vector, have here. */
interface Travelling {
  readonly as: RangeArgument;
  readonly bytes?: (r0: number, r1: number) => Uint8Array;
}

/** Rows of the fixed side that some pairs refer to. */
interface Reach {
  readonly from: number;
  readonly to: number;
}

/** What is asked of Spark here. */
export type TaskRunner = Pick<Spark, 'parallelism' | 'ahead' | 'keep' | 'forget' | 'ask'>;

/** @param options what `pool` was opened with @param onTask told of the tasks of a pass that are done, and of all */
export function poolBySpark(
  pool: ComputePool,
  options: PoolOptions,
  spark: () => Promise<TaskRunner>,
  onTask: (done: number, total: number) => void,
): ComputePool {
  let passes: Promise<PassesBySpark> | undefined;
  return {
    ...pool,
    async run(job: Job) {
      if (!('sparse' in job) || isLittle(job)) return pool.run(job);
      passes ??= spark().then((opened) => new PassesBySpark(pool, options, opened, onTask));
      return (await passes).run(job);
    },
  };
}

function isLittle({ kernel, sparse }: SparseJob): boolean {
  return kernel === 'solveRows' && sparse.idx.length < leastFolded;
}

class PassesBySpark {
  readonly #pool: ComputePool;
  readonly #sizes: Pick<PoolOptions, 'workspaceBytes' | 'scratchBytes'>;
  readonly #spark: TaskRunner;
  readonly #onTask: (done: number, total: number) => void;
  readonly #reaches = new WeakMap<SparseRows, Reach>();
  readonly #chunks = new WeakMap<SparseRows, Map<string, readonly Chunk[]>>();
  /** Names of the pieces of the fixed side that the last pass over the same pairs read. */
  readonly #pieces = new Map<unknown, readonly string[]>();

  constructor(
    pool: ComputePool,
    sizes: PoolOptions,
    spark: TaskRunner,
    onTask: (done: number, total: number) => void,
  ) {
    this.#pool = pool;
    this.#sizes = sizes;
    this.#spark = spark;
    this.#onTask = onTask;
  }

  async run(job: SparseJob): Promise<Float64Array> {
    const [fixed, , dim] = job.args;
    if (typeof fixed !== 'number') throw new TypeError('the fixed side is to stand in kernel memory');
    const chunks = await this.#chunksOf(job, dim);
    const pieces = await this.#bringFixed(job, fixed, dim * 4);
    const worker: RunRanges = {
      job: 'run-ranges',
      workspaceBytes: this.#sizes.workspaceBytes,
      scratchBytes: this.#sizes.scratchBytes + 4 * storedScratchBytes(rangeRows, dim * 4),
    };
    const results = new Float64Array(job.bounds.length - 1);
    let tasks = 0;
    let ranges = 0;
    const travelling = this.#travelling(job);
    const ask = async (chunk: Chunk): Promise<Uint8Array> => {
      const { name, bounds, rows } = chunk;
      const [first = 0] = bounds;
      const asked: AskedRanges = {
        ...{ kernel: job.kernel, dim, rows: name ?? null, ...pieces },
        bounds: Array.from(bounds, (row) => row - first),
        args: travelling.map(({ as }) => as),
      };
      const out = blobsOf(travelling, chunk, (access) => access !== 'make');
      const { blobs } = await this.#spark.ask(
        worker,
        { ...asked },
        name === undefined ? [...out, ...rowBlobs(rows)] : out,
        { needs: name === undefined ? pieces.names : [...pieces.names, name], place: name },
      );
      const back = blobsOf(travelling, chunk, (access) => access !== 'read');
      back.forEach((bytes, at) => {
        bytes.set(blobs[at] ?? []);
      });
      return blobs[back.length] ?? new Uint8Array();
    };
    for await (const bytes of inOrder(chunks, ask, () => this.#spark.ahead())) {
      const some = new Float64Array(bytes.slice().buffer);
      results.set(some, ranges);
      ranges += some.length;
      this.#onTask(++tasks, chunks.length);
    }
    return results;
  }

  /** Consecutive chunks of the job's ranges, their pairs brought to where executors find them. */
  async #chunksOf({ kernel, sparse, bounds }: SparseJob, dim: number): Promise<readonly Chunk[]> {
    const ofSparse = this.#chunks.get(sparse) ?? new Map<string, readonly Chunk[]>();
    this.#chunks.set(sparse, ofSparse);
    const key = `${bounds[0]}-${bounds.at(-1)}`;
    const found = ofSparse.get(key);
    if (found !== undefined) return found;
    const chunks: Chunk[] = [];
    for (const some of cutRanges(sparse, bounds, dim, this.#spark.parallelism)) {
      const rows = rowsOf(sparse, some[0] ?? 0, some.at(-1) ?? 0);
      const blobs = rowBlobs(rows);
      const name = kernel === 'solveRows' ? undefined : sha256Hex(...blobs);
      if (name !== undefined) await this.#spark.keep(name, blobs);
      chunks.push({ bounds: some, rows, name });
    }
    ofSparse.set(key, chunks);
    return chunks;
  }

  /** The fixed side's rows that the pairs refer to, by what they hold: those that executors have are not brought again. */
  async #bringFixed(
    { kernel, sparse }: SparseJob,
    address: number,
    rowBytes: number,
  ): Promise<Pick<AskedRanges, 'first' | 'pieceRows' | 'names'>> {
    const { from, to } = this.#reachOf(sparse);
    const pieceRows = Math.max(1, Math.floor(pieceBytes / rowBytes));
    const before = new Set([...this.#pieces.values()].flat());
    const names: string[] = [];
    for (let row = from; row < to; row += pieceRows) {
      const end = Math.min(to, row + pieceRows);
      const bytes = this.#pool.workspace.u8(address + row * rowBytes, (end - row) * rowBytes);
      const name = sha256Hex(bytes);
      if (!before.has(name) && !names.includes(name)) await this.#spark.keep(name, [bytes]);
      names.push(name);
    }
    this.#pieces.set(kernel === 'solveRows' ? kernel : sparse, names);
    const needed = new Set([...this.#pieces.values()].flat());
    const old = [...before].filter((name) => !needed.has(name));
    if (old.length > 0) await this.#spark.forget(old);
    return { first: from, pieceRows, names };
  }

  #reachOf(sparse: SparseRows): Reach {
    const known = this.#reaches.get(sparse);
    if (known !== undefined) return known;
    const { idx } = sparse;
    let [least = 0] = idx;
    let most = -1;
    for (const row of idx) {
      if (row < least) least = row;
      if (row > most) most = row;
    }
    // Groups of the fixed side begin where blocks do: there is something before the least.
    const reach = { from: Math.floor(least / blockRows) * blockRows, to: most + 1 };
    this.#reaches.set(sparse, reach);
    return reach;
  }

  /** How the job's arguments travel. */
  #travelling({ kernel, args }: SparseJob): Travelling[] {
    const [, , dim] = args;
    const { workspace } = this.#pool;
    return args.map((arg, at): Travelling => {
      if (at === 0) return { as: 'fixed' };
      if (typeof arg === 'object' && 'rows' in arg) {
        const { rows, access } = arg;
        const as = { rowBytes: rows.rowBytes, access };
        return { as, bytes: (r0, r1) => storedBytes(rows, r0, r1) };
      }
      if (typeof arg !== 'number') throw new TypeError(`parameter ${at} of ${kernel} cannot travel`);
      const stands = standing[kernel][at];
      if (stands === undefined) return { as: arg };
      if (stands === 'vector') return { as: stands, bytes: () => workspace.u8(arg, dim * 4) };
      const rowBytes = 4 * (stands.numbers === 'dim' ? dim : stands.numbers);
      const bytes = (r0: number, r1: number): Uint8Array =>
        workspace.u8(arg + r0 * rowBytes, (r1 - r0) * rowBytes);
      return { as: { rowBytes, access: stands.access }, bytes };
    });
  }
}

/** Of a chunk, the arrays whose access is wanted, in the order of the arguments. */
function blobsOf(
  travelling: readonly Travelling[],
  { bounds }: Chunk,
  isWanted: (access: StoredArgument['access']) => boolean,
): Uint8Array[] {
  const [r0 = 0, r1 = 0] = [bounds[0], bounds.at(-1)];
  return travelling.flatMap(({ as, bytes }) =>
    bytes !== undefined && isWanted(typeof as === 'object' ? as.access : 'read') ? [bytes(r0, r1)] : [],
  );
}

/** Consecutive ranges, by their bounds: at least as many groups as run at a time, where there are as many ranges. */
function* cutRanges(
  { indptr }: SparseRows,
  bounds: Uint32Array,
  dim: number,
  atATime: number,
): Generator<Uint32Array> {
  const numRanges = bounds.length - 1;
  const pairsTo = (range: number): number => indptr[bounds[range] ?? 0] ?? 0;
  const numPairs = pairsTo(numRanges) - pairsTo(0);
  const least = Math.min(leastChunkPairs, Math.ceil(numPairs / atATime));
  const mostPairs = Math.min(chunkPairs, Math.max(least, Math.ceil(numPairs / (chunksATask * atATime))));
  const mostRows = Math.floor(chunkRowBytes / (dim * 4));
  for (let from = 0; from < numRanges;) {
    let to = from + 1;
    const fits = (next: number): boolean =>
      pairsTo(next) - pairsTo(from) <= mostPairs && (bounds[next] ?? 0) - (bounds[from] ?? 0) <= mostRows;
    while (to < numRanges && fits(to + 1)) to++;
    yield bounds.slice(from, to + 1);
    from = to;
  }
}

/** Rows r0 … r1 − 1, as rows from 0 on. */
function rowsOf({ indptr, idx, weight }: SparseRows, r0: number, r1: number): SparseRows {
  const [start = 0, end = 0] = [indptr[r0], indptr[r1]];
  return {
    numRows: r1 - r0,
    indptr: indptr.subarray(r0, r1 + 1).map((at) => at - start),
    idx: idx.subarray(start, end),
    weight: weight.subarray(start, end),
  };
}
