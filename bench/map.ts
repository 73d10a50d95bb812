/**
 * How well a map keeps neighbours together: of 1,000 items the share of their true ten nearest that are among the thirty
 * nearest on the map (kept), and trustworthiness@10 (Venna & Kaski 2001: 1 where nobody is near on the map who is not near by
 * the vectors), beside the plane of the first two principal components and beside random places. And how long it takes.
 *
 *   node build/bench/map.js --root .segue [--snapshot REF] [--landmarks 10000] [--threads 2] [--svg FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { vectorBytes, openVectorFile } from '#dist/core/compute/vector-file.js';
import { openPool } from '#dist/core/compute/pool.js';
import { allocatedBytes, layoutOf } from '#dist/core/compute/workspace.js';
import type { TaskContext } from '#dist/core/contracts.js';
import { layOut } from '#dist/core/map/lay-out.js';
import { noGroup } from '#dist/core/map/map-format.js';
import { planeLayout, planeScratchBytes, principalPlane } from '#dist/core/map/principal-plane.js';
import { sampleRows, seededRandom } from '#dist/core/numeric/random.js';
import { matrixLayout, normalise } from '#dist/core/search/exact-batch.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '.segue' },
    snapshot: { type: 'string' },
    landmarks: { type: 'string' },
    threads: { type: 'string', default: '2' },
    svg: { type: 'string' },
    queries: { type: 'string', default: '1000' },
  },
});
const context: TaskContext = { signal: new AbortController().signal, onProgress: () => undefined };
const threads = Number(values.threads);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const snapshot = await openForReading(values.root, values.snapshot, context);
const startedMs = performance.now();
const map = await layOut(
  snapshot,
  { threads, ...(values.landmarks === undefined ? {} : { mostLandmarks: Number(values.landmarks) }) },
  context,
);
const seconds = (performance.now() - startedMs) / 1000;
const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
const count = map.numItems.toLocaleString('en');
say(`map of ${count} items by ${threads} threads: ${seconds.toFixed(1)} s, ${rss} MiB resident`);

const file = openVectorFile(snapshot.file(snapshotFile.itemVectors));
const { numRows, dim, paddedDim } = file;
const layout = layoutOf({
  matrix: matrixLayout(numRows, dim),
  plane: planeLayout(numRows, dim),
  scores: 4 * numRows,
});
const pool = openPool({
  threads,
  workspaceBytes: layout.bytes + allocatedBytes(vectorBytes(1, dim)),
  scratchBytes: planeScratchBytes(dim),
  signal: context.signal,
});
const { workspace } = pool;
const arrays = layout.allocate(workspace);
file.readAllInto(workspace, arrays.matrix.address);
await normalise(pool, arrays.matrix);
const all = workspace.f32(arrays.matrix.address, numRows * paddedDim);
for (let row = 0; row < numRows; row++)
  if (map.group[row] === noGroup) all.fill(0, row * paddedDim, (row + 1) * paddedDim);
const plane = await principalPlane(pool, arrays.matrix, dim, arrays.plane);
const random = seededRandom(1);

const queries = sampleRows(seededRandom(7), Number(values.queries), numRows).filter(
  (row) => map.group[row] !== noGroup,
);
report(
  'map',
  Float64Array.from({ length: 2 * numRows }, (_, at) => (at % 2 === 0 ? map.x : map.y)[at >> 1]!),
);
report('principal components', plane);
report(
  'random',
  Float64Array.from({ length: 2 * numRows }, () => random.nextFraction()),
);
if (values.svg !== undefined) writeFileSync(values.svg, drawn());
await pool.close();
file.close();
snapshot.close();

/** Items that are equally near share the better rank: of equal vectors any is right. */
function report(name: string, points: Float64Array): void {
  let [kept, wanted, penalty] = [0, 0, 0];
  for (const query of queries) {
    workspace.kernels.scoreRows(
      0,
      numRows,
      arrays.matrix.address + 4 * query * paddedDim,
      arrays.matrix.address,
      paddedDim,
      arrays.scores,
    );
    const scores = workspace.f32(arrays.scores, numRows);
    scores[query] = -Infinity;
    const distances = Float64Array.from({ length: numRows }, (_, row) =>
      Math.hypot(points[2 * row]! - points[2 * query]!, points[2 * row + 1]! - points[2 * query + 1]!),
    );
    distances[query] = Infinity;
    const byScore = Float32Array.from(scores).sort().reverse();
    const byDistance = Float64Array.from(distances).sort();
    const [tenth, thirtiethAway, tenthAway] = [byScore[9]!, byDistance[29]!, byDistance[9]!];
    let [ten, near] = [0, 0];
    for (let row = 0; row < numRows; row++) {
      if (scores[row]! >= tenth && ten < 10) {
        ten++;
        if (distances[row]! <= thirtiethAway) kept++;
      }
      if (distances[row]! <= tenthAway && near < 10) {
        near++;
        if (scores[row]! < tenth) penalty += rankIn(byScore, scores[row]!) - 10;
      }
    }
    wanted += ten;
  }
  const most = (queries.length * 10 * (2 * numRows - 31)) / 2;
  const trust = 1 - penalty / most;
  say(`${name.padEnd(22)}kept ${(kept / wanted).toFixed(3)}   trustworthiness@10 ${trust.toFixed(3)}`);
}

/** From 1, of the first of those that are as large. */
function rankIn(descending: Float32Array, score: number): number {
  let [low, high] = [0, descending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (descending[middle]! > score) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

/** To look at. */
function drawn(): string {
  const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#999999'];
  const circles = Array.from(map.group, (group, row) =>
    group === noGroup
      ? ''
      : `<circle cx="${String(map.x[row]! / 65.536)}" cy="${String(1000 - map.y[row]! / 65.536)}" r="${String(1 + map.popularity[row]! / 128)}" fill="${colours[group]!}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" width="1000" height="1000">${circles.join('')}</svg>`;
}
