import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { tryRemovableLock } from '#dist/core/files/removable-lock.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import { checkpointName, rootPath, unfinishedCheckpoint } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { openForMaking, openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { gc } from '#dist/core/tasks/gc.js';
import type { GcOptions, GcResult } from '#dist/core/tasks/gc.js';
import { publish } from '#dist/core/tasks/publish.js';
import { entryOf } from '../../helpers/ledger-entries.js';
import {
  contentOf,
  idA,
  idB,
  idC,
  isThere,
  listening,
  makeSnapshot,
  modelFiles,
  plantLink,
  plantSnapshot,
} from '../../helpers/snapshots.js';
import { hashesBelow } from '../../helpers/trained-root.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words } from '../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(() => {
  root = join(temporaryDirectory(), 'root');
});

const hour = 3_600_000;
const now = new Date('2026-01-01T00:00:00Z');

/** A snapshot that was made so many hours before now. */
function plant(
  id: string,
  hoursAgo: number,
  files = modelFiles(Number.parseInt(id.slice(0, 2), 16)),
): string {
  const path = plantSnapshot(root, id, files);
  touch(join(path, 'manifest.json'), hoursAgo);
  return path;
}

function touch(path: string, hoursAgo: number): void {
  const at = new Date(now.getTime() - hoursAgo * hour);
  utimesSync(path, at, at);
}

function collect(options: Partial<GcOptions> = {}): Promise<GcResult> {
  return gc({ root, keep: 0, dryRun: false, at: now, ...options }, listening());
}

/** Why each one stayed, by id; those that went are missing. */
function kept(result: GcResult): Record<string, readonly string[]> {
  return Object.fromEntries(
    result.snapshots.filter(({ collected }) => !collected).map(({ snapshot, why }) => [snapshot, why]),
  );
}

/** The path of every entry, links not followed. */
function everythingBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? [entry.name, ...everythingBelow(join(directory, entry.name)).map((path) => join(entry.name, path))]
      : [entry.name],
  );
}

function ids(): string[] {
  return readdirSync(rootPath.snapshots(root));
}

async function publishing(snapshot: string): Promise<void> {
  await publish({ root, snapshot, require: [], dryRun: false, at: now }, listening());
}

const idD = 'dddddddddddddddd';
const idE = 'eeeeeeeeeeeeeeee';

