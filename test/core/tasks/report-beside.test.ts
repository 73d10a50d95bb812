import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { diffSnapshots, type DiffOptions, type DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { publish, type PublishOptions } from '#dist/core/tasks/publish.js';
import { report } from '#dist/core/tasks/report.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { expectSelfContained } from '../../helpers/report-page.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

useCanaryHere();
const makeDirectory = temporaryDirectories('test');

let root = '';
let page = '';
beforeEach(async () => {
  root = join(makeDirectory(), 'root');
  page = join(root, '..', 'page.html');
  const ids = Array.from({ length: 12 }, (_, at) => `song-${at}`);
  for (const [id, turn] of [
    [idA, 1],
    [idB, 2],
  ] as const) {
    await makeSmallSnapshot(root, id, {
      items: ids.map((song, at) => [song, Math.cos(turn * at), Math.sin(at)] as const),
    });
  }
});

/** What `segue report` itself makes. */
async function reported(snapshot: string, against?: string): Promise<string> {
  const out = join(makeDirectory(), 'report.html');
  await report({ root, snapshot, against, out, item: [], map: false, force: false, threads: 1 }, listening());
  return readFileSync(out, 'utf8');
}

const differing = (more: Partial<DiffOptions> = {}) =>
  diffSnapshots({ root, a: idA, b: idB, k: 10, failOn: [], report: page, threads: 1, ...more }, listening());

const publishing = (snapshot: string, more: Partial<PublishOptions> = {}) =>
  publish({ root, snapshot, require: [], dryRun: false, report: page, threads: 1, ...more }, listening());

describe('diff-snapshots with a report', () => {
  it('writes what report against the first draws, and finds the same', async () => {
    const { seconds, report: written, ...found } = (await differing()) as DiffResult;
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB, idA));
    expect(written).toEqual({ path: page, bytes: readFileSync(page).length });
    const { seconds: _, ...without } = (await differing({ report: undefined })) as DiffResult;
    expect(found).toEqual(without);
    expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('writes it also where a condition makes it fail, over one that is there', async () => {
    writeFileSync(page, 'of the last run');
    await expect(differing({ failOn: ['overlap@10.all<=1'] })).rejects.toMatchObject({
      code: 'does-not-hold',
      result: { report: { path: page } },
    });
    expectSelfContained(readFileSync(page, 'utf8'));
  });

  it('is refused for bundles, and for stdout', async () => {
    await publish({ root, members: { one: idA, two: idB }, require: [], dryRun: false }, listening());
    const bundles = { a: 'current', b: 'current' };
    await expect(differing(bundles)).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(differing({ report: '-' })).rejects.toMatchObject({ code: 'bad-usage' });
    expect(existsSync(page)).toBe(false);
    await differing({ ...bundles, as: 'two' });
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB, idB));
  });
});

describe('publish with a report', () => {
  it('writes a page of the first that is published, then of what the next one changes', async () => {
    expect(await publishing(idA)).toMatchObject({ published: idA, report: { path: page } });
    expect(readFileSync(page, 'utf8')).toBe(await reported(idA));
    await publishing(idB);
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB, idA));
    expect(await publishing(idB)).toMatchObject({ unchanged: true });
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB));
  });

  it('writes it where a gate fails, and where nothing is to be changed', async () => {
    await publishing(idA, { report: undefined, threads: undefined });
    await expect(publishing(idB, { require: ['recall@10>=0.5'] })).rejects.toMatchObject({
      code: 'does-not-hold',
    });
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB, idA));
    writeFileSync(page, '');
    await publishing(idB, { dryRun: true });
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB, idA));
    expect(await publishing(idA, { report: undefined, threads: undefined })).toMatchObject({
      unchanged: true,
    });
  });

  it('publishes nothing where the page cannot be written', async () => {
    const nowhere = join(root, 'not-there', 'page.html');
    await expect(publishing(idA, { report: nowhere })).rejects.toThrow();
    expect(existsSync(rootPath.current(root))).toBe(false);
  });

  it('replaces a current snapshot that is damaged, and compares with nothing', async () => {
    await publishing(idA, { report: undefined, threads: undefined });
    truncateSync(join(rootPath.snapshot(root, idA), 'model/item.npy'), 3);
    const context = listening();
    await publish({ root, snapshot: idB, require: [], dryRun: false, report: page, threads: 1 }, context);
    expect(readFileSync(page, 'utf8')).toBe(await reported(idB));
    expect(JSON.stringify(context.told)).toContain('the report compares with nothing');
  });

  it('is refused for a bundle', async () => {
    const members = { one: idA, two: idB };
    const options = { root, members, require: [], dryRun: false, report: page };
    await expect(publish(options, listening())).rejects.toMatchObject({ code: 'bad-usage' });
    expect(existsSync(rootPath.current(root))).toBe(false);
  });
});
