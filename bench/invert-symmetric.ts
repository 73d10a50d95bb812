/**
 * Times the inverse that EASE takes, of a matrix of so many rows: seconds, processor time, and what that is in flops (n³,
 * a multiplication and an addition being two).
 *
 *   node build/bench/invert-symmetric.js --rows 4096 --threads 1
 */
import { parseArgs } from 'node:util';
import { openPool } from '#dist/core/compute/pool.js';
import { tileBytes, tileNumber, tileRows, tileSize, triangleBytes } from '#dist/core/compute/tiles.js';
import { inversionLayout, invertSymmetric } from '#dist/core/models/ease/invert-symmetric.js';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '4096' }, threads: { type: 'string', default: '2' } },
});
const rows = Number(values.rows);
const threads = Number(values.threads);
const pool = openPool({
  threads,
  workspaceBytes: triangleBytes(rows) + inversionLayout(rows).bytes,
  scratchBytes: 64,
  signal: new AbortController().signal,
});
try {
  const { workspace } = pool;
  const tiles = workspace.allocate(triangleBytes(rows));
  // A diagonal: what stands in the tiles changes no instruction.
  for (let t = 0; t < tileRows(rows); t++) {
    const tile = workspace.f64(tiles + tileNumber(t, t) * tileBytes, tileSize * tileSize);
    for (let r = 0; r < tileSize; r++) tile[r * (tileSize + 1)] = 2;
  }
  const cpu = process.cpuUsage();
  const started = performance.now();
  await invertSymmetric(pool, tiles, rows, () => undefined);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const processor = (user + system) / 1e6;
  process.stdout.write(
    `${rows} rows, ${threads} threads: ${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processor time, ` +
      `${(rows ** 3 / processor / 1e9).toFixed(1)} Gflop a second of it, ` +
      `${((triangleBytes(rows) + inversionLayout(rows).bytes) / 2 ** 20).toFixed(0)} MiB\n`,
  );
} finally {
  await pool.close();
}
