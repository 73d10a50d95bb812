/** The WASM module's TypeScript face. Pointers are byte addresses; kernels/*.ts documents shapes and formulas. */
import { readFileSync } from 'node:fs';
import { withUnsharedMemory } from './unshared-module.js';

/** Kernels that work on rows r0 … r1 − 1 and nothing else: what a pool can hand out in ranges. */
export interface RowKernels {
  gram(r0: number, r1: number, V: number, d: number, G: number, tile: number): void;
  crossGram(
    ...args: [r0: number, r1: number, A: number, B: number, d: number, G: number, tile: number]
  ): void;
  squaredDistances(r0: number, r1: number, A: number, B: number, d: number, out: number): void;
  rotate(r0: number, r1: number, V: number, d: number, Q: number, scratch: number): void;
  multiplyReflections(
    ...args: [j0: number, j1: number, M: number, n: number, ld: number, h: number, W: number]
  ): void;
  applyRotations(
    ...args: [
      b0: number,
      b1: number,
      W: number,
      n: number,
      ld: number,
      sweeps: number,
      numSweeps: number,
      rotations: number,
      scratch: number,
    ]
  ): void;
  weightedSquares(r0: number, r1: number, V: number, d: number, weight: number): number;
  unitRows(r0: number, r1: number, V: number, d: number): void;
  sweepPanel(
    ...args: [i0: number, i1: number, tiles: number, k: number, D: number, V: number, W: number]
  ): void;
  sweepTiles(
    ...args: [t0: number, t1: number, tiles: number, k: number, D: number, V: number, W: number]
  ): void;
  sparseGramTiles(
    ...args: [
      t0: number,
      t1: number,
      indptr: number,
      idx: number,
      weight: number,
      columnIndptr: number,
      columnIdx: number,
      columnWeight: number,
      n: number,
      lambda: number,
      tiles: number,
    ]
  ): void;
  itemTiles(
    ...args: [
      t0: number,
      t1: number,
      indptr: number,
      idx: number,
      weight: number,
      n: number,
      K: number,
      m: number,
      S: number,
      scratch: number,
    ]
  ): void;
  similarityTiles(t0: number, t1: number, S: number, factor: number, scratch: number): void;
  rankHistories(
    ...args: [
      q0: number,
      q1: number,
      indptr: number,
      idx: number,
      weight: number,
      B: number,
      n: number,
      k: number,
      heaps: number,
      scratch: number,
    ]
  ): void;
  scanMany(
    ...args: [
      q0: number,
      q1: number,
      Q: number,
      V: number,
      n: number,
      d: number,
      skips: number,
      skipBytes: number,
      k: number,
      heaps: number,
    ]
  ): void;
  normRows(r0: number, r1: number, V: number, d: number, norms: number): void;
  packProducts(
    ...args: [
      t0: number,
      t1: number,
      V: number,
      d: number,
      order: number,
      norms: number,
      n: number,
      tiles: number,
      ratios: number,
    ]
  ): number;
  bestProducts(
    ...args: [
      q0: number,
      q1: number,
      Q: number,
      V: number,
      d: number,
      order: number,
      norms: number,
      tiles: number,
      ratios: number,
      n: number,
      largest: number,
      bounds: number,
      rows: number,
      k: number,
      heaps: number,
      scratch: number,
    ]
  ): number;
  packCentroids(
    ...args: [
      t0: number,
      t1: number,
      centroids: number,
      numCentroids: number,
      d: number,
      packed: number,
      scratch: number,
    ]
  ): void;
  assignRows(
    ...args: [
      p0: number,
      p1: number,
      members: number,
      V: number,
      d: number,
      packed: number,
      tiles: number,
      first: number,
      assignment: number,
      scores: number,
      scratch: number,
    ]
  ): void;
  updateCentroids(
    ...args: [
      c0: number,
      c1: number,
      V: number,
      d: number,
      members: number,
      offsets: number,
      centroids: number,
      sum: number,
    ]
  ): void;
  encodeGroups(
    ...args: [
      g0: number,
      g1: number,
      V: number,
      d: number,
      rows: number,
      offsets: number,
      centres: number,
      tiles: number,
      scales: number,
      decoded: number,
    ]
  ): void;
  regionsOfRows(
    ...args: [
      p0: number,
      p1: number,
      members: number,
      V: number,
      index: number,
      numNear: number,
      out: number,
      scratch: number,
    ]
  ): void;
  ranksOfLists(
    ...args: [
      q0: number,
      q1: number,
      Q: number,
      index: number,
      targets: number,
      numTargets: number,
      gaps: number,
      numGaps: number,
      out: number,
      looked: number,
      scratch: number,
    ]
  ): void;
  searchRows(
    ...args: [
      q0: number,
      q1: number,
      Q: number,
      index: number,
      gap: number,
      probes: number,
      k: number,
      skip: number,
      heaps: number,
      scratch: number,
    ]
  ): number;
  skipGramPairs(
    ...args: [
      s0: number,
      s1: number,
      stream: number,
      offsets: number,
      items: number,
      keep: number,
      window: number,
      P: number,
      region: number,
      scratch: number,
      longest: number,
    ]
  ): void;
  skipGramBlocks(
    ...args: [
      a0: number,
      a1: number,
      stream: number,
      shift: number,
      P: number,
      regions: number,
      numRegions: number,
      regionBytes: number,
      X: number,
      Y: number,
      numItems: number,
      d: number,
      noise: number,
      negatives: number,
      rate: number,
      scratch: number,
    ]
  ): number;
}

