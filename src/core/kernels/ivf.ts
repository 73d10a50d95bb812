// Search in an inverted file of three levels: regions, the lists of each around a centroid, the rows of each list. All are
// groups of codes (codes.ts): the regions are one group around zero, a region's centroids one around the region, a list's
// rows one around its centroid. What a centroid's score is, is what its rows' scores are counted from.
import { at4, at8, dot, rowAt, strideOf } from './simd';
import { CANDIDATE, encodeQuery, scanCodes, scoreCode, scoreCodes } from './codes';
import { clearHeap, offer, sortHeap } from './scan';

// Where the numbers of writeIndex stand, after d.
const NUM_REGIONS: usize = 4;
const REGION_TILES: usize = 8;
const CENTROID_TILES: usize = 12;
const ROW_TILES: usize = 16;
const REGION_OFFSETS: usize = 20;
const OFFSETS: usize = 24;
const SCALES: usize = 28;
const ROWS: usize = 32;
const VECTORS: usize = 36;
export const INDEX_BYTES: usize = 40;

/** Bytes that come from memory together. */
const LINE: usize = 64;
/** Lists that are fetched before they are scanned: as many as the cache keeps until then. */
const FETCHED: u32 = 64;

/**
 * Writes down where an index stands in memory, for those below. d: padded dims; tiles of the regions, the centroids, the
 * rows; regionOffsets: u32 [numRegions + 1], region r's centroids are those of the lists from regionOffsets[r] on; offsets:
 * u32 [numLists + 1] positions; scales: pairs of f32 (scale, error), of the regions, of each region's centroids, of each
 * list's rows; rows: u32 by position; vectors: f32 by row, unit vectors, or 0.
 */
export function writeIndex(
  index: usize, d: u32, numRegions: u32, regionTiles: usize, centroidTiles: usize, rowTiles: usize,
  regionOffsets: usize, offsets: usize, scales: usize, rows: usize, vectors: usize,
): void {
  store<u32>(index, d);
  store<u32>(index, numRegions, NUM_REGIONS);
  store<u32>(index, regionTiles, REGION_TILES);
  store<u32>(index, centroidTiles, CENTROID_TILES);
  store<u32>(index, rowTiles, ROW_TILES);
  store<u32>(index, regionOffsets, REGION_OFFSETS);
  store<u32>(index, offsets, OFFSETS);
  store<u32>(index, scales, SCALES);
  store<u32>(index, rows, ROWS);
  store<u32>(index, vectors, VECTORS);
}

