/**
 * What publishing takes, beside what the machine takes for the same; and what looking at many snapshots does:
 *
 *   node build/bench/publish.js [--swaps 100] [--large 500] [--turns 5] [--items 50000,500000] [--list 500] [--collect 100]
 *   node build/bench/publish.js --only swap,verify,diff,list,collect
 *
 * swap     one change of `current`, from before the publish lock to the rename and to the commit line on the disk: all that
 *          `publish` does but for starting, verifying and the canary. In turns with 4 KiB written and fsynced.
 * verify   every file read and hashed, in turns with `openssl dgst -sha256`; files in memory, then not.
 * diff     `diff-snapshots` of two trainings that differ by their seed: the whole command.
 * list     `snapshots list` of many.
 * collect  `gc` of many.
 *
 * Everything is made below TMPDIR, which says what disk is measured, and removed at the end.
 */
import { execFileSync } from 'node:child_process';
import fs, {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rootPath, snapshotFile } from '#dist/core/snapshot/layout.js';
import { makeDurable } from '#dist/core/snapshot/writing/make-durable.js';
import { leaseSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { writeStamp } from '#dist/core/snapshot/stamp.js';
import { lockForPublishing, swapCurrent } from '#dist/core/publishing/swap-current.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { publish } from '#dist/core/tasks/publish.js';
import { context, enlarge, filesOf, plantMany, trainPair } from './publish-roots.js';
import { segue, type Run } from './run-segue.js';
import { randomFractions } from './seeded-random.js';

const parts = ['swap', 'verify', 'diff', 'list', 'collect'] as const;
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: parts.join(',') },
    swaps: { type: 'string', default: '100' },
    large: { type: 'string', default: '500' },
    turns: { type: 'string', default: '5' },
    items: { type: 'string', default: '50000,500000' },
    list: { type: 'string', default: '500' },
    collect: { type: 'string', default: '100' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const scratch = mkdtempSync(join(tmpdir(), 'segue-bench-'));
const root = join(scratch, 'root');
const wanted = values.only.split(',');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** When `current` was renamed last: the swap tells nobody, and everything else it does must be as it is. */
let renamedAt = NaN;
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  if (to === rootPath.current(root)) renamedAt = performance.now();
};
syncBuiltinESMExports();

try {
  say(
    `${cpus()[0]?.model ?? '?'}, ${availableParallelism()} cores, Node ${process.version}, ${fileSystem()}`,
  );
  const small = await trainPair(root, scratch);
  if (wanted.includes('swap') || wanted.includes('verify')) {
    const large = await enlarge(root, small, Number(values.large));
    if (wanted.includes('swap'))
      for (const pair of [small, large]) await timeSwaps(pair, Number(values.swaps));
    if (wanted.includes('verify'))
      for (const [id] of [small, large]) await timeVerifying(id, Number(values.turns));
  }
  if (wanted.includes('diff')) for (const items of values.items.split(',')) await timeDiff(Number(items));
  if (wanted.includes('list')) await timeMany(small[0], Number(values.list), ['snapshots', 'list'], 5);
  if (wanted.includes('collect')) await timeMany(small[0], Number(values.collect), ['gc', '--keep', '1'], 1);
} finally {
  rmSync(scratch, { recursive: true });
}

function fileSystem(): string {
  const types: Readonly<Record<number, string>> = {
    0xef53: 'ext4',
    0x58465342: 'xfs',
    0x1021994: 'tmpfs',
    0x9123683e: 'btrfs',
  };
  const { type } = statfsSync(scratch);
  return `${types[type] ?? `file system 0x${type.toString(16)}`} below ${tmpdir()}`;
}

