/** One fault of each kind, and of each kind of work some. The .faults.test.ts beside this file meet all of them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoints } from '#dist/core/checkpoints/checkpoints.js';
import { AppError } from '#dist/core/errors.js';
import { freeBytes } from '#dist/core/files/free-space.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { readCurrent, readLatest, readTag } from '#dist/core/snapshot/resolve-reference.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { exportVectors } from '#dist/core/tasks/export.js';
import { forgetUser } from '#dist/core/tasks/feedback/forget.js';
import { gc } from '#dist/core/tasks/gc.js';
import { importVectors } from '#dist/core/tasks/import.js';
import { addItems } from '#dist/core/tasks/items/add.js';
import { publish } from '#dist/core/tasks/publish.js';
import { tag } from '#dist/core/tasks/snapshots/tag.js';
import { canaryHere, useCanaryHere } from '../helpers/canary-here.js';
import { damaged, seededKinds } from '../helpers/damage/damage.mjs';
import { runWithFault } from '../helpers/fault-injection.js';
import {
  changesHere,
  copyRoot,
  sweepHere,
  sweptFaults,
  sweptModule,
  sweptTask,
} from '../helpers/fault-sweep.js';
import type { Swept } from '../helpers/fault-sweep.js';
import { entryOf } from '../helpers/ledger-entries.js';
import { diskKinds, makeDisk } from '../helpers/loop-disk.js';
import { runHere } from '../helpers/run-here.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { contentOf, idA, idB, isThere, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { mountTmpfs } from '../helpers/tmpfs.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { addToLedger, compactLedger, makeChild, saveCheckpoint, writeBlocks } from './programs/swept.mjs';

useCanaryHere();

const temporaryDirectory = temporaryDirectories();

interface Work {
  readonly task: Pick<Swept, 'program' | 'run'>;
  make(root: string): unknown;
  /** What must be as it was or as it becomes, each by itself. */
  stateOf(root: string): unknown;
  /** What it becomes, where the other tests of the work do not say so. */
  readonly becomes?: unknown;
  /** Calls at most that a fault meets; each fault meets others. */
  readonly callsAFault?: number;
}

const snapshotsIn = async (root: string): Promise<object> => ({
  ...{ a: await isThere(root, idA), b: await isThere(root, idB) },
  ...{ current: readCurrent(root), latest: readLatest(root), tag: readTag(root, 'good') },
  published: readHistory(root).findLast(({ phase }) => phase === 'commit')?.to,
});

async function makeBoth(root: string): Promise<void> {
  for (const [at, id] of [idA, idB].entries()) await makeSnapshot(root, id, { value: at });
}

async function makeLedger(root: string): Promise<void> {
  const ledger = await openLedger(join(root, 'feedback'), listening());
  await ledger.add([entryOf('u', 'x')]);
  await ledger.compact(listening());
  await ledger.add([entryOf('u', 'y')]);
  await ledger.close();
}

function entriesIn(root: string): object {
  const reader = openLedgerReader(join(root, 'feedback'))!;
  const ids = reader.of('u').map(({ id }) => id);
  reader.close();
  return { kept: ids.slice(0, 2), added: ids[2] };
}

const items = [
  ['one', 1, 0],
  ['two', 0, 1],
] as const;
const sharing = { basis: idA, parent: idA };

