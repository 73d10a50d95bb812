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
/** What a chunk has at most, where its first range has not more: pairs, and bytes of its vectors. */
const chunkPairs = 1 << 22;
const chunkRowBytes = 1 << 24;
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
export type TaskRunner = Pick<Spark, 'parallelism' | 'ahead' | 'spent' | 'keep' | 'forget' | 'ask'>;

/** @param options what `pool` was opened with @param tell told in a few words how far a pass is */
export function poolBySpark(
  pool: ComputePool,
  options: PoolOptions,
  spark: () => Promise<TaskRunner>,
  tell: (note: string) => void,
): ComputePool {
  let passes: Promise<PassesBySpark> | undefined;
  return {
    ...pool,
    async run(job: Job) {
      if (!('sparse' in job) || (isOnce(job) && job.sparse.idx.length < leastFolded)) return pool.run(job);
      passes ??= spark().then((opened) => new PassesBySpark(pool, options, opened, tell));
      return (await passes).run(job);
    },
    async close() {
      // Where it could not be opened, or has ended, there is nothing to forget.
      await passes?.then((opened) => opened.close()).catch(() => undefined);
      await pool.close();
    },
  };
}

/** Histories are folded in once; other passes are over the same pairs again and again. */
function isOnce({ kernel }: SparseJob): boolean {
  return kernel === 'solveRows';
}

class PassesBySpark {
  readonly #pool: ComputePool;
  readonly #sizes: Pick<PoolOptions, 'workspaceBytes' | 'scratchBytes'>;
  readonly #spark: TaskRunner;
  readonly #tell: (note: string) => void;
  readonly #reaches = new WeakMap<SparseRows, Reach>();
  readonly #chunks = new WeakMap<SparseRows, Map<string, readonly Chunk[]>>();
  /** Bytes of the pairs that are kept, by name. */
  readonly #pairs = new Map<string, number>();
  /** Names of the pieces of the fixed side that the last pass over the same pairs read. */
  readonly #pieces = new Map<unknown, readonly string[]>();

  constructor(pool: ComputePool, sizes: PoolOptions, spark: TaskRunner, tell: (note: string) => void) {
    this.#pool = pool;
    this.#sizes = sizes;
    this.#spark = spark;
    this.#tell = tell;
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
    const mostPairBytes = await this.#mostPairBytes();
    const results = new Float64Array(job.bounds.length - 1);
    // Others may be under way when one fails: what they bring is no longer wanted then.
    let isOver = false;
    let tasks = 0;
    let ranges = 0;
    const travelling = this.#travelling(job);
    const ask = async (chunk: Chunk): Promise<Uint8Array> => {
      const { name, bounds, rows } = chunk;
      const [first = 0] = bounds;
      const asked: AskedRanges = {
        ...pieces,
        kernel: job.kernel,
        dim,
        rows: name ?? null,
        mostPairBytes,
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
      const lengths = [...back.map(({ length }) => length), 8 * (bounds.length - 1)];
      if (blobs.length !== lengths.length || blobs.some(({ length }, at) => length !== lengths[at]))
        throw new Error(
          `${job.kernel} came back with arrays of ${blobs.map(({ length }) => length).join(', ')} bytes`,
        );
      if (!isOver) for (const [at, bytes] of back.entries()) bytes.set(blobs[at] ?? []);
      return blobs[back.length] ?? new Uint8Array();
    };
    try {
      for await (const bytes of inOrder(chunks, ask, () => this.#spark.ahead())) {
        const some = new Float64Array(bytes.slice().buffer);
        results.set(some, ranges);
        ranges += some.length;
        this.#tell(`task ${++tasks} of ${chunks.length}`);
      }
    } finally {
      isOver = true;
    }
    return results;
  }

  /** Nobody needs any of it any more. */
  async close(): Promise<void> {
    await this.#spark.forget([...this.#pairs.keys(), ...new Set([...this.#pieces.values()].flat())]);
    this.#pairs.clear();
    this.#pieces.clear();
  }

  /** Of an executor, twice its share: some of the pairs come to one that is not asked about them again. */
  async #mostPairBytes(): Promise<number> {
    const { executors } = await this.#spark.spent();
    const all = [...this.#pairs.values()].reduce((sum, bytes) => sum + bytes, 0);
    return Math.ceil((2 * all) / executors);
  }

  /** Consecutive chunks of the job's ranges, their pairs brought to where executors find them. */
  async #chunksOf(job: SparseJob, dim: number): Promise<readonly Chunk[]> {
    const { sparse, bounds } = job;
    const cut = cutRanges(sparse, bounds, dim, this.#spark.parallelism);
    if (isOnce(job)) return Array.from(cut, (some) => ({ ...chunkOf(sparse, some), name: undefined }));
    const ofSparse = this.#chunks.get(sparse) ?? new Map<string, readonly Chunk[]>();
    this.#chunks.set(sparse, ofSparse);
    const key = `${bounds[0]}-${bounds.at(-1)}`;
    const found = ofSparse.get(key);
    if (found !== undefined) return found;
    const chunks: Chunk[] = [];
    const last = bounds.at(-1) ?? 0;
    for (const some of cut) {
      const chunk = chunkOf(sparse, some);
      const blobs = rowBlobs(chunk.rows);
      const name = sha256Hex(...blobs);
      this.#pairs.set(
        name,
        blobs.reduce((sum, { length }) => sum + length, 0),
      );
      await this.#spark.keep(name, blobs);
      chunks.push({ ...chunk, name });
      this.#tell(`${Math.floor((100 * (some.at(-1) ?? 0)) / last)} % of the pairs brought`);
    }
    ofSparse.set(key, chunks);
    return chunks;
  }

  /** The fixed side's rows that the pairs refer to, by what they hold: those that executors have are not brought again. */
  async #bringFixed(
    job: SparseJob,
    address: number,
    rowBytes: number,
  ): Promise<Pick<AskedRanges, 'first' | 'pieceRows' | 'names'>> {
    const { from, to } = this.#reachOf(job.sparse);
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
    this.#pieces.set(isOnce(job) ? job.kernel : job.sparse, names);
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

/** The rows of some ranges, as rows from 0 on. */
function chunkOf({ indptr, idx, weight }: SparseRows, bounds: Uint32Array): Omit<Chunk, 'name'> {
  const [r0 = 0, r1 = 0] = [bounds[0], bounds.at(-1)];
  const [start = 0, end = 0] = [indptr[r0], indptr[r1]];
  const rows = {
    numRows: r1 - r0,
    indptr: indptr.subarray(r0, r1 + 1).map((at) => at - start),
    idx: idx.subarray(start, end),
    weight: weight.subarray(start, end),
  };
  return { bounds, rows };
}
