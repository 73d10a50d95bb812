// Transcendental functions, compiled into the module: what JavaScript's Math gives differs between versions of Node.

/** Natural logarithm, x > 0. */
export function ln(x: f64): f64 {
  return NativeMath.log(x);
}

/** x to the power y, x ≥ 0. */
export function power(x: f64, y: f64): f64 {
  return NativeMath.pow(x, y);
}

/** Cosine of 2πx, for the Box–Muller transform. */
export function cosineOfTurn(x: f64): f64 {
  return NativeMath.cos(6.283185307179586 * x);
}

/** First free byte after the module's static data. */
export function heapBase(): usize {
  return __heap_base;
}
