/** Digits of 11 bits: three of them hold a u32. */
const digitBits = 11;
const digits = 2 ** digitBits;

/**
 * Rows by their value, the largest first, equal values by row ascending. Values are ≥ 0 or infinite and none is NaN: as
 * u32 their bits have the same order. Radix sort, O(rows).
 * @param rows ascending; by default all
 */
export function descendingOrder(values: Float32Array, rows?: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let from = rows?.slice() ?? Uint32Array.from({ length: values.length }, (_, row) => row);
  let to = new Uint32Array(from.length);
  for (let shift = 0; shift < 32; shift += digitBits) {
    const next = new Uint32Array(digits);
    for (const row of from) next[(~bits[row] >>> shift) & (digits - 1)]++;
    for (let digit = 0, sum = 0; digit < digits; digit++) {
      const count = next[digit];
      next[digit] = sum;
      sum += count;
    }
    for (const row of from) to[next[(~bits[row] >>> shift) & (digits - 1)]++] = row;
    [from, to] = [to, from];
  }
  return from;
}