/** Kernels that read the sparse rows r0 … r1 − 1 as well: the pool copies those into scratch memory first. */
export interface SparseKernels {
  solveRows(
    ...args: [
      r0: number,
      r1: number,
      indptr: number,
      idx: number,
      weight: number,
      scratch: number,
      V: number,
      X: number,
      d: number,
      diag: number,
      reg: number,
      beta: number,
      steps: number,
      tolerance: number,
    ]
  ): number;
  improveRows(
    ...args: [
      r0: number,
      r1: number,
      indptr: number,
      idx: number,
      weight: number,
      scratch: number,
      V: number,
      X: number,
      d: number,
      diag: number,
      reg: number,
      beta: number,
      steps: number,
    ]
  ): number;
  spmm(
    ...args: [
      r0: number,
      r1: number,
      indptr: number,
      idx: number,
      weight: number,
      scratch: number,
      V: number,
      X: number,
      d: number,
    ]
  ): void;
}

export interface Kernels extends RowKernels, SparseKernels {
  /** How many gathered vectors the pack of the sparse kernels holds. */
  packRows(d: number): number;
  addParts(parts: number, numParts: number, length: number): void;
  tridiagonalise(M: number, n: number, ld: number, d: number, e: number, h: number): void;
  iterateQl(
    ...args: [
      d: number,
      e: number,
      n: number,
      rotations: number,
      capacity: number,
      sweeps: number,
      W: number,
      ld: number,
      scratch: number,
    ]
  ): number;
  allFinite(V: number, n: number): number;
  invertTile(tile: number, pack: number, scratch: number): number;
  similarityRows(r0: number, r1: number, B: number, n: number, out: number): void;
  setSimilarityRow(row: number, B: number, n: number, values: number): void;
  addScaled(n: number, weight: number, row: number, sum: number): void;
  offerScores(n: number, scores: number, skip: number, k: number, heap: number): void;
  clearHeap(heap: number, k: number): void;
  codeTiles(
    ...args: [
      t0: number,
      t1: number,
      V: number,
      d: number,
      order: number,
      norms: number,
      n: number,
      codes: number,
      bounds: number,
    ]
  ): void;
  codeQuery(x: number, d: number, norm: number, to: number): number;
  boundCodes(
    ...args: [
      tiles: number,
      codes: number,
      bounds: number,
      d: number,
      query: number,
      onError: number,
      onNorm: number,
      floor: number,
      out: number,
    ]
  ): number;
  scanTopK(
    ...args: [
      r0: number,
      r1: number,
      x: number,
      V: number,
      d: number,
      first: number,
      names: number,
      skip: number,
      k: number,
      heap: number,
    ]
  ): void;
  encodeQuery(x: number, d: number, out: number): void;
  scanCodes(
    ...args: [
      from: number,
      to: number,
      tiles: number,
      x: number,
      d: number,
      base: number,
      factor: number,
      error: number,
      names: number,
      skip: number,
      k: number,
      heap: number,
      candidates: number,
      count: number,
    ]
  ): number;
  nearestLists(
    ...args: [x: number, index: number, gap: number, probes: number, scores: number, nearest: number]
  ): number;
  scanList(
    ...args: [
      list: number,
      x: number,
      index: number,
      base: number,
      tiles: number,
      rows: number,
      skip: number,
      k: number,
      heap: number,
      candidates: number,
      count: number,
    ]
  ): number;
  sortCandidates(candidates: number, count: number, floor: number, out: number): void;
  scoreRows(r0: number, r1: number, x: number, V: number, d: number, out: number): void;
  ln(x: number): number;
  power(x: number, y: number): number;
  cosineOfTurn(x: number): number;
  sigmoid(z: number): number;
  softplus(z: number): number;
  heapBase(): number;
}

/** The compiled module; it can be posted to worker threads. About 2 ms. @param shared what memory it will be given */
export function compileKernels(shared: boolean): WebAssembly.Module {
  const bytes = readFileSync(new URL('../kernels/kernels.wasm', import.meta.url));
  return new WebAssembly.Module(shared ? bytes : withUnsharedMemory(bytes));
}

/** An instance over `memory`, which several instances on several threads may share. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory, abort: abortKernel } })
    .exports as unknown as Kernels;
}

function abortKernel(): never {
  throw new Error('a kernel aborted');
}