const works: Record<string, Work> = {
  publishing: {
    task: sweptTask('', publish, { snapshot: idB, require: [], dryRun: false }),
    async make(root) {
      await makeBoth(root);
      await publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
    },
    stateOf: snapshotsIn,
  },
  collecting: { task: sweptTask('', gc, { keep: 0, dryRun: false }), make: makeBoth, stateOf: snapshotsIn },
  'moving a tag': {
    task: sweptTask('', tag, { snapshot: idB, tag: 'good' }),
    async make(root) {
      await makeBoth(root);
      await tag({ root, snapshot: idA, tag: 'good' }, listening());
    },
    stateOf: snapshotsIn,
  },
  'making a snapshot': {
    task: sweptTask('', makeChild, {
      ...{ content: contentOf(idB, sharing), file: 'index/item.rows.npy', tag: 'good' },
      base64: Buffer.from(npy('<u4', [3], new Uint32Array(3))).toString('base64'),
    }),
    make: (root) => makeSnapshot(root, idA),
    stateOf: snapshotsIn,
  },
  importing: {
    task: sweptTask('', importVectors, {
      ...{ vectors: '{root}/items.npy', ids: '{root}/items.txt', measure: 'cosine', skipBadRows: false },
      ...{ foldOptions: {}, threads: 1, tag: 'good', dryRun: false },
    }),
    make(root) {
      mkdirSync(root);
      writeFileSync(join(root, 'items.npy'), npy('<f4', [2, 2], new Float32Array([1, 0, 0, 1])));
      writeFileSync(join(root, 'items.txt'), 'one\ntwo\n');
    },
    stateOf: (root) => ({ latest: readLatest(root), tag: readTag(root, 'good') }),
  },
  'adding items': {
    task: sweptTask('', addItems, { items: '{root}/new.csv', snapshot: 'base', threads: 1, tag: 'good' }),
    async make(root) {
      mkdirSync(root);
      writeFileSync(join(root, 'items.npy'), npy('<f4', [4, 2], new Float32Array([1, 0, 1, 0, 0, 1, 0, 1])));
      writeFileSync(join(root, 'items.txt'), 'a\nb\nc\nd\n');
      writeFileSync(join(root, 'items.csv'), 'id,artist\na,A\nb,A\nc,C\nd,C\n');
      writeFileSync(join(root, 'new.csv'), 'id,artist\ne,A\nf,C\n');
      const files = {
        vectors: join(root, 'items.npy'),
        ids: join(root, 'items.txt'),
        items: join(root, 'items.csv'),
      };
      await importVectors(
        {
          root,
          ...files,
          measure: 'cosine',
          skipBadRows: false,
          foldOptions: {},
          threads: 1,
          dryRun: false,
          eventFormat: 'auto',
          tag: 'base',
        },
        listening(),
      );
    },
    stateOf: (root) => ({ latest: readLatest(root), tag: readTag(root, 'good') }),
    callsAFault: 2,
  },
  exporting: {
    task: sweptTask('', exportVectors, {
      ...{ root: '{root}/root', out: '{root}/out.npy', snapshot: idA },
      ...{ what: 'items', kind: 'item', force: true },
    }),
    make: (root) => makeSmallSnapshot(join(root, 'root'), idA, { items }),
    stateOf: (root) => ['out.npy', 'out.jsonl'].map((name) => textAt(join(root, name))),
  },
  'a checkpoint': {
    task: sweptTask('', saveCheckpoint, { training: idA }),
    async make(root) {
      const checkpoints = await openCheckpoints(root, idA, listening());
      checkpoints?.save(1, {}, new Map([['items', new Uint8Array(5000).fill(1)]]));
      checkpoints?.close();
    },
    async stateOf(root) {
      const checkpoints = await openCheckpoints(root, idA, listening());
      const bytes = new Uint8Array(5000);
      checkpoints?.found?.readInto('items', bytes);
      checkpoints?.close();
      return { epoch: [...new Set([checkpoints?.found?.epoch, ...bytes])] };
    },
  },
  'a file block by block': {
    task: sweptTask(sweptModule, writeBlocks, {}),
    make: (root) => mkdirSync(root),
    stateOf: (root) => [textAt(join(root, 'answer'))],
  },
  'adding to a ledger': { task: sweptTask('', addToLedger, {}), make: makeLedger, stateOf: entriesIn },
  'forgetting a user': {
    task: sweptTask('', forgetUser, {
      ...{ root: '{root}/root', user: 'ann-of-many', state: ['{root}/listeners'] },
      ...{ unfinished: false, dryRun: false },
    }),
    async make(root) {
      const events = join(root, '..', 'events.csv');
      writeFileSync(events, 'user,item\nben,one\nben,two\ncleo,one\ncleo,two\n');
      const train = ['train', events, '--factors', '2', '--epochs', '1', '--threads', '1'];
      const plays = join(root, '..', 'plays.ndjson');
      writeFileSync(plays, '{"user":"ann-of-many","item":"one"}\nann-of-many said nothing\n');
      const at = ['--root', join(root, 'root')];
      const follow = ['follow', plays, '--state', join(root, 'listeners'), '--once'];
      for (const args of [
        train,
        ['publish'],
        follow,
        ['feedback', 'add', 'ann-of-many', 'one', '--type', 'like'],
      ])
        expect(await runHere([...args, ...at])).toMatchObject({ code: 0 });
    },
    stateOf: (root) => ['root', 'listeners'].map((name) => holds(join(root, name), 'ann-of-many')),
    becomes: [false, false],
    callsAFault: 2,
  },
  'compacting a ledger': { task: sweptTask('', compactLedger, {}), make: makeLedger, stateOf: entriesIn },
};