describe('collecting', () => {
  it('keeps what is current, what was before it, the latest, the tagged and the youngest, and says why', async () => {
    for (const [at, id] of [idA, idB, idC, idD, idE].entries()) plant(id, 10 - at);
    await publishing(idA);
    await publishing(idB);
    await publishing(idC);
    plantLink(root, 'latest', idC);
    tagSnapshot(root, idD, 'nightly');
    tagSnapshot(root, idD, 'best');
    const plan = await collect({ keep: 1, dryRun: true });
    const result = await collect({ keep: 1 });
    expect(kept(result)).toEqual({
      [idB]: ['previous'],
      [idC]: ['current', 'latest'],
      [idD]: ['tag:best', 'tag:nightly'],
      [idE]: ['youngest'],
    });
    expect(ids()).toEqual([idB, idC, idD, idE]);
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
    expect(existsSync(rootPath.stamp(root, idA))).toBe(false);
    expect(plan).toEqual({ ...result, dryRun: true, seconds: plan.seconds });
    for (const id of ids()) expect(await isThere(root, id)).toBe(true);
  });

  it('takes only what is older than asked for, since it was made or was last current', async () => {
    plant(idA, 100);
    plant(idB, 50);
    plant(idC, 10);
    for (const id of [idA, idB, idA, idB]) await publishing(id);
    // Another one, so that A is neither current nor the one before.
    plant(idD, 100);
    plant(idE, 100);
    await publishing(idD);
    expect(kept(await collect({ olderThan: '20h' }))).toEqual({
      [idA]: ['young'],
      [idB]: ['previous', 'young'],
      [idC]: ['young'],
      [idD]: ['current'],
    });
    const later = new Date(now.getTime() + 30 * hour);
    expect(Object.keys(kept(await collect({ olderThan: '20h', at: later })))).toEqual([idB, idD]);
  });

  it.each([-1, 1])('is safe where the clock jumps by a year (%i)', async (years) => {
    for (const [at, id] of [idA, idB, idC, idD, idE].entries()) plant(id, 10 - at);
    await publishing(idA);
    await publishing(idB);
    plantLink(root, 'latest', idC);
    tagSnapshot(root, idD, 'nightly');
    const at = new Date(now.getTime() + years * 365 * 24 * hour);
    const result = await collect({ olderThan: '30d', at });
    const byLinks = { [idA]: 'previous', [idB]: 'current', [idC]: 'latest', [idD]: 'tag:nightly' };
    for (const [id, why] of Object.entries(byLinks)) expect(kept(result)[id]?.[0]).toBe(why);
    expect(ids()).toEqual(years < 0 ? [idA, idB, idC, idD, idE] : [idA, idB, idC, idD]);
  });

  it('leaves one that someone reads, and takes it once it is closed', async () => {
    plant(idA, 3);
    const open = await openForReading(root, idA, listening());
    for (const dryRun of [true, false])
      expect(kept(await collect({ dryRun }))).toEqual({ [idA]: ['leased'] });
    expect(lstatSync(join(rootPath.snapshot(root, idA), 'manifest.json')).mode & 0o777).toBe(0o444);
    open.close();
    expect(kept(await collect())).toEqual({});
    expect(ids()).toEqual([]);
  });

  it('leaves one that gets a name between the judgement and the move', async () => {
    plant(idA, 3);
    plant(idB, 2);
    // It has judged all when it first gives way.
    const collecting = collect();
    tagSnapshot(root, idA, 'late');
    plantLink(root, 'latest', idB);
    expect(kept(await collecting)).toEqual({ [idA]: ['tag:late'], [idB]: ['latest'] });
    expect(ids()).toEqual([idA, idB]);
  });

  it('never harms what shares files with one that goes', async () => {
    await makeSnapshot(root, idA);
    const parent = await openForMaking(root, idA, listening());
    const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
    draft.inherit(parent, ['model']);
    draft.write('index/item.rows.npy', [Buffer.from('rows')]);
    await draft.commit(contentOf(idB, { basis: idA, parent: idA }));
    parent.close();
    const before = hashesBelow(rootPath.snapshot(root, idB));
    const ofManifest = lstatSync(join(rootPath.snapshot(root, idA), 'manifest.json')).size;
    const plan = await collect({ dryRun: true });
    const result = await collect();
    expect(kept(result)).toEqual({ [idB]: ['latest'] });
    // The model is still there, by its other name.
    expect([plan.freedBytes, result.freedBytes]).toEqual([ofManifest, ofManifest]);
    expect(hashesBelow(rootPath.snapshot(root, idB))).toEqual(before);
    expect(await isThere(root, idB)).toBe(true);
    (await openForReading(root, idB, listening())).close();
  });

  it('counts what several share once, when all of them go', async () => {
    plant(idA, 3);
    execFileSync('cp', ['-al', rootPath.snapshot(root, idA), rootPath.snapshot(root, idB)]);
    const bytes = Object.keys(hashesBelow(rootPath.snapshot(root, idA))).reduce(
      (sum, name) => sum + lstatSync(join(rootPath.snapshot(root, idA), name)).size,
      0,
    );
    const plan = await collect({ dryRun: true });
    expect(plan.snapshots.map((one) => one.bytes)).toEqual([
      { own: 0, shared: bytes },
      { own: 0, shared: bytes },
    ]);
    expect(plan.freedBytes).toBe(bytes);
    expect((await collect()).freedBytes).toBe(bytes);
  });

  it('keeps a newer format and what has no manifest of segue’s, and lets a damaged one go', async () => {
    plantSnapshot(root, idA, modelFiles(), (manifest) => ({ ...manifest, formatVersion: 99 }));
    plantSnapshot(root, idB, modelFiles(), () => '{"format": "something else"}');
    mkdirSync(rootPath.snapshot(root, idC));
    plantSnapshot(root, idD, modelFiles(), () => '{"format": ');
    rmSync(join(plant(idE, 1), 'model/item.npy'));
    const result = await collect({ keep: 5 });
    expect(kept(result)).toEqual({
      [idA]: ['newer-format'],
      [idB]: ['not-a-snapshot'],
      [idC]: ['not-a-snapshot'],
    });
    const gone = result.snapshots.filter(({ collected }) => collected);
    expect(gone.map(({ snapshot, why }) => [snapshot, why])).toEqual(
      expect.arrayContaining([
        [idD, ['spare', 'damaged']],
        [idE, ['spare', 'damaged']],
      ]),
    );
    expect(ids()).toEqual([idA, idB, idC]);
  });

  it('keeps a damaged one that is current', async () => {
    rmSync(join(plant(idA, 1), 'model/item.npy'));
    plantLink(root, 'current', idA);
    expect(kept(await collect())).toEqual({ [idA]: ['current', 'damaged'] });
  });

  it('finds what was current before by the history, also where its last line was lost', async () => {
    for (const [at, id] of [idA, idB, idC].entries()) plant(id, 10 - at);
    for (const id of [idA, idB, idC]) await publishing(id);
    const text = readFileSync(rootPath.history(root), 'utf8');
    writeFileSync(rootPath.history(root), text.split('\n').slice(0, 4).join('\n') + '\n');
    expect(kept(await collect())).toEqual({ [idB]: ['previous'], [idC]: ['current'] });
  });
});

