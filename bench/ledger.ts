/**
 * What the ledger of feedback takes:
 *
 *   node build/bench/ledger.js [--users 1000000] [--entries 10000000] [--adds 200000] [--singles 2000] [--asked 256]
 *
 * add      acknowledged adds a second, of `--asked` callers that each wait for their last one; to an empty ledger
 * table    a table of that many users and entries is written, opened, and looked up (in memory)
 * single   one add after the other, to that ledger: the time beside its own fsyncs, and the fsyncs
 * journal  opened when its journal has as much as it may, short of a compaction
 * recent   as much is compacted into a second table, beside adds of one caller: how long the longest of them took beside its fsyncs
 * whole    all is compacted into one table, beside the same
 *
 * Everything is made below TMPDIR, which says what disk is measured, and removed at the end.
 */
import fs, { mkdtempSync, readdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { journalLine } from '#dist/core/files/journal.js';
import { openDisk } from '#dist/core/ledger/disk.js';
import type { NewEntry } from '#dist/core/ledger/entry.js';
import { entryFields } from '#dist/core/ledger/entry-line.js';
import { nothingKnown } from '#dist/core/ledger/known.js';
import { journalName, keyName, liveName } from '#dist/core/ledger/layout.js';
import { formatLive } from '#dist/core/ledger/live-file.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import type { Ledger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { keyBytes } from '#dist/core/ledger/perform.js';
import type { OpenTable, StoredLine } from '#dist/core/ledger/open-table.js';
import type { TableHead } from '#dist/core/ledger/table-format.js';
import { writeTable } from '#dist/core/ledger/write-table.js';
import { context } from './publish-roots.js';
import { randomIntegers } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    entries: { type: 'string', default: '10000000' },
    adds: { type: 'string', default: '200000' },
    singles: { type: 'string', default: '2000' },
    asked: { type: 'string', default: '256' },
  },
});
const numUsers = Number(values.users);
const perUser = Math.round(Number(values.entries) / numUsers);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const scratch = mkdtempSync(join(tmpdir(), 'segue-bench-'));
const random = randomIntegers(1);

/** Time that the fsyncs of adds took, of this process: until the event loop hears of their end. */
let syncMs = 0;
const { fdatasync } = fs;
fs.fdatasync = Object.assign(
  (fd: number, callback: fs.NoParamCallback) => {
    const start = performance.now();
    fdatasync(fd, (error) => {
      syncMs += performance.now() - start;
      callback(error);
    });
  },
  { __promisify__: fdatasync.__promisify__ },
);
syncBuiltinESMExports();

const userOf = (u: number): string => `user-${String(u).padStart(9, '0')}`;

function entryOf(user: string, n: number): NewEntry {
  const item = `track-${random() % 1_000_000}`;
  const more = { scope: 'item', weight: 1_000_000_000n, source: 'radio' } as const;
  return { id: n.toString(16).padStart(16, '0'), user, item, type: 'play', atMs: 1.7e12 + n, ...more };
}

/** Processor time of this process since `from`, in ms: what a busy machine does not change as much. */
function cpuMs(from?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

function percentile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? NaN;
}

async function timeAdds(directory: string): Promise<void> {
  const ledger = await openLedger(directory, context);
  const total = Number(values.adds);
  let begun = 0;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  syncMs = 0;
  const caller = async (): Promise<void> => {
    while (begun < total) await ledger.add([entryOf(userOf(random() % 50_000), begun++)]);
  };
  await Promise.all(Array.from({ length: Number(values.asked) }, caller));
  const seconds = (performance.now() - start) / 1000;
  await ledger.close();
  const rate = Math.round(total / seconds).toLocaleString('en');
  say(
    `add: ${rate} acknowledged a second, ${values.asked} at a time; of it ${(syncMs / 10 / seconds).toFixed(0)} % in fsync; ${((1000 * cpuMs(cpu)) / total).toFixed(0)} µs of processor time each`,
  );
}

