import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { publish } from '#dist/core/tasks/publish.js';
import { listSnapshots } from '#dist/core/tasks/snapshots/list.js';
import type { SnapshotList } from '#dist/core/tasks/snapshots/list.js';
import {
  idA,
  idB,
  idC,
  listening,
  makeSnapshot,
  modelFiles,
  plantLink,
  plantSnapshot,
} from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

const hours = (hour: number): Date => new Date(Date.UTC(2026, 0, 1, hour));

/** Makes a snapshot as old as it is said to be. */
function plant(id: string, hour: number, value = 1): string {
  const path = plantSnapshot(root, id, modelFiles(value));
  utimesSync(join(path, 'manifest.json'), hours(hour), hours(hour));
  return path;
}

function list(limit?: number): Promise<SnapshotList> {
  return listSnapshots({ root, limit, at: hours(9) }, listening());
}

const idsOf = ({ snapshots }: SnapshotList): string[] => snapshots.map(({ snapshot }) => snapshot);

beforeEach(() => {
  root = temporaryDirectory();
});

describe('the list of snapshots', () => {
  it('is empty where there is no root, and makes none', async () => {
    root = join(root, 'missing');
    expect(await list()).toEqual({
      ...{ root, at: hours(9).toISOString(), current: null, previous: null, latest: null },
      snapshots: [],
      total: {
        snapshots: { count: 0, bytes: 0 },
        trash: { count: 0, bytes: 0 },
        drafts: { count: 0, bytes: 0 },
      },
      problems: [],
    });
  });

  it('has the newest first, by the time of its manifest, with what it is called', async () => {
    plant(idA, 2);
    plant(idB, 3);
    plant(idC, 1);
    plantLink(root, 'latest', idC);
    for (const snapshot of [idA, idB])
      await publish({ root, snapshot, require: [], dryRun: false }, listening());
    tagSnapshot(root, idA, 'good');
    tagSnapshot(root, idA, 'best');
    const found = await list();
    expect(idsOf(found)).toEqual([idB, idA, idC]);
    expect(found).toMatchObject({ current: idB, previous: idA, latest: idC, problems: [] });
    expect(found.snapshots[0]).toMatchObject({ current: true, previous: false, latest: false, tags: [] });
    expect(found.snapshots[1]).toMatchObject({ previous: true, tags: ['best', 'good'] });
    expect(found.snapshots[1]).toMatchObject({
      ...{ madeAt: hours(2).toISOString(), basis: idA, parent: null, model: 'als', dim: 2 },
      ...{ parts: ['model'], items: 3, users: null, recallAt10: null, damage: null },
      metrics: { loss: 0.5, 'ndcg@100': 0.25 },
    });
    expect(await list(1)).toMatchObject({
      snapshots: [{ snapshot: idB }],
      total: { snapshots: { count: 3 } },
    });
  });

  it('counts what a snapshot has for itself, and what it shares, by inode', async () => {
    const a = plant(idA, 1);
    const b = plant(idB, 2);
    const sizeOf = (found: SnapshotList, id: string): unknown =>
      found.snapshots.find(({ snapshot }) => snapshot === id)?.bytes;
    const before = await list();
    const whole = before.snapshots.map(({ bytes }) => bytes);
    expect(whole.every(({ shared }) => shared === 0)).toBe(true);
    expect(before.total.snapshots.bytes).toBe(whole[0]!.own + whole[1]!.own);
    // b's vectors become a's.
    rmSync(join(b, 'model/item.npy'));
    linkSync(join(a, 'model/item.npy'), join(b, 'model/item.npy'));
    const vectors = 128 + 24;
    const after = await list();
    expect(sizeOf(after, idA)).toEqual({ own: whole[1]!.own - vectors, shared: vectors });
    expect(sizeOf(after, idB)).toEqual({ own: whole[0]!.own - vectors, shared: vectors });
    expect(after.total.snapshots.bytes).toBe(before.total.snapshots.bytes - vectors);
  });

  it('counts the trash and drafts, without what snapshots share with them', async () => {
    const a = plant(idA, 1);
    mkdirSync(join(root, 'trash', `${idB}.0123456789ab`, 'model'), { recursive: true });
    writeFileSync(join(root, 'trash', `${idB}.0123456789ab`, 'model/item.npy'), 'x'.repeat(1000));
    linkSync(join(a, 'manifest.json'), join(root, 'trash', `${idB}.0123456789ab`, 'manifest.json'));
    mkdirSync(join(root, 'snapshots/.tmp-0123'));
    writeFileSync(join(root, 'snapshots/.tmp-0123/x'), 'x'.repeat(70));
    expect((await list()).total).toMatchObject({
      snapshots: { count: 1 },
      trash: { count: 1, bytes: 1000 },
      drafts: { count: 1, bytes: 70 },
    });
  });

  it('knows nothing of what it does not read: rot under an unchanged size', async () => {
    const path = plant(idA, 1);
    const file = join(path, 'model/item.npy');
    chmodSync(file, 0o644);
    writeFileSync(file, 'x'.repeat(152));
    expect((await list()).snapshots[0]).toMatchObject({ damage: null });
  });
});

