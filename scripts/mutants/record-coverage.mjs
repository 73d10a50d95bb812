// A setup file of vitest: which parts of dist/ a test file executes, in its process, and in its workers and children.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const dist = pathToFileURL(join(process.cwd(), 'dist/')).href;

/** Files follow each other in a process, which counts from its first one on. In its own thread a session answers at once. */
const session = (globalThis.coverageSession ??= new Session());
if (session.isCounting !== true) {
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  session.isCounting = true;
}
/** What was counted since it was taken last. */
function take() {
  let scripts = [];
  session.post('Profiler.takePreciseCoverage', (error, { result }) => (scripts = result));
  return scripts;
}
take();

// Node writes there what workers and children have executed when they end.
const elsewhere = mkdtempSync(join(tmpdir(), 'segue-coverage-'));
process.env['NODE_V8_COVERAGE'] = elsewhere;

// The first hook that is registered is the last one that runs. Vitest wants a pattern for what it gives.
// eslint-disable-next-line no-empty-pattern
afterAll(({}, file) => {
  const covered = new Map();
  paint(take(), covered);
  for (const name of readdirSync(elsewhere)) {
    try {
      paint(JSON.parse(readFileSync(join(elsewhere, name), 'utf8')).result, covered);
    } catch {
      // It is being written still: whoever writes outlives the test.
    }
  }
  rmSync(elsewhere, { recursive: true, force: true });
  delete process.env['NODE_V8_COVERAGE'];
  file.meta.covered = Object.fromEntries([...covered].map(([name, bytes]) => [name, rangesOf(bytes)]));
});

/** An inner block says more than the function that it is in, which comes before it. */
function paint(scripts, covered) {
  for (const { url, functions } of scripts) {
    if (!url.startsWith(dist)) continue;
    const ranges = functions.flatMap((each) => each.ranges);
    const name = url.slice(dist.length);
    const before = covered.get(name) ?? Buffer.alloc(0);
    const bytes = Buffer.alloc(Math.max(before.length, ...ranges.map(({ endOffset }) => endOffset)));
    for (const { startOffset, endOffset, count } of ranges)
      bytes.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    for (const [at, byte] of before.entries()) bytes[at] |= byte;
    if (bytes.includes(1)) covered.set(name, bytes);
  }
}

/** From, to, from, to, … */
function rangesOf(bytes) {
  const ranges = [];
  for (let from = bytes.indexOf(1); from !== -1; from = bytes.indexOf(1, ranges.at(-1))) {
    const to = bytes.indexOf(0, from);
    ranges.push(from, to === -1 ? bytes.length : to);
  }
  return ranges;
}