describe('tidying', () => {
  it('removes what is left of dead processes, and nothing of living ones', async () => {
    const draft = beginSnapshot(root, { estimatedBytes: 1 }, listening());
    for (const [name, bytes] of modelFiles()) draft.write(name, [bytes]);
    mkdirSync(join(rootPath.snapshots(root), '.tmp-dead/model'), { recursive: true });
    writeFileSync(join(rootPath.snapshots(root), '.tmp-dead/model/item.npy'), 'x'.repeat(1000));
    writeFileSync(rootPath.draftLock(root, 'dead'), '');
    symlinkSync('snapshots/none', join(root, '.latest.4194304.aaaaaaaaaaaa'));
    mkdirSync(join(rootPath.trash(root), `${idA}.0123456789ab/model`), { recursive: true });
    writeFileSync(join(rootPath.trash(root), `${idA}.0123456789ab/model/item.npy`), 'x'.repeat(300));
    mkdirSync(rootPath.stamps(root));
    writeFileSync(rootPath.stamp(root, idC), '{}');
    const expected = {
      leftovers: ['snapshots/.tmp-dead', '.latest.4194304.aaaaaaaaaaaa'],
      trash: { snapshots: 1, bytes: 300 },
      stamps: 1,
      freedBytes: 1300,
      foreign: [],
    };
    const before = everythingBelow(root);
    expect(await collect({ dryRun: true })).toMatchObject(expected);
    expect(everythingBelow(root)).toEqual(before);
    expect(await collect()).toMatchObject(expected);
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
    expect(readdirSync(rootPath.stamps(root))).toEqual([]);
    expect(readdirSync(rootPath.locks(root)).filter((name) => name.startsWith('draft-'))).toHaveLength(1);
    await draft.commit(contentOf(idB));
    expect(await collect()).toMatchObject({
      leftovers: [],
      stamps: 0,
      freedBytes: 0,
      trash: { snapshots: 0 },
    });
    expect(ids()).toEqual([idB]);
  });

  it('removes checkpoints that nobody goes on from, after a week or --older-than, and leaves results of tuning', async () => {
    const checkpoints = (training: string, hoursAgo: number): string => {
      const directory = rootPath.checkpoints(root, training);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, checkpointName(3, 'f'.repeat(64))), 'x'.repeat(50));
      writeFileSync(join(directory, unfinishedCheckpoint), 'x');
      touch(directory, hoursAgo);
      return directory;
    };
    mkdirSync(rootPath.locks(root), { recursive: true });
    mkdirSync(rootPath.tuning(root));
    writeFileSync(join(rootPath.tuning(root), 'trials.jsonl'), '');
    checkpoints(idA, 24 * 8);
    checkpoints(idB, 24 * 6);
    checkpoints(idC, -24 * 365);
    checkpoints(idD, 24 * 30);
    checkpoints(idE, 24 * 30);
    writeFileSync(join(rootPath.checkpoints(root, idE), 'notes.txt'), 'mine');
    touch(rootPath.checkpoints(root, idE), 24 * 30);
    writeFileSync(rootPath.checkpointLock(root, 'abcdabcdabcdabcd'), '');
    const running = tryRemovableLock(rootPath.checkpointLock(root, idD))!;
    const expected = [
      { training: idA, age: 24 * 8 * 3600, bytes: 51 },
      { training: idE, age: 24 * 30 * 3600, bytes: 51 },
    ];
    for (const dryRun of [true, false]) {
      const result = await collect({ dryRun });
      expect(result.checkpoints).toEqual(expected);
      expect(result.foreign).toEqual([{ path: `checkpoints/${idE}/notes.txt`, is: 'a regular file' }]);
    }
    expect(readdirSync(rootPath.allCheckpoints(root))).toEqual([idB, idC, idD, idE]);
    expect(readdirSync(rootPath.checkpoints(root, idE))).toEqual(['notes.txt']);
    expect(readdirSync(rootPath.locks(root)).toSorted()).toEqual([`checkpoint-${idD}`, 'gc', 'publish']);
    running.release();
    expect((await collect({ olderThan: '5d' })).checkpoints.map(({ training }) => training)).toEqual([
      idB,
      idD,
    ]);
    expect(readdirSync(rootPath.tuning(root))).toEqual(['trials.jsonl']);
  });

  it('neither follows nor deletes what segue did not make, and reports it', async () => {
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'precious'), 'precious');
    plant(idA, 1);
    plantLink(root, 'current', idA);
    const made = `${idB}.0123456789ab`;
    for (const directory of [
      rootPath.trash,
      rootPath.locks,
      rootPath.stamps,
      rootPath.tags,
      rootPath.allCheckpoints,
    ])
      mkdirSync(directory(root));
    const links = words`snapshots/${idB} snapshots/.tmp-0123456789abcdef trash/${made}
      checkpoints/${idB} stamps/${idB} lock/draft-0123456789abcdef tags/nightly`;
    for (const path of links) symlinkSync(outside, join(root, path));
    execFileSync('mkfifo', [join(root, 'trash', `${idC}.0123456789ab`)]);
    execFileSync('mkfifo', [join(root, 'snapshots', idC)]);
    mkdirSync(join(root, 'snapshots', 'notes'));
    mkdirSync(join(root, 'trash', 'notes'));
    writeFileSync(join(root, 'trash', 'todo.txt'), '');
    // What macOS leaves everywhere is neither segue's nor anyone's.
    for (const place of ['snapshots/.DS_Store', 'tags/._nightly', 'lock/.DS_Store'])
      writeFileSync(join(root, place), '');
    for (const dryRun of [true, false]) {
      const { foreign } = await collect({ dryRun });
      expect(foreign.map(({ path }) => path).toSorted()).toEqual(
        words`${links} trash/${idC}.0123456789ab snapshots/${idC} snapshots/notes trash/notes
          trash/todo.txt`.toSorted(),
      );
      expect(foreign).toContainEqual({ path: `snapshots/${idC}`, is: 'a FIFO' });
      for (const { path } of foreign) expect(lstatSync(join(root, path))).toBeDefined();
    }
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
  });
});