describe('what is damaged', () => {
  it.each<[string, (path: string) => void, string, string]>([
    [
      'a file is missing',
      (path) => rmSync(join(path, 'model/item.npy')),
      'damaged-snapshot',
      'model/item.npy',
    ],
    [
      'a file is too short',
      (path) => {
        chmodSync(join(path, 'model/item.npy'), 0o644);
        writeFileSync(join(path, 'model/item.npy'), 'short');
      },
      'damaged-snapshot',
      'it has 5 bytes, the manifest states 152',
    ],
    [
      'the manifest is missing',
      (path) => rmSync(join(path, 'manifest.json')),
      'damaged-snapshot',
      'it is missing',
    ],
    [
      'the manifest is no JSON',
      (path) => {
        chmodSync(join(path, 'manifest.json'), 0o644);
        writeFileSync(join(path, 'manifest.json'), 'hello');
      },
      'damaged-snapshot',
      'it is not JSON',
    ],
    [
      'the manifest is another program’s',
      (path) => {
        chmodSync(join(path, 'manifest.json'), 0o644);
        writeFileSync(join(path, 'manifest.json'), '{"format":"other"}');
      },
      'not-a-snapshot',
      'is not a manifest of segue',
    ],
    [
      'it is a file',
      (path) => {
        rmSync(path, { recursive: true });
        writeFileSync(path, 'hello');
      },
      'damaged-root',
      'is a regular file',
    ],
    [
      'it is a link to elsewhere',
      (path) => {
        rmSync(path, { recursive: true });
        symlinkSync('/etc', path);
      },
      'damaged-root',
      'is a symbolic link',
    ],
  ])('is listed as that, and the others beside it: %s', async (_what, damage, code, message) => {
    plant(idA, 1);
    damage(plant(idB, 2));
    const found = await list();
    expect(idsOf(found).sort()).toEqual([idA, idB]);
    const entry = found.snapshots.find(({ snapshot }) => snapshot === idB);
    expect(entry?.damage).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(found.snapshots.find(({ snapshot }) => snapshot === idA)?.damage).toBeNull();
  });

  it('of the links is told beside the list', async () => {
    plant(idA, 1);
    symlinkSync('current', rootPath.current(root));
    mkdirSync(rootPath.latest(root));
    mkdirSync(rootPath.tags(root));
    symlinkSync(`../snapshots/${idC}`, rootPath.tag(root, 'gone'));
    writeFileSync(rootPath.tag(root, 'file'), '');
    mkdirSync(rootPath.history(root));
    tagSnapshot(root, idA, 'good');
    const found = await list();
    expect(found.snapshots).toMatchObject([{ snapshot: idA, tags: ['good'] }]);
    expect(found.problems.map(({ message }) => message.replaceAll(root, ''))).toEqual([
      '/current is a loop: a link to "current"',
      '/latest is a directory where segue keeps a symbolic link; move it away',
      '/history.jsonl is a directory where a regular file was expected',
      '/tags/file is a regular file where segue keeps a symbolic link; move it away',
      `/tags/gone names the snapshot ${idC}, which is not there`,
    ]);
  });
});

it('of hundreds of snapshots takes no time', async () => {
  await makeSnapshot(root, idA);
  for (let place = 0; place < 300; place += 1)
    plant((place + 0xbbbb).toString(16).padStart(16, 'b'), 1 + place / 100);
  const found = await list();
  expect(found.snapshots).toHaveLength(301);
  expect(found.total.snapshots.count).toBe(301);
});
