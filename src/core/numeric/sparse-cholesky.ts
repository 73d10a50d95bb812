/**
 * A = L·Lᵀ of a sparse symmetric positive definite matrix, row by row (Davis, "Direct Methods for Sparse Linear Systems", 2006,
 * §4): row k of L has an entry wherever a walk up the elimination tree, from an entry of row k of A, passes.
 */
export interface SparseFactor {
  /** By column: its diagonal entry first, then rows ascending. */
  readonly starts: Float64Array;
  readonly rows: Uint32Array;
  readonly values: Float64Array;
}

/** Calls `visit` with the entries of row k of A in columns 0 … k, each once; the same whenever it is asked. */
export type RowOfMatrix = (k: number, visit: (column: number, value: number) => void) => void;

/** Multiplications that a factorisation may take, and entries: some seconds, some hundred megabytes. */
const mostAllowed = { products: 1e10, entries: 3e7 };
const none = -1;

/** undefined where L has more entries, or takes more, than is allowed. */
export function factorSparse(size: number, rowOf: RowOfMatrix, most = mostAllowed): SparseFactor | undefined {
  const parent = new Int32Array(size).fill(none);
  const counts = new Uint32Array(size).fill(1);
  const flag = new Int32Array(size).fill(none);
  let entries = size;
  let products = 0;
  /** The rows of A, end to end. */
  const ends = new Float64Array(size + 1);
  let [columns, own] = [new Uint32Array(8 * size), new Float64Array(8 * size)];
  for (let k = 0; k < size; k++) {
    let end = ends[k];
    flag[k] = k;
    rowOf(k, (column, value) => {
      if (end === columns.length) {
        const [before, values] = [columns, own];
        [columns, own] = [new Uint32Array(2 * end), new Float64Array(2 * end)];
        columns.set(before);
        own.set(values);
      }
      columns[end] = column;
      own[end++] = value;
    });
    ends[k + 1] = end;
    for (let e = ends[k]; e < end; e++) {
      for (let at = columns[e]; flag[at] !== k; at = parent[at]) {
        if (parent[at] === none) parent[at] = k;
        products += counts[at];
        counts[at]++;
        entries++;
        flag[at] = k;
      }
    }
    if (entries > most.entries || products > most.products) return undefined;
  }
  const starts = new Float64Array(size + 1);
  for (let k = 0; k < size; k++) starts[k + 1] = starts[k] + counts[k];
  const [rows, values] = [new Uint32Array(entries), new Float64Array(entries)];
  const next = starts.slice(0, size);
  const x = new Float64Array(size);
  const [path, reach] = [new Uint32Array(size), new Uint32Array(size)];
  flag.fill(none);
  for (let k = 0; k < size; k++) {
    let top = size;
    flag[k] = k;
    for (let e = ends[k]; e < ends[k + 1]; e++) {
      x[columns[e]] = own[e];
      let length = 0;
      for (let at = columns[e]; flag[at] !== k; at = parent[at]) {
        path[length++] = at;
        flag[at] = k;
      }
      while (length > 0) reach[--top] = path[--length];
    }
    let diagonal = x[k];
    x[k] = 0;
    for (; top < size; top++) {
      const column = reach[top];
      const start = starts[column];
      const end = next[column];
      const entry = x[column] / values[start];
      x[column] = 0;
      for (let e = start + 1; e < end; e++) x[rows[e]] -= values[e] * entry;
      diagonal -= entry * entry;
      rows[end] = k;
      values[end] = entry;
      next[column] = end + 1;
    }
    const start = next[k];
    rows[start] = k;
    values[start] = Math.sqrt(diagonal);
    next[k] = start + 1;
  }
  return { starts, rows, values };
}