it('a ledger beside the snapshots stays as it is, leftovers too, and is not reported', async () => {
  plant(idA, 1000);
  plant(idB, 1);
  plantLink(root, 'current', idB);
  const directory = rootPath.feedback(root);
  const ledger = await openLedger(directory, listening());
  await ledger.add([entryOf('u', 'x')]);
  await ledger.compact(listening());
  await ledger.close();
  for (const name of ['table-9', 'live.json.new', 'draft-0123456789abcdef', '.tmp-x'])
    writeFileSync(join(directory, name), 'left');
  const before = hashesBelow(directory);
  const { foreign } = await collect({ olderThan: '1h' });
  expect([ids(), foreign, hashesBelow(directory)]).toEqual([[idB], [], before]);
});

describe('collecting is refused, and deletes nothing,', () => {
  async function refuses(code: string, message: string): Promise<void> {
    const isLock = (path: string): boolean => path.startsWith('lock');
    const before = everythingBelow(root).filter((path) => !isLock(path));
    for (const dryRun of [true, false]) {
      await expect(collect({ dryRun })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message) as string,
      });
    }
    // Only lock files may have been made.
    expect(everythingBelow(root).filter((path) => !isLock(path))).toEqual(before);
  }

  it('where there is no root, or nothing of segue’s in it', async () => {
    await refuses('snapshot-not-found', 'there is no directory');
    expect(existsSync(root)).toBe(false);
    mkdirSync(root);
    writeFileSync(join(root, 'letter.txt'), '');
    await refuses('snapshot-not-found', 'there are no snapshots in');
  });

  it('where current leads to nothing, or anywhere else, or is a directory', async () => {
    plant(idA, 1);
    plantLink(root, 'current', idB);
    await refuses('damaged-root', 'which is not there');
    unlinkSync(rootPath.current(root));
    symlinkSync('/etc', rootPath.current(root));
    await refuses('damaged-root', 'points outside');
    unlinkSync(rootPath.current(root));
    mkdirSync(rootPath.current(root));
    await refuses('damaged-root', 'is a directory');
  });

  it.each(['snapshots', 'trash', 'stamps', 'tags', 'lock', 'checkpoints'])(
    'where %s is a link to elsewhere',
    async (name) => {
      plant(idA, 1);
      const outside = temporaryDirectory();
      mkdirSync(join(outside, `${idB}.0123456789ab`));
      if (name === 'snapshots') renameSync(rootPath.snapshots(root), join(outside, 'moved'));
      symlinkSync(name === 'snapshots' ? join(outside, 'moved') : outside, join(root, name));
      await refuses('damaged-root', `${name} is a symbolic link`);
      expect(existsSync(join(outside, `${idB}.0123456789ab`))).toBe(true);
    },
  );

  it('for an age that is none, or a number that is not', async () => {
    plant(idA, 1);
    await expect(collect({ olderThan: 'yesterday' })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(collect({ keep: -1 })).rejects.toMatchObject({ code: 'bad-usage' });
    expect(ids()).toEqual([idA]);
  });

  it('while someone collects or publishes, whom it names', async () => {
    plant(idA, 1);
    mkdirSync(rootPath.locks(root));
    for (const [path, doing] of [
      [rootPath.collectLock(root), 'collecting'],
      [rootPath.publishLock(root), 'publishing'],
    ] as const) {
      const lock = tryLock(path, { create: true, doing })!;
      await expect(collect()).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringMatching(`process ${process.pid} on .* is ${doing} right now`),
      });
      lock.release();
    }
    expect(ids()).toEqual([idA]);
    await collect();
    expect(ids()).toEqual([]);
  });
});