/** Whether a file below a directory holds a text. */
const holds = (directory: string, text: string): boolean =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .some((path) => statSync(path).isFile() && readFileSync(path).includes(text));

/** The text of a file, where it is there. */
const textAt = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'latin1') : undefined;

/** What is not done with: hidden, or a part. A stamp that has not its name yet is nothing. */
const litterIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.includes('stamps/') && /(^|\/)\.|\.partial/.test(name),
  );

describe.each(Object.entries(works))('%s', (_name, { task, make, stateOf, becomes, callsAFault = 4 }) => {
  it('is done or not done, and then done, whatever call is the last or fails', async () => {
    const swept = {
      template: join(temporaryDirectory(), 'root'),
      newDirectory: temporaryDirectory,
      run: task.run!,
    };
    await make(swept.template);
    const done = copyRoot(swept);
    await swept.run(done);
    const [before, after] = [await stateOf(swept.template), await stateOf(done)] as [object, object];
    if (becomes !== undefined) expect(after).toEqual(becomes);
    const changes = await changesHere(swept);
    expect(changes.length).toBeGreaterThan(3);

    for (const [first, fault] of [...sweptFaults, 'short' as const].entries()) {
      const writes = changes.filter(({ name }) => /^p?write/.test(name));
      const calls = fault === 'short' ? writes : changes;
      const every = Math.ceil(calls.length / (fault === 'short' ? 2 * callsAFault : callsAFault));
      const some = calls.filter((_, at) => at % every === first % every);
      await sweepHere(swept, fault, some, async (_change, root, { code }, what) => {
        expect(fault === 'SIGKILL' ? [null] : [0, 6, 7], what).toContain(code);
        const state = (await stateOf(root)) as object;
        if (code === 0) expect(state, what).toEqual(after);
        // It is current, but the line that says so is not sure.
        if (code === 6) expect(state, what).toMatchObject({ current: idB });
        for (const [key, value] of Object.entries(state))
          expect(
            [before, after].map((each) => each[key as never]),
            what,
          ).toContainEqual(value);
        await swept.run(root);
        expect(await stateOf(root), what).toEqual(after);
        if (existsSync(rootPath.snapshots(root)))
          beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
        expect(litterIn(root), what).toEqual([]);
      });
    }
  });
});
it.each(['SIGKILL', 'ENOSPC', 'short'] as const)(
  'a process whose write meets %s leaves a whole file or none, and the next one goes on',
  { tags: ['strace'] },
  async (fault) => {
    const { task } = works['a file block by block']!;
    const root = temporaryDirectory();
    const call = { name: 'write', nth: 2, text: ' = 2000' };
    const { fired, code } = await runWithFault(
      task.program,
      [root],
      call,
      fault,
      join(root, 'answer.partial'),
    );
    expect([fired, code]).toEqual([true, fault === 'SIGKILL' ? null : 7]);
    expect(existsSync(join(root, 'answer'))).toBe(false);
    await task.run!(root);
    expect(readdirSync(root)).toEqual(['answer']);
    expect(statSync(join(root, 'answer')).size).toBe(6003);
  },
);

/** Starts a module that says something once it is where it is wanted. */
async function start(program: string, root: string, uid = process.getuid?.() ?? 0) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === process.getuid?.() ? {} : { uid, gid: uid }),
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: String(said) };
}

const reading = `
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  await openForReading(process.argv[1], '${idA}', context).catch(({ code, exitCode, message }) => {
    process.stdout.write(JSON.stringify({ code, exitCode, message }));
  });`;

it('a process that may open no more files is told so, and calls nothing damaged', async () => {
  const root = temporaryDirectory();
  await makeSnapshot(root, idA);
  const using = `import { openSync } from 'node:fs';
    for (;;) try { openSync('/dev/null'); } catch { break; }`;
  // What is imported must be there before.
  const { said } = await start(reading.replace('  const', `${using}\n  const`), root);
  expect(JSON.parse(said)).toMatchObject({ code: 'io-error', exitCode: 7 });
  expect(said).toContain('EMFILE');
  (await openForReading(root, idA, listening())).close();
});