/** As if other tables had held these entries: `writeTable` takes their lines over. */
function* linesOfAll(): Generator<StoredLine> {
  for (let u = 0; u < numUsers; u++) {
    const user = userOf(u);
    const entries = Array.from({ length: perUser }, (_, at) => {
      const seq = u * perUser + at + 1;
      return entryFields(entryOf(user, seq), seq, undefined);
    });
    const line = Buffer.from(journalLine({ user, count: perUser, entries }));
    yield { user, offset: 0, bytes: line.length, count: perUser, entries: () => [], checked: () => line };
  }
}

function makeLedger(directory: string): void {
  const disk = openDisk(directory);
  disk.lock('append');
  const ledger = '0123456789abcdef';
  const head: TableHead = {
    ...{ name: '', bytes: 0, sum: '', ledger, watermark: numUsers * perUser, numUsers, numEntries: 0 },
    ...{ linesEnd: 0, pagesStart: 0, numPages: 0, sha256: '', positions: new Map(), tombstones: [] },
  };
  const nothing: Pick<OpenTable, 'lines'> = { lines: linesOfAll };
  const first = { number: 1, bytes: null };
  const live = { ledger, generation: 1, tables: [], journals: [first] };
  const known = { ...nothingKnown, live, tables: [head] };
  const writing = writeTable(disk, 1, { known, tables: [nothing], markOf: () => '' });
  let next = writing.next();
  while (next.done !== true) next = writing.next();
  disk.create(keyName);
  disk.write(keyName, 0, Buffer.alloc(keyBytes));
  disk.create(journalName(1));
  disk.create(liveName);
  disk.write(liveName, 0, Buffer.from(formatLive({ ...live, tables: [next.value] })));
  disk.close();
}

/** The median of some. */
function timeOpening(directory: string): string {
  const cpu: number[] = [];
  const times = Array.from({ length: 9 }, () => {
    const [start, from] = [performance.now(), process.cpuUsage()];
    openLedgerReader(directory)?.close();
    cpu.push(cpuMs(from));
    return performance.now() - start;
  });
  const [ms, ofIt] = [times, cpu].map((each) => percentile(each, 0.5).toFixed(1));
  return `opened in ${ms} ms (${ofIt} ms of processor time)`;
}

function timeTable(directory: string): void {
  const opened = timeOpening(directory);
  const reader = openLedgerReader(directory)!;
  const lookUps: number[] = [];
  let found = 0;
  let cpu = process.cpuUsage();
  for (let n = 0; n < 200_000; n++) {
    const user = userOf(random() % numUsers);
    if (n === 100_000) cpu = process.cpuUsage();
    const start = performance.now();
    found += reader.of(user).length;
    lookUps.push(performance.now() - start);
  }
  const warm = lookUps.slice(lookUps.length / 2);
  const mean = warm.reduce((a, b) => a + b, 0) / warm.length;
  const us = (ms: number): string => `${(1000 * ms).toFixed(1)} µs`;
  say(
    `table: ${opened}; a look-up ${us(mean)}, median ${us(percentile(warm, 0.5))}, ` +
      `99th percentile ${us(percentile(warm, 0.99))} (${found / lookUps.length} entries each), ${us(cpuMs(cpu) / warm.length)} of processor time`,
  );
  reader.close();
}

async function timeSingles(directory: string): Promise<void> {
  const ledger = await openLedger(directory, context);
  const [beside, syncs]: [number[], number[]] = [[], []];
  for (let n = 0; n < Number(values.singles); n++) {
    syncMs = 0;
    const start = performance.now();
    await ledger.add([entryOf(userOf(random() % numUsers), 1e12 + n)]);
    beside.push(performance.now() - start - syncMs);
    syncs.push(syncMs);
  }
  await ledger.close();
  const spread = (times: readonly number[]): string =>
    [0.5, 0.99].map((share) => percentile(times, share).toFixed(2)).join(' / ');
  say(
    `single: ${spread(beside)} ms (median / 99th percentile) beside its fsyncs, which take ${spread(syncs)} ms`,
  );
}

