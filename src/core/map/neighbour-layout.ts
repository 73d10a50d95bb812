/** Points in a plane by who is near to whom: UMAP (McInnes, Healy & Melville 2018), as umap-js computes it. */
import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { seededRandom } from '../numeric/random.js';
import type { RankedRow } from '../numeric/top-k.js';

/** Neighbours of a point that it is drawn to, itself among them: the best of 10, 15 and 30 on real catalogues. */
export const layoutNeighbours = 10;
/** Passes over all pairs of neighbours. The start is good: twice as many keep no more neighbours. */
const epochs = 200;
/** The largest coordinate that it starts from, as UMAP's authors have it. */
const startExtent = 10;
/** Points that are equal start so far apart, or nothing could part them. */
const startNoise = 0.01;
const seed = 42;

/**
 * Moves points from where they start to where neighbours are near to each other: f64 [n × 2]. The same bits for the same
 * input on one version of Node; between versions `Math.exp` and `Math.pow` may differ in their last bit.
 * @param start f64 [n × 2], of whatever scale, not all 0
 * @param neighbours by point its nearest others, by similarity descending: equally many for each, at least 2
 */
export async function neighbourLayout(
  start: Float64Array,
  neighbours: readonly (readonly RankedRow[])[],
  { signal, onProgress }: TaskContext,
): Promise<Float64Array> {
  const { UMAP } = await import('umap-js');
  const random = seededRandom(seed);
  const k = 1 + (neighbours[0]?.length ?? 0);
  const umap = new UMAP({ nNeighbors: k, nEpochs: epochs, random: () => random.nextFraction() });
  const rows = neighbours.map((near, point) => [point, ...near.map(({ row }) => row)]);
  umap.setPrecomputedKNN(
    rows,
    neighbours.map((near) => [0, ...near.map(({ score }) => Math.max(0, 1 - score))]),
  );
  // It looks at how many points there are, and at nothing else of them.
  umap.initializeFit(rows);
  const points = umap.getEmbedding();
  const scale = startExtent / start.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  points.forEach((point, at) => {
    for (const axis of [0, 1])
      point[axis] = scale * start[2 * at + axis]! + startNoise * (random.nextFraction() - 0.5);
  });
  for (let done = 0; done < epochs; done++) {
    onProgress({ kind: 'step', phase: 'laying out the map', done, total: epochs, unit: 'epochs' });
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    umap.step();
  }
  return Float64Array.from(points.flat());
}
