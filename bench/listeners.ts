/**
 * A reader that is held open, of many users:
 *
 *   node build/bench/listeners.js [--users 1000000] [--dim 64] [--items 10000] [--turns 9] [--rounds 300] [--root DIR]
 *
 * recommend  of users of whom a ledger says nothing, beside one and without one, 60 questions in turns: the median of the
 *            ratios of their processor time, and beside it that of two readers without a ledger; of the classic rock example
 * audience   of one item after the other, of generated users: the first answer of a reader with the vectors on disk only (where
 *            GNU dd can drop them from memory), then the median of `--turns`
 * listener   of one user after the other, likewise
 *
 * Users have vectors of uniform numbers, and five items each. Their snapshot is made below --root (a temporary directory by
 * default) and found again there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { vectorBatches } from '#dist/core/compute/vector-file.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import { noTime, preferred } from '#dist/core/numeric/pairs.js';
import { openReader, type Reader } from '#dist/core/library.js';
import { rootPath, snapshotFile } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { contentOf } from '#dist/core/snapshot/writing/derive.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { writeUsers } from '#dist/core/snapshot/writing/write-users.js';
import { StringColumnBuilder } from '#dist/core/tables/string-column.js';
import { writeMixtureSnapshot } from './generate-vectors.js';
import { context } from './publish-roots.js';
import { segue } from './run-segue.js';
import { randomFractions, randomIntegers } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '64' },
    items: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '9' },
    rounds: { type: 'string', default: '300' },
    root: { type: 'string' },
  },
});
const [numUsers, dim, numItems] = [Number(values.users), Number(values.dim), Number(values.items)];
const perUser = 5;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
const random = randomIntegers(7);
try {
  say(`${cpus()[0]?.model ?? '?'}, ${availableParallelism()} cores, Node ${process.version}`);
  await timeRecommend();
  await timeUsers(await rootOfUsers());
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

async function timeRecommend(): Promise<void> {
  const [without, beside] = [join(folder, 'without'), join(folder, 'beside')];
  if (!existsSync(beside)) {
    const example = ['examples/classic-rock/plays.csv.gz', '--items', 'examples/classic-rock/items.csv'];
    await segue(['train', ...example, '--factors', '16', '--epochs', '3', '--root', without]);
    cpSync(without, beside, { recursive: true, verbatimSymlinks: true });
    const ledger = await openLedger(rootPath.feedback(beside), context);
    const said = { scope: 'item', weight: 1_000_000_000n, atMs: Date.now() } as const;
    await ledger.add([{ id: '1', user: 'of-no-snapshot', item: 'a-song', type: 'ban', ...said }]);
    await ledger.close();
  }
  const [one, same, other] = await Promise.all(
    [without, without, beside].map((root) => openReader(root, undefined, context)),
  );
  const users = ['KGLK/2014-06-21', 'KGLK/2014-06-22', 'KSHE/2014-06-16', 'KUFX/2014-06-19'];
  const ask = async (reader: Reader): Promise<number> => {
    const from = process.cpuUsage();
    for (let n = 0; n < 60; n++)
      await reader.recommend({ users: [users[n % 4]!], like: [], dislike: [], includeHeard: false, k: 10 });
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 60;
  };
  for (let n = 0; n < 100; n++) for (const reader of [one!, same!, other!]) await ask(reader);
  const times: [number, number, number][] = [];
  for (let n = 0; n < Number(values.rounds); n++) {
    const found: [number, number, number] = [0, 0, 0];
    for (let at = 0; at < 3; at++) {
      const which = (n + at) % 3;
      found[which] = await ask([one!, same!, other!][which]!);
    }
    times.push(found);
  }
  for (const reader of [one!, same!, other!]) await reader.close();
  const ratio = (at: 1 | 2): string => median(times.map((each) => each[at] / each[0])).toFixed(3);
  say(
    `recommend: ${median(times.map(([first]) => first)).toFixed(0)} µs of processor time; ` +
      `beside a ledger ${ratio(2)} × that, without one again ${ratio(1)} ×`,
  );
}

/** A root with a snapshot of these users, which `latest` points to. */
async function rootOfUsers(): Promise<string> {
  const root = join(folder, `listeners-${numUsers}-${dim}-${numItems}`);
  if (existsSync(root)) return root;
  mkdirSync(root, { recursive: true });
  const shape = { items: numItems, dim, clusters: Math.ceil(numItems / 100), spread: 0.7, seed: 42 };
  // Some users, so that it says how they are folded in.
  const model = await openForReading(root, await writeMixtureSnapshot(root, shape, [], 10), context);
  const workspace = openWorkspace(factorBytes(numUsers, paddedDim(dim)));
  const users = allocateFactors(workspace, numUsers, paddedDim(dim));
  const row = workspace.f32(users.address, numUsers * users.dim);
  const ids = new StringColumnBuilder('ids', numUsers);
  for (let u = 0; u < numUsers; u++) {
    for (let f = 0; f < dim; f++) row[u * users.dim + f] = random() / 2 ** 31 - 1;
    ids.push(`user-${u}`);
  }
  const draft = beginSnapshot(root, { estimatedBytes: numUsers * (4 * dim + 25 * perUser) }, context);
  try {
    draft.inherit(model, ['model']);
    await writeUsers(draft, {
      ...{ vectors: vectorBatches(workspace, users.address, users.numRows, dim), dim, ids: ids.finish() },
      histories: fewItemsEach(),
    });
    const id = sha256Hex(model.id, String(numUsers)).slice(0, 16);
    const part = { rows: numUsers, unconverged: 0, options: {} };
    await draft.commit({ ...contentOf(model.manifest), id, parent: model.id, users: part });
  } finally {
    draft.abandon();
    model.close();
  }
  return root;
}