/** Just not so much that a compaction is due. */
async function fillJournal(directory: string): Promise<void> {
  const ledger = await openLedger(directory, context);
  const left = 4 * 2 ** 20 - journalBytes(directory) - 200;
  const entries = Array.from({ length: Math.floor(left / 200) }, (_, n) =>
    entryOf(userOf(random() % numUsers), 2e12 + n),
  );
  while (entries.length > 0 && journalBytes(directory) < 4 * 2 ** 20 - 2e5)
    await ledger.add(entries.splice(0, 1000));
  await ledger.close();
  say(
    `journal: ${timeOpening(directory)}, with a journal of ${(journalBytes(directory) / 2 ** 20).toFixed(1)} MiB`,
  );
}

function journalBytes(directory: string): number {
  const journals = readdirSync(directory).filter((name) => name.startsWith('journal-'));
  return journals.reduce((bytes, name) => bytes + statSync(join(directory, name)).size, 0);
}

/** @param compact begins a compaction, and resolves when it is over */
async function timeCompaction(
  directory: string,
  name: string,
  compact: (ledger: Ledger) => Promise<void>,
): Promise<void> {
  const ledger = await openLedger(directory, context);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const pauses: number[] = [];
  let last = start;
  const timer = setInterval(() => {
    pauses.push(performance.now() - last);
    last = performance.now();
  }, 1);
  const ended = new AbortController();
  const over = compact(ledger).finally(() => {
    ended.abort();
  });
  const adds: number[] = [];
  for (let n = 0; !ended.signal.aborted; n++) {
    const begun = performance.now();
    await ledger.add([entryOf(userOf(random() % numUsers), begun * 1e6 + n)]);
    adds.push(performance.now() - begun);
    await setTimeout(5);
  }
  await over;
  clearInterval(timer);
  const ms = (times: readonly number[]): string => `${percentile(times, 1).toFixed(0)} ms at most`;
  say(
    `${name}: ${((performance.now() - start) / 1000).toFixed(1)} s (${(cpuMs(cpu) / 1000).toFixed(1)} s of processor time); ` +
      `the event loop stood still for ${ms(pauses)}, an add beside it took ${ms(adds)} (99 %: ${percentile(adds, 0.99).toFixed(0)} ms)`,
  );
  await ledger.close();
}

/** Adds until a compaction begins by itself, and waits for its end. */
async function compactByItself(ledger: Ledger, directory: string): Promise<void> {
  const tables = (): string =>
    readdirSync(directory)
      .filter((name) => name.startsWith('table-'))
      .join();
  const before = tables();
  for (let n = 0; tables() === before; n++) {
    const entries = Array.from({ length: 1000 }, (_, at) =>
      entryOf(userOf(random() % numUsers), 3e12 + 1000 * n + at),
    );
    await ledger.add(entries);
    await setImmediate();
  }
  while (journalBytes(directory) > 2 ** 20) await setTimeout(2);
}

try {
  const types: Readonly<Record<number, string>> = { 0xef53: 'ext4', 0x58465342: 'xfs', 0x1021994: 'tmpfs' };
  const { type } = statfsSync(scratch);
  say(
    `${cpus()[0]?.model ?? '?'}, ${availableParallelism()} cores, Node ${process.version}, ` +
      `${types[type] ?? `file system 0x${type.toString(16)}`} below ${tmpdir()}`,
  );
  await timeAdds(join(scratch, 'small'));
  const large = join(scratch, 'large');
  makeLedger(large);
  timeTable(large);
  await timeSingles(large);
  await fillJournal(large);
  await timeCompaction(large, 'recent', (ledger) => compactByItself(ledger, large));
  await timeCompaction(large, 'whole', (ledger) => ledger.compact(context));
} finally {
  rmSync(scratch, { recursive: true });
}