/** Bytes of a query in int16 and what follows it, a multiple of 16. */
// @ts-ignore: decorator
@inline
function queryBytes(d: u32): usize {
  return (((<usize>d) << 1) + 16 + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function unitOf(x: usize, d: u32): f32 {
  return load<f32>(x + ((<usize>d) << 1));
}

/** At most how far from the truth are the scores of a group whose codes are `error` away from what they stand for. */
// @ts-ignore: decorator
@inline
function errorOf(x: usize, d: u32, error: f32): f32 {
  const end = x + ((<usize>d) << 1);
  return load<f32>(end, 4) + load<f32>(end, 8) * error;
}

/**
 * The `probes` lists whose centroids are nearest to the query among those of the regions looked into, the nearest first,
 * into nearest: (score f32, list u32), list 2^32 − 1 where there are no more. Regions are looked into from the nearest on,
 * until one is further than the best list found by more than `gap`, which promises nothing as near. x: of encodeQuery;
 * scores: room for twice numRegions f32, each rounded up to a multiple of 8. Returns how many regions it looked into.
 */
export function nearestLists(
  x: usize,
  index: usize,
  gap: f32,
  probes: u32,
  scores: usize,
  nearest: usize,
): u32 {
  const d = load<u32>(index),
    numRegions = load<u32>(index, NUM_REGIONS),
    unit = unitOf(x, d),
    reach = gap * load<f32>(x + ((<usize>d) << 1), 8),
    scales = load<u32>(index, SCALES),
    offsets = load<u32>(index, REGION_OFFSETS),
    tiles = load<u32>(index, CENTROID_TILES);
  scoreRegions(x, index, scores);
  clearHeap(nearest, probes);
  const names = at4(scores, (numRegions + 7) & ~7);
  let best: f32 = -Infinity,
    left = numRegions,
    looked: u32 = 0;
  for (; looked < numRegions; looked++) {
    const base = bestOf(scores, left),
      place = take(base, scores, left),
      r = looked ? load<u32>(at4(names, place)) : place;
    // A query that is no number is near to nothing.
    if (!(base > -Infinity) || base < best - reach) break;
    const from = load<u32>(at4(offsets, r)),
      to = load<u32>(at4(offsets, r), 4),
      factor = load<f32>(at8(scales, 1 + r)) * unit;
    scanCodes(from, to, tiles, x, d, base, factor, 0, 0, 0, probes, nearest, 0, 0);
    for (let j: u32 = 0; j < probes; j++) best = max(best, load<f32>(at8(nearest, j)));
    // What is too far from the nearest region's best list stays so.
    if (looked == 0) left = keepAbove(best - reach, scores, numRegions, names);
  }
  sortHeap(nearest, probes);
  return looked;
}

/** Moves the scores of `floor` at least to the front, and their places into names; returns how many they are. */
function keepAbove(floor: f32, scores: usize, count: u32, names: usize): u32 {
  const least = f32x4.splat(floor);
  let kept: u32 = 0;
  for (let at: u32 = 0; at < count; at += 4) {
    let mask = i32x4.bitmask(f32x4.ge(v128.load(at4(scores, at)), least));
    for (; mask; mask &= mask - 1) {
      const place = at + ctz(mask);
      store<f32>(at4(scores, kept), load<f32>(at4(scores, place)));
      store<u32>(at4(names, kept), place);
      kept++;
    }
  }
  for (let at = kept; (at & 7) != 0; at++) store<f32>(at4(scores, at), -Infinity);
  return kept;
}

function scoreRegions(x: usize, index: usize, scores: usize): void {
  const d = load<u32>(index),
    factor = load<f32>(load<u32>(index, SCALES)) * unitOf(x, d);
  scoreCodes(load<u32>(index, NUM_REGIONS), load<u32>(index, REGION_TILES), x, d, 0, factor, scores);
}

/** The best of `count` scores. scores: room for whole tiles of 8. */
function bestOf(scores: usize, count: u32): f32 {
  let most = f32x4.splat(-Infinity);
  const end = at4(scores, (count + 7) & ~7);
  for (let p = scores; p < end; p += 16) most = f32x4.pmax(most, v128.load(p));
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

/** The lowest place of `score`, which becomes −∞; 0 where it is in none. */
function take(score: f32, scores: usize, count: u32): u32 {
  const wanted = f32x4.splat(score),
    end = at4(scores, (count + 7) & ~7);
  for (let p = scores; p < end; p += 16) {
    const mask = i32x4.bitmask(f32x4.eq(v128.load(p), wanted));
    if (mask == 0) continue;
    const place = <u32>((p - scores) >> 2) + ctz(mask);
    store<f32>(at4(scores, place), -Infinity);
    return place;
  }
  return 0;
}

/**
 * The nearest `numNear` regions of the rows members[p0] … members[p1 − 1] of V, nearest first, into out: u32 [· × numNear] by
 * place in members. scratch: of searchRows, for probes 0 and k 0.
 */
export function regionsOfRows(
  p0: u32,
  p1: u32,
  members: usize,
  V: usize,
  index: usize,
  numNear: u32,
  out: usize,
  scratch: usize,
): void {
  const d = load<u32>(index),
    numRegions = load<u32>(index, NUM_REGIONS),
    scores = (scratch + queryBytes(d) + 63) & ~63;
  for (let p = p0; p < p1; p++) {
    encodeQuery(rowAt(V, load<u32>(at4(members, p)), strideOf(d)), d, scratch);
    scoreRegions(scratch, index, scores);
    for (let j: u32 = 0; j < numNear; j++)
      store<u32>(at4(out, p * numNear + j), take(bestOf(scores, numRegions), scores, numRegions));
  }
}

/**
 * Scans one list for a query, as scanCodes with candidates. base: the score of its centroid; tiles and rows: where those of
 * position 0 stand, or would stand; heap: of the best k lower bounds. Returns how many candidates there are.
 */
export function scanList(
  list: u32,
  x: usize,
  index: usize,
  base: f32,
  tiles: usize,
  rows: usize,
  skip: usize,
  k: u32,
  heap: usize,
  candidates: usize,
  count: u32,
): u32 {
  const d = load<u32>(index),
    offsets = at4(load<u32>(index, OFFSETS), list),
    scale = at8(load<u32>(index, SCALES), 1 + load<u32>(index, NUM_REGIONS) + list),
    factor = load<f32>(scale) * unitOf(x, d),
    error = errorOf(x, d, load<f32>(scale, 4)),
    from = load<u32>(offsets),
    to = load<u32>(offsets, 4);
  return scanCodes(from, to, tiles, x, d, base, factor, error, rows, skip, k, heap, candidates, count);
}

/**
 * Moves the candidates that can be among the best k to the front, those that are among them by their lower bounds before
 * the others; out: u32 [2], how many the first are, and both together. floor: the worst of the best k lower bounds.
 */
export function sortCandidates(candidates: usize, count: u32, floor: f32, out: usize): void {
  let sure = candidates,
    all = candidates;
  for (let c: u32 = 0; c < count; c++) {
    const from = candidates + <usize>c * CANDIDATE;
    if (!(load<f32>(from) >= floor)) continue;
    swap(from, all);
    if (load<f32>(all, 4) >= floor) {
      swap(all, sure);
      sure += CANDIDATE;
    }
    all += CANDIDATE;
  }
  store<u32>(out, <u32>((sure - candidates) / CANDIDATE));
  store<u32>(out, <u32>((all - candidates) / CANDIDATE), 4);
}

// @ts-ignore: decorator
@inline
function swap(a: usize, b: usize): void {
  const kept = v128.load(a);
  v128.store(a, v128.load(b));
  v128.store(b, kept);
}

/**
 * For queries q0 … q1 − 1 (rows of Q) the best k rows of the lists nearest to each, scored by their inner product with the
 * row's vector, into heaps: k entries a query. The best within those lists to the bit: what may enter by its codes is
 * scored anew. skip: a bitmap by row, 1 = left out, or 0. Returns how many rows were scored anew.
 * scratch: queryBytes, 8 · (numRegions + 7), 8 · probes, 8 · k and 16 · the most rows that `probes` lists hold, each of them
 * rounded up to 64.
 */
export function searchRows(
  q0: u32,
  q1: u32,
  Q: usize,
  index: usize,
  gap: f32,
  probes: u32,
  k: u32,
  skip: usize,
  heaps: usize,
  scratch: usize,
): f64 {
  const d = load<u32>(index),
    stride = strideOf(d),
    tiles = load<u32>(index, ROW_TILES),
    rows = load<u32>(index, ROWS),
    V = load<u32>(index, VECTORS),
    regions = (scratch + queryBytes(d) + 63) & ~63,
    nearest = (at8(regions, load<u32>(index, NUM_REGIONS) + 7) + 63) & ~63,
    lower = (at8(nearest, probes) + 63) & ~63,
    candidates = (at8(lower, k) + 63) & ~63;
  let scored: f64 = 0;
  for (let q = q0; q < q1; q++) {
    const query = rowAt(Q, q, stride),
      heap = at8(heaps, <usize>q * k);
    encodeQuery(query, d, scratch);
    nearestLists(scratch, index, gap, probes, regions, nearest);
    clearHeap(lower, k);
    fetchLists(index, nearest, min(probes, FETCHED), candidates);
    let count: u32 = 0;
    for (let j: u32 = 0; j < probes; j++) {
      const list = load<u32>(at8(nearest, j), 4);
      if (list == u32.MAX_VALUE) break;
      const base = load<f32>(at8(nearest, j));
      count = scanList(list, scratch, index, base, tiles, rows, skip, k, lower, candidates, count);
    }
    // The query's own codes are not needed any more.
    sortCandidates(candidates, count, load<f32>(lower), scratch);
    const sure = load<u32>(scratch),
      all = load<u32>(scratch, 4);
    fetchVectors(V, stride, candidates, all, scratch + 16);
    clearHeap(heap, k);
    for (let c: u32 = 0; c < all; c++) {
      const candidate = candidates + <usize>c * CANDIDATE;
      if (c >= sure && !(load<f32>(candidate) >= load<f32>(heap))) continue;
      const row = load<u32>(candidate, 8);
      offer(heap, k, dot(query, rowAt(V, row, stride), stride), row, 0);
      scored++;
    }
  }
  return scored;
}

/**
 * Reads what will be read soon, for nothing but to have it on its way from memory: many lines at a time, where the scans
 * would wait for one after the other. What was read goes to `out`, 16 bytes, so that no compiler leaves it out.
 */
function fetchLists(index: usize, nearest: usize, count: u32, out: usize): void {
  const tileBytes = (<usize>load<u32>(index)) << 3,
    tiles = <usize>load<u32>(index, ROW_TILES),
    scales = at8(load<u32>(index, SCALES), 1 + load<u32>(index, NUM_REGIONS));
  let all = i32x4.splat(0);
  for (let j: u32 = 0; j < count; j++) {
    const list = load<u32>(at8(nearest, j), 4);
    if (list == u32.MAX_VALUE) break;
    const offsets = at4(load<u32>(index, OFFSETS), list),
      from = load<u32>(offsets),
      end = tiles + (<usize>((load<u32>(offsets, 4) + 7) >> 3)) * tileBytes;
    all = v128.or(all, v128.load32_splat(at8(scales, list)));
    all = v128.or(all, v128.load32_splat(at4(load<u32>(index, ROWS), from)));
    for (let p = tiles + (<usize>(from >> 3)) * tileBytes; p < end; p += LINE) all = v128.or(all, v128.load(p));
  }
  v128.store(out, all);
}

function fetchVectors(V: usize, stride: usize, candidates: usize, count: u32, out: usize): void {
  let all = i32x4.splat(0);
  for (let c: u32 = 0; c < count; c++) {
    const row = rowAt(V, load<u32>(candidates + <usize>c * CANDIDATE, 8), stride);
    for (let o: usize = 0; o < stride; o += LINE) all = v128.or(all, v128.load(row + o));
  }
  v128.store(out, all);
}

/**
 * How soon a search comes to certain lists. For queries q0 … q1 − 1 (rows of Q), their lists targets: u32 [· × numTargets],
 * 2^32 − 1 for none; and every gap of gaps: f32 [numGaps], how many lists of the regions looked into (nearestLists) come
 * before it, into out: u32 [· × numTargets × numGaps], 2^32 − 1 where it is in none of them; and how many lists those regions
 * have, into looked: u32 [· × numGaps].
 * scratch: queryBytes, 4 · (numRegions + 7), 12 · numRegions, and 4 · the number of lists, each rounded up to 64.
 */
export function ranksOfLists(
  q0: u32,
  q1: u32,
  Q: usize,
  index: usize,
  targets: usize,
  numTargets: u32,
  gaps: usize,
  numGaps: u32,
  out: usize,
  looked: usize,
  scratch: usize,
): void {
  const d = load<u32>(index),
    numRegions = load<u32>(index, NUM_REGIONS),
    scales = load<u32>(index, SCALES),
    offsets = load<u32>(index, REGION_OFFSETS),
    scores = (scratch + queryBytes(d) + 63) & ~63,
    order = (at4(scores, numRegions + 7) + 63) & ~63,
    best = at4(order, numRegions),
    before = at4(best, numRegions),
    listScores = (at4(before, numRegions) + 63) & ~63;
  for (let q = q0; q < q1; q++) {
    encodeQuery(rowAt(Q, q, strideOf(d)), d, scratch);
    const unit = unitOf(scratch, d);
    scoreRegions(scratch, index, scores);
    // The regions in order, and the best list in each and before it.
    let most: f32 = -Infinity;
    for (let j: u32 = 0; j < numRegions; j++) {
      const base = bestOf(scores, numRegions),
        r = take(base, scores, numRegions),
        factor = load<f32>(at8(scales, 1 + r)) * unit,
        to = load<u32>(at4(offsets, r), 4);
      for (let l = load<u32>(at4(offsets, r)); l < to; l++) {
        const score = scoreCode(l, load<u32>(index, CENTROID_TILES), scratch, d, base, factor);
        store<f32>(at4(listScores, l), score);
        most = max(most, score);
      }
      store<u32>(at4(order, j), r);
      store<f32>(at4(best, j), most);
      // Its own score, in the order of regions.
      store<f32>(at4(before, j), base);
    }
    for (let g: u32 = 0; g < numGaps; g++) {
      const reach = load<f32>(at4(gaps, g)) * load<f32>(scratch + ((<usize>d) << 1), 8);
      let lists: u32 = 0,
        j: u32 = 0;
      for (; j < numRegions; j++) {
        if (j > 0 && load<f32>(at4(before, j)) < load<f32>(at4(best, j - 1)) - reach) break;
        const r = load<u32>(at4(order, j));
        lists += load<u32>(at4(offsets, r), 4) - load<u32>(at4(offsets, r));
      }
      store<u32>(at4(looked, q * numGaps + g), lists);
    }
    for (let t: u32 = 0; t < numTargets; t++) {
      const list = load<u32>(at4(targets, q * numTargets + t)),
        ranks = at4(out, (q * numTargets + t) * numGaps);
      for (let g: u32 = 0; g < numGaps; g++) store<u32>(at4(ranks, g), u32.MAX_VALUE);
      if (list == u32.MAX_VALUE) continue;
      const score = load<f32>(at4(listScores, list));
      let rank: u32 = 0,
        lists: u32 = 0,
        found = false;
      // Gaps ascend, so what is looked into grows.
      for (let g: u32 = 0, j: u32 = 0; g < numGaps; g++) {
        const all = load<u32>(at4(looked, q * numGaps + g));
        for (; lists < all; j++) {
          const r = load<u32>(at4(order, j)),
            from = load<u32>(at4(offsets, r)),
            to = load<u32>(at4(offsets, r), 4);
          lists += to - from;
          found = found || (from <= list && list < to);
          for (let l = from; l < to; l++) {
            const s = load<f32>(at4(listScores, l));
            rank += u32(s > score || (s == score && l < list));
          }
        }
        if (found) store<u32>(at4(ranks, g), rank);
      }
    }
  }
}