function fewItemsEach(): Pairs {
  const size = numUsers * perUser;
  const item = new Uint32Array(size);
  const step = Math.floor(numItems / perUser);
  for (let p = 0; p < size; p++) item[p] = (p % perUser) * step + (random() % step);
  return {
    ...{
      numUsers,
      numItems,
      indptr: Uint32Array.from({ length: numUsers + 1 }, (_, u) => u * perUser),
      item,
    },
    weight: new BigInt64Array(size).fill(1_000_000_000n),
    count: new Uint32Array(size).fill(1),
    lastAt: new BigInt64Array(size).fill(noTime),
    flags: new Uint8Array(size).fill(preferred),
  };
}

async function timeUsers(root: string): Promise<void> {
  const fraction = randomFractions(11);
  const of = `${numUsers.toLocaleString('en')} users × ${dim}`;
  const any = (what: string, count: number): string => `${what}-${Math.floor(fraction() * count)}`;
  const audience = (reader: Reader): Promise<unknown> =>
    reader.audience({ item: any('item', numItems), k: 10, includeHeard: false });
  const listener = (reader: Reader): Promise<unknown> => reader.listener(any('user', numUsers), { k: 10 });
  for (const [name, ask] of [['audience', audience] as const, ['listener', listener] as const]) {
    const isCold = await dropVectors(root);
    const reader = await openReader(root, undefined, context);
    const first = await timed(() => ask(reader));
    const [times, cpu]: [number[], number[]] = [[], []];
    for (let n = 0; n < Number(values.turns); n++) {
      const from = process.cpuUsage();
      times.push(await timed(() => ask(reader)));
      const { user, system } = process.cpuUsage(from);
      cpu.push((user + system) / 1000);
    }
    await reader.close();
    say(
      `${name}, ${of}: the first answer after ${first.toFixed(0)} ms (${isCold ? 'vectors on disk only' : 'vectors in the page cache'}), ` +
        `then ${median(times).toFixed(1)} ms, ${median(cpu).toFixed(1)} ms of processor time`,
    );
  }
}

/** Whether the users' vectors are on the disk only. */
async function dropVectors(root: string): Promise<boolean> {
  const snapshot = await openForReading(root, undefined, context);
  const paths = snapshot.userParts.map(({ file }) => file(snapshotFile.userVectors));
  snapshot.close();
  return paths.every((path) => spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0']).status === 0);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