describe('an interrupted collector', () => {
  it('stops between two steps, and the next one goes on', async () => {
    for (const [at, id] of [idA, idB, idC].entries()) plant(id, 10 - at);
    const abort = new AbortController();
    const context = listening(abort.signal);
    const interrupted = gc(
      { root, keep: 0, dryRun: false, at: now },
      { ...context, onProgress: () => abort.abort() },
    );
    await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' });
    expect(ids()).toEqual([]);
    expect(readdirSync(rootPath.trash(root)).length).toBeGreaterThan(0);
    expect(await collect()).toMatchObject({ snapshots: [] });
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
  });

  it('that was asked to stop before it began deletes nothing', async () => {
    plant(idA, 1);
    const abort = new AbortController();
    abort.abort();
    const options = { root, keep: 0, dryRun: false };
    await expect(gc(options, listening(abort.signal))).rejects.toMatchObject({ code: 'interrupted' });
    expect(ids()).toEqual([idA]);
  });

  it('finds an unfinished line of the history, and goes by what is current', async () => {
    plant(idA, 2);
    plant(idB, 1);
    await publishing(idA);
    await publishing(idB);
    appendFileSync(rootPath.history(root), '{"seq":3,"phase":"int');
    expect(kept(await collect())).toEqual({ [idA]: ['previous'], [idB]: ['current'] });
  });
});
