// Skip-gram with negative sampling (Mikolov et al. 2013, eq. 4; Barkan & Koenigstein 2016 for items): pairs of items
// that stand near each other, and steps of gradient descent on −ln σ(x·y) − Σ ln σ(−x·y′), where x is an item's input
// vector, y its neighbour's output vector, and y′ those of items drawn from the noise distribution.
//
// Items are dealt to P parts: item i is in part i mod P. A block (a, b) holds the pairs from part a to part b; its noise is
// drawn from part b. So the P blocks of one shift, (a, (a + shift) mod P), touch no row in common: threads take them in
// any order, and the bits are those of one thread (Gemulla et al. 2011; Zhu et al. 2019 for embeddings).
//
// Pairs stand in regions, one a range of sequences: u32 [P² + 1] where each block's pairs start, then (item, neighbour)
// as 2 × u32 each, block after block.
import { sigmoid4, softplus4 } from './logistic';
import { at4, at8, dot, dot4, mulAdd, rowAt, strideOf } from './simd';

/** SplitMix64 (Steele, Lea & Flood 2014): the state steps by this, `mixed` makes it a random number. */
const STEP: u64 = 0x9e3779b97f4a7c15;

// @ts-ignore: decorator
@inline
function mixed(state: u64): u64 {
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** Where the random numbers of a job's range start. */
// @ts-ignore: decorator
@inline
function stateOf(stream: u32, range: u32): u64 {
  return mixed(((<u64>stream) << 32) | <u64>range);
}

/** The high 32 bits of a random number, as a whole number below `bound`: biased by less than bound / 2³². */
// @ts-ignore: decorator
@inline
function below(random: u64, bound: u32): u32 {
  return <u32>(((random >> 32) * <u64>bound) >> 32);
}

/**
 * The pairs of sequences s0 … s1 − 1 into `region`. offsets: u32 by sequence, into items: u32; keep: u32 by item, the
 * chance of staying in (of 2³² − 1; all ones: always). Of what stays, every item meets the neighbours at most 1 + (random below `window`)
 * places away, itself left out, as word2vec draws it. Scratch: u32 [P²], then 4 bytes an event of the longest
 * sequence, then 8 bytes a pair (at most 2 · window an event).
 */
export function skipGramPairs(
  s0: u32, s1: u32, stream: u32, offsets: usize, items: usize, keep: usize, window: u32, P: u32, region: usize,
  scratch: usize, longest: u32,
): void {
  const blocks = P * P;
  const sizes = scratch,
    kept = at4(scratch, blocks),
    found = at4(kept, longest);
  memory.fill(sizes, 0, (<usize>blocks) << 2);
  let state = stateOf(stream, s0);
  let end = found;
  for (let s = s0; s < s1; s++) {
    let length: u32 = 0;
    const to = load<u32>(at4(offsets, s), 4);
    for (let e = load<u32>(at4(offsets, s)); e < to; e++) {
      const item = load<u32>(at4(items, e));
      const chance = load<u32>(at4(keep, item));
      if (chance != 0xffffffff) {
        state += STEP;
        if (<u32>(mixed(state) >> 32) >= chance) continue;
      }
      store<u32>(at4(kept, length++), item);
    }
    for (let at: u32 = 0; at < length; at++) {
      state += STEP;
      const reach = below(mixed(state), window) + 1;
      const item = load<u32>(at4(kept, at));
      const row = (item % P) * P;
      const last = min(length - 1, at + reach);
      for (let other = at > reach ? at - reach : 0; other <= last; other++) {
        const neighbour = load<u32>(at4(kept, other));
        if (neighbour == item) continue;
        const size = at4(sizes, row + (neighbour % P));
        store<u32>(size, load<u32>(size) + 1);
        store<u32>(end, item);
        store<u32>(end, neighbour, 4);
        end += 8;
      }
    }
  }
  // Counting sort by block, in order within each.
  let start: u32 = 0;
  for (let block: u32 = 0; block < blocks; block++) {
    store<u32>(at4(region, block), start);
    const size = at4(sizes, block);
    const next = start + load<u32>(size);
    store<u32>(size, start);
    start = next;
  }
  store<u32>(at4(region, blocks), start);
  const pairs = at4(region, blocks + 1);
  for (let pair = found; pair < end; pair += 8) {
    const item = load<u32>(pair),
      neighbour = load<u32>(pair, 4);
    const place = at4(sizes, (item % P) * P + (neighbour % P));
    const to = at8(pairs, load<u32>(place));
    store<u32>(place, load<u32>(place) + 1);
    store<u32>(to, item);
    store<u32>(to, neighbour, 4);
  }
}

/**
 * Descends over the pairs of blocks (a, (a + shift) mod P), a0 ≤ a < a1, of `numRegions` regions in order. X, Y: f32
 * [numItems × d], input and output vectors; noise: 2 × u32 by item, the alias table of its part (below the threshold the
 * item itself, else the alias; Walker 1977); `negatives` draws a pair, of which those that hit the neighbour are left
 * out; rate: the step's length. Scratch: a row and 8 bytes a draw, rounded up to 4 draws and 4 more. Returns the sum of
 * the losses, each before its step. Cost a pair: (1 + negatives) · 6d flops.
 */
export function skipGramBlocks(
  a0: u32, a1: u32, stream: u32, shift: u32, P: u32, regions: usize, numRegions: u32, regionBytes: usize, X: usize,
  Y: usize, numItems: u32, d: u32, noise: usize, negatives: u32, rate: f32, scratch: usize,
): f64 {
  const stride = strideOf(d);
  const targets = negatives + 1;
  const padded = (targets + 3) & ~3;
  const step = scratch,
    rows = scratch + stride,
    scores = at4(rows, padded);
  let sum: f64 = 0;
  for (let a = a0; a < a1; a++) {
    const b = (a + shift) % P;
    const size = (numItems - b + P - 1) / P;
    const block = a * P + b;
    let state = stateOf(stream, a);
    for (let r: u32 = 0; r < numRegions; r++) {
      const region = regions + <usize>r * regionBytes;
      const pairs = at4(region, P * P + 1);
      const to = at8(pairs, load<u32>(at4(region, block), 4));
      for (let pair = at8(pairs, load<u32>(at4(region, block))); pair < to; pair += 8) {
        const x = rowAt(X, load<u32>(pair), stride);
        const neighbour = load<u32>(pair, 4);
        store<u32>(rows, neighbour);
        for (let t: u32 = 1; t < targets; t++) {
          state += STEP;
          const random = mixed(state);
          const drawn = below(random, size) * P + b;
          const entry = at8(noise, drawn);
          store<u32>(at4(rows, t), <u32>random < load<u32>(entry) ? drawn : load<u32>(entry, 4));
        }
        sum += descend(x, Y, rows, targets, stride, rate, scores, step);
      }
    }
  }
  return sum;
}

/**
 * One step: the row x against the neighbour (the first of `rows`) and the noise (the others). All gradients are taken
 * before the step; scores: f32 [targets, rounded up to 4]; step: a row.
 */
// @ts-ignore: decorator
@inline
function descend(
  x: usize, Y: usize, rows: usize, targets: u32, stride: usize, rate: f32, scores: usize, step: usize,
): f64 {
  let t: u32 = 0;
  for (; t + 4 <= targets; t += 4) {
    const at = (<usize>t) << 2;
    v128.store(
      scores + at,
      dot4(
        x,
        rowAt(Y, load<u32>(rows + at), stride),
        rowAt(Y, load<u32>(rows + at, 4), stride),
        rowAt(Y, load<u32>(rows + at, 8), stride),
        rowAt(Y, load<u32>(rows + at, 12), stride),
        stride,
      ),
    );
  }
  for (; t < targets; t++) store<f32>(at4(scores, t), dot(x, rowAt(Y, load<u32>(at4(rows, t)), stride), stride));

  // The noise that hit the neighbour has no say: gradient and loss 0, as at a score of −∞.
  const neighbour = load<u32>(rows);
  for (t = 1; t < targets; t++) if (load<u32>(at4(rows, t)) == neighbour) store<f32>(at4(scores, t), -Infinity);
  // Of the neighbour: 1 − σ(z) = σ(−z), and −ln σ(z) = softplus(−z).
  store<f32>(scores, -load<f32>(scores));
  let loss: f64 = 0;
  for (t = 0; t < targets; t += 4) {
    const at = at4(scores, t);
    const z = v128.load(at);
    const lost = softplus4(z);
    loss += <f64>f32x4.extract_lane(lost, 0);
    if (t + 1 < targets) loss += <f64>f32x4.extract_lane(lost, 1);
    if (t + 2 < targets) loss += <f64>f32x4.extract_lane(lost, 2);
    if (t + 3 < targets) loss += <f64>f32x4.extract_lane(lost, 3);
    v128.store(at, f32x4.mul(f32x4.splat(-rate), sigmoid4(z)));
  }
  store<f32>(scores, -load<f32>(scores));

  memory.fill(step, 0, stride);
  for (t = 0; t + 4 <= targets; t += 4) {
    const at = (<usize>t) << 2;
    const y0 = rowAt(Y, load<u32>(rows + at), stride),
      y1 = rowAt(Y, load<u32>(rows + at, 4), stride),
      y2 = rowAt(Y, load<u32>(rows + at, 8), stride),
      y3 = rowAt(Y, load<u32>(rows + at, 12), stride);
    const c0 = v128.load_splat<f32>(scores + at),
      c1 = v128.load_splat<f32>(scores + at, 4),
      c2 = v128.load_splat<f32>(scores + at, 8),
      c3 = v128.load_splat<f32>(scores + at, 12);
    for (let o: usize = 0; o < stride; o += 16) {
      // A row may be drawn twice, so each is read after the one before was written; the step takes them as they were,
      // or as the same draw left them.
      const xv = v128.load(x + o);
      let g = v128.load(step + o);
      let y = v128.load(y0 + o);
      g = mulAdd(c0, y, g);
      v128.store(y0 + o, mulAdd(c0, xv, y));
      y = v128.load(y1 + o);
      g = mulAdd(c1, y, g);
      v128.store(y1 + o, mulAdd(c1, xv, y));
      y = v128.load(y2 + o);
      g = mulAdd(c2, y, g);
      v128.store(y2 + o, mulAdd(c2, xv, y));
      y = v128.load(y3 + o);
      g = mulAdd(c3, y, g);
      v128.store(y3 + o, mulAdd(c3, xv, y));
      v128.store(step + o, g);
    }
  }
  for (; t < targets; t++) {
    const y = rowAt(Y, load<u32>(at4(rows, t)), stride);
    const c = v128.load_splat<f32>(at4(scores, t));
    for (let o: usize = 0; o < stride; o += 16) {
      const yv = v128.load(y + o);
      v128.store(step + o, mulAdd(c, yv, v128.load(step + o)));
      v128.store(y + o, mulAdd(c, v128.load(x + o), yv));
    }
  }
  for (let o: usize = 0; o < stride; o += 16) v128.store(x + o, f32x4.add(v128.load(x + o), v128.load(step + o)));
  return loss;
}