it('another user is told which file of a root they may not read', { tags: ['root'] }, async () => {
  const parent = temporaryDirectory();
  chmodSync(parent, 0o755);
  const root = join(parent, 'root');
  await makeSnapshot(root, idA);
  chmodSync(join(rootPath.snapshot(root, idA), 'model/item.npy'), 0o000);
  const { said } = await start(reading, root, 65_534);
  expect(JSON.parse(said)).toMatchObject({ code: 'permission-denied', exitCode: 7 });
  expect(said).toContain('model/item.npy');
});

it('a publisher that hangs with the lock makes others give up at once; when it is killed they may', async () => {
  const root = temporaryDirectory();
  await makeBoth(root);
  const publishing = (): Promise<unknown> =>
    canaryHere(() => publish({ root, snapshot: idB, require: [], dryRun: false }, listening()));
  const hanging = `
    import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
    const lock = lockForPublishing(process.argv[1]);
    process.stdout.write('locked');
    setInterval(() => lock, 1000);`;
  const { child } = await start(hanging, root);
  child.kill('SIGSTOP');
  await expect(publishing()).rejects.toMatchObject({
    ...{ code: 'busy', message: expect.stringContaining(`process ${child.pid} on`) },
  });
  expect(readCurrent(root)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'close');
  await publishing();
  expect(readCurrent(root)).toBe(idB);
});

it('a damaged file is refused by its name, and harms no reader where its checksum was forged', async () => {
  const root = temporaryDirectory();
  await makeSmallSnapshot(root, idA, { items, users: new Map([['ann', [0, 1]]]) });
  const path = rootPath.snapshot(root, idA);
  const manifest = readManifest(join(path, 'manifest.json'));
  let refused = 0;
  for (const [at, name] of Object.keys(manifest.files).entries()) {
    const whole = readFileSync(join(path, name));
    chmodSync(join(path, name), 0o644);
    for (const kind of seededKinds.filter((_, nth) => nth % 3 === at % 3)) {
      writeFileSync(join(path, name), damaged(whole, { kind, seed: 1 }));
      await expect(verifyFiles(path, manifest, listening()), `${name}, ${kind}`).rejects.toMatchObject({
        ...{ code: 'damaged-snapshot', message: expect.stringContaining(name) },
      });
      await checkContents(path, manifest).catch((error: unknown) => {
        expect(error, `${name}, ${kind}`).toBeInstanceOf(AppError);
        refused++;
      });
    }
    writeFileSync(join(path, name), whole);
  }
  expect(refused).toBeGreaterThan(10);
});

it(
  'a full disk is said to be full, changes nothing, and with room all goes on',
  { tags: ['mount'] },
  async () => {
    const disk = temporaryDirectory();
    mountTmpfs(disk, 2 << 20);
    try {
      const root = join(disk, 'root');
      await makeBoth(root);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(freeBytes(disk)));
      const publishing = (): Promise<unknown> =>
        publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
      const full = { code: 'disk-full', exitCode: 7 };
      await expect(publishing()).rejects.toMatchObject(full);
      await expect(makeSnapshot(root, 'c'.repeat(16))).rejects.toMatchObject(full);
      expect([readCurrent(root), readdirSync(rootPath.snapshots(root))]).toEqual([undefined, [idA, idB]]);
      writeFileSync(join(disk, 'ballast'), '');
      expect(await publishing()).toMatchObject({ published: idA });
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  },
);

it(
  'what was made and published before a power cut is there after it, whole',
  { tags: ['ext4'] },
  async () => {
    const disk = makeDisk(diskKinds[0]!);
    try {
      const root = join(disk.path, 'root');
      await makeBoth(root);
      await publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
      writeFileSync(join(root, 'unsynced'), 'in memory only');
      disk.cutPower();
      await disk.remount();
      expect([existsSync(join(root, 'unsynced')), readCurrent(root), readLatest(root)]).toEqual([
        false,
        idA,
        idB,
      ]);
      for (const id of [idA, idB]) expect(await isThere(root, id)).toBe(true);
    } finally {
      await disk.remove();
    }
  },
);