/** 'median / 95th percentile' in ms. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return [0.5, 0.95]
    .map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(2))
    .join(' / ');
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

async function timeSwaps(pair: readonly [string, string], swaps: number): Promise<void> {
  const identities = new Map<string, Awaited<ReturnType<typeof verifyFiles>>>();
  let bytes = 0;
  let files = 0;
  for (const id of pair) {
    const manifest = readManifest(join(rootPath.snapshot(root, id), snapshotFile.manifest));
    identities.set(id, await verifyFiles(rootPath.snapshot(root, id), manifest, context));
    bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
    files = Object.keys(manifest.files).length;
  }
  const times = {
    bare: [] as number[],
    durable: [] as number[],
    renamed: [] as number[],
    confirmed: [] as number[],
  };
  const bare = openSync(join(root, 'bare'), 'w');
  const page = Buffer.alloc(4096, 1);
  for (let swap = 0; swap < swaps; swap++) {
    let startMs = performance.now();
    writeSync(bare, page, 0, page.length, 0);
    fsyncSync(bare);
    times.bare.push(performance.now() - startMs);

    // As publishSnapshot does it, in its order, without what verifies, and what is done while the canary works.
    const id = pair[swap % 2] ?? '';
    startMs = performance.now();
    const lock = lockForPublishing(root);
    const { path, manifest, lease } = await leaseSnapshot(root, id);
    const current = readCurrent(root);
    writeStamp(root, manifest, identities.get(id) ?? new Map<string, string>());
    swapCurrent(root, current, id, {
      op: 'publish',
      time: new Date().toISOString(),
      who: 'bench',
      why: null,
    });
    times.confirmed.push(performance.now() - startMs);
    times.renamed.push(renamedAt - startMs);
    lease.release();
    lock.release();

    startMs = performance.now();
    makeDurable(path, manifest);
    times.durable.push(performance.now() - startMs);
  }
  closeSync(bare);
  rmSync(join(root, 'bare'));
  say(`\nswap of ${megabytes(bytes)} in ${files} files: ms, median / 95th percentile of ${swaps}`);
  say(`  4 KiB written and fsynced          ${spread(times.bare)}`);
  say(`  lock to rename                     ${spread(times.renamed)}`);
  say(`  lock to the commit on the disk     ${spread(times.confirmed)}`);
  say(`  beside the canary: all fsynced     ${spread(times.durable)}`);
  const whole: number[] = [];
  for (let time = 0; time < 5; time++) {
    const { seconds } = await publish(
      { root, snapshot: pair[time % 2] ?? '', require: [], dryRun: false },
      context,
    );
    whole.push(1000 * seconds);
  }
  say(`  whole, verified, canary and all    ${spread(whole)}   (of 5)`);
}

/** Takes the files out of memory; false where that cannot be asked for. */
function forget(paths: readonly string[]): boolean {
  try {
    for (const path of paths)
      execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function timeVerifying(id: string, turns: number): Promise<void> {
  const path = rootPath.snapshot(root, id);
  const manifest = readManifest(join(path, snapshotFile.manifest));
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const paths = filesOf(root, id);
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    openssl: async () => Promise.resolve(execFileSync('openssl', ['dgst', '-sha256', ...paths])),
    'one thread': () => verifyFiles(path, manifest, context, { threads: 1 }),
    'as publish does': () => verifyFiles(path, manifest, context),
  };
  for (const state of ['in memory', 'on the disk']) {
    const times = Object.keys(ways).map((): number[] => []);
    for (let turn = 0; turn < turns; turn++) {
      for (const [at, run] of Object.values(ways).entries()) {
        if (state === 'on the disk' && !forget(paths)) {
          say('the files cannot be taken out of memory here');
          return;
        }
        const startMs = performance.now();
        await run();
        times[at]?.push(performance.now() - startMs);
      }
    }
    const speeds = times.map((each) => bytes / 1e3 / median(each));
    const told = Object.keys(ways).map((way, at) => {
      const speed = speeds[at] ?? NaN;
      return `${way} ${speed.toFixed(0)} MB/s${at === 0 ? '' : ` (${(speed / (speeds[0] ?? NaN)).toFixed(2)})`}`;
    });
    say(`\nverify ${megabytes(bytes)} ${state}, medians of ${turns}: ${told.join(', ')}`);
  }
}

/** Two trainings of the same events; every item is played by some ten users. */
async function timeDiff(items: number): Promise<void> {
  const events = join(scratch, `events-${items}.tsv`);
  writeEvents(events, items);
  const diffRoot = join(scratch, `diff-${items}`);
  mkdirSync(diffRoot);
  const train = ['train', events, '--epochs', '3', '--root', diffRoot];
  const a = String((await segue([...train, '--seed', '1'])).json['snapshot']);
  const b = String((await segue([...train, '--seed', '2'])).json['snapshot']);
  // Stamps first, so that what is measured is the comparison.
  for (const id of [a, b]) await segue(['similar', 'i0', '--snapshot', id, '--root', diffRoot]);
  const { json, seconds, peakBytes } = await segue(['diff-snapshots', a, b, '--root', diffRoot]);
  const { overlapAt10, rboAll, verdict } = json as {
    overlapAt10?: number;
    rboAll?: number;
    verdict?: { kind: string };
  };
  say(
    `\ndiff-snapshots of two trainings, ${items} items × 64: ${seconds.toFixed(2)} s, peak ${megabytes(peakBytes)}, ` +
      `overlap@10 ${String(overlapAt10?.toFixed(3))}, rank-biased ${String(rboAll?.toFixed(3))}, ${verdict?.kind ?? '–'}`,
  );
  rmSync(diffRoot, { recursive: true });
}

/** A hundred users for every 50 items; each plays some of 50 clusters, and every item is played. */
function writeEvents(path: string, items: number): void {
  const fraction = randomFractions(7);
  const clusterSize = Math.ceil(items / Math.max(10, items / 200));
  const file = openSync(path, 'w');
  let text = 'user\titem\n';
  for (let row = 0; row < 10 * items; row++) {
    const item = row % items;
    const cluster = Math.floor(item / clusterSize);
    // Who likes a cluster: its own forty users, and one in ten is anyone.
    const user =
      fraction() < 0.9 ? 40 * cluster + Math.floor(40 * fraction()) : Math.floor(fraction() * items * 0.2);
    text += `u${user}\ti${item}\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}

/** The whole command, in a root of so many snapshots of which one is current. */
async function timeMany(id: string, count: number, command: readonly string[], times: number): Promise<void> {
  const manyRoot = join(scratch, command.join('-'));
  const [first = ''] = plantMany(root, id, manyRoot, count);
  await segue(['publish', first, '--root', manyRoot]);
  const runs: Run[] = [];
  for (let time = 0; time < times; time++) runs.push(await segue([...command, '--root', manyRoot]));
  const seconds = median(runs.map((run) => run.seconds));
  const peakBytes = Math.max(...runs.map((run) => run.peakBytes));
  const left = readdirSync(rootPath.snapshots(manyRoot)).length;
  say(
    `\n${command.join(' ')} of ${count} snapshots: ${seconds.toFixed(2)} s, peak ${megabytes(peakBytes)}, ${left} left`,
  );
}
