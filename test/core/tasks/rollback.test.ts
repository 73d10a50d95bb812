import { appendFileSync, chmodSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '#dist/core/errors.js';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { publishSnapshot } from '#dist/core/publishing/publish.js';
import { publish } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import type { RollbackOptions, RollbackResult } from '#dist/core/tasks/rollback.js';
import { idA, idB, idC, listening, modelFiles, plantLink, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

const hours = (hour: number): Date => new Date(Date.UTC(2026, 0, 1, hour));

/** A, then B, then C were published, at 1, 2 and 3 o'clock. */
beforeEach(async () => {
  root = temporaryDirectory();
  for (const [place, id] of [idA, idB, idC].entries()) {
    plantSnapshot(root, id, modelFiles(place + 1));
    const options = { root, snapshot: id, require: [], dryRun: false, at: hours(place + 1) };
    await publish(options, listening());
  }
});

function run(options: Partial<RollbackOptions> = {}, context = listening()): Promise<RollbackResult> {
  return rollback({ root, dryRun: false, ...options }, context);
}

const current = (): string => readlinkSync(rootPath.current(root)).replace('snapshots/', '');

/** Changes one bit of a snapshot's vectors, under an unchanged stamp. */
function rot(id: string): void {
  const file = join(rootPath.snapshot(root, id), 'model/item.npy');
  const bytes = readFileSync(file);
  bytes[100]! ^= 1;
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

describe('rollback', () => {
  it('makes current again what was current before, and says how to take that back', async () => {
    const result = await run({ at: hours(4), why: 'a bad batch' });
    expect(result).toMatchObject({
      rolledBackTo: idB,
      from: idC,
      undo: `segue rollback ${idC}`,
      dryRun: false,
      unchanged: false,
      verified: { files: 2, bytes: 296 },
    });
    expect(current()).toBe(idB);
    const [intent, commit] = readHistory(root).slice(-2);
    expect(intent).toEqual({ ...commit, phase: 'intent' });
    expect(commit).toMatchObject({
      ...{ seq: 4, phase: 'commit', op: 'rollback', from: idC, to: idB, why: 'a bad batch' },
      time: hours(4).toISOString(),
    });
  });

  it('goes back to where it came from when it is asked for twice', async () => {
    await run();
    expect(await run()).toMatchObject({ rolledBackTo: idC, from: idB });
    expect(await run()).toMatchObject({ rolledBackTo: idB, from: idC });
  });

  it('goes to any snapshot that is named', async () => {
    tagSnapshot(root, idA, 'good');
    expect(await run({ snapshot: 'good' })).toMatchObject({ rolledBackTo: idA, from: idC });
    expect(await run({ snapshot: 'bbbb' })).toMatchObject({ rolledBackTo: idB, from: idA });
    expect(await run()).toMatchObject({ rolledBackTo: idA, from: idB });
  });

  it('says so where that is current already, and changes nothing', async () => {
    const history = readFileSync(rootPath.history(root), 'utf8');
    expect(await run({ snapshot: idC })).toMatchObject({ rolledBackTo: idC, unchanged: true, undo: null });
    expect(readFileSync(rootPath.history(root), 'utf8')).toBe(history);
  });

  it('only verifies in a dry run, beside a publisher too', async () => {
    const lock = tryLock(rootPath.publishLock(root), { create: true });
    expect(await run({ dryRun: true })).toMatchObject({ rolledBackTo: idB, dryRun: true, undo: null });
    await expect(run()).rejects.toMatchObject({ code: 'busy' });
    lock!.release();
    rot(idB);
    await expect(run({ dryRun: true })).rejects.toMatchObject({ code: 'damaged-snapshot' });
    expect(current()).toBe(idC);
  });

  it('keeps to --expect', async () => {
    await expect(run({ expect: idB })).rejects.toMatchObject({ code: 'conflict', exitCode: 5 });
    await expect(run({ expect: 'none' })).rejects.toMatchObject({ code: 'conflict' });
    expect(current()).toBe(idC);
    expect(await run({ expect: 'cccc' })).toMatchObject({ rolledBackTo: idB });
  });

  it('does not go on where another process changed what is current meanwhile', async () => {
    const note = { op: 'rollback', time: hours(4).toISOString(), who: 'me@here', why: null } as const;
    const request = { wanted: idA, expect: undefined, dryRun: false, note };
    await expect(publishSnapshot(root, { ...request, chosenBeside: idB }, listening())).rejects.toMatchObject(
      {
        ...{ code: 'conflict', exitCode: 5, details: { expected: idB, current: idC } },
        message: `another process made ${idC} current in place of ${idB} just now`,
      },
    );
    expect(current()).toBe(idC);
    await publishSnapshot(root, { ...request, chosenBeside: idC }, listening());
    expect(current()).toBe(idA);
  });

  it('takes a reason of any sane length', async () => {
    await expect(run({ why: 'x'.repeat(4001) })).rejects.toMatchObject({ code: 'bad-usage' });
    expect(current()).toBe(idC);
    await run({ why: 'two\nlines\u202e'.repeat(100) });
    expect(readHistory(root).at(-1)?.why).toBe('two\nlines\u202e'.repeat(100));
  });
});

describe('rollback to a time', () => {
  it.each<[string, string]>([
    ['2026-01-01T01:00:00Z', idA],
    ['2026-01-01 01:59', idA],
    ['2026-01-01T03:30:00+01:00', idB],
    ['9h', idA],
    ['8h', idB],
    ['90m', idC],
  ])('goes to what was current then: %s', async (toTime, id) => {
    expect(await run({ toTime, at: hours(10), dryRun: true })).toMatchObject({ rolledBackTo: id });
  });

  it.each<[string, string, string]>([
    ['2026-01-01', 'snapshot-not-found', 'its history begins at 2026-01-01T01:00:00.000Z'],
    ['2w', 'snapshot-not-found', 'names nothing that was current at 2025-12-18T10:00:00.000Z'],
    ['2026-01-01T10:00:01Z', 'bad-usage', 'is in the future'],
    ['yesterday', 'bad-usage', 'wanted a time such as'],
    ['5', 'bad-usage', 'wanted a time such as'],
    ['2026-13-01', 'bad-usage', 'wanted a time such as'],
    ['', 'bad-usage', 'wanted a time such as'],
    ['99999999d', 'bad-usage', 'wanted a time such as'],
    [`${'9'.repeat(400)}d`, 'bad-usage', 'wanted a time such as'],
  ])('refuses %s', async (toTime, code, message) => {
    const error = await run({ toTime, at: hours(10) }).catch((caught: unknown) => caught as AppError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(current()).toBe(idC);
  });

  it('does not choose where a clock was set back', async () => {
    await publish({ root, snapshot: idA, require: [], dryRun: false, at: hours(0) }, listening());
    await expect(run({ toTime: '2026-01-01T02:30:00Z', at: hours(10) })).rejects.toMatchObject({
      code: 'snapshot-not-found',
      message: expect.stringContaining(`${idB} (change 2), ${idA} (change 4)`) as string,
      details: { candidates: [idB, idA] },
    });
  });
});

describe('a rollback that cannot be', () => {
  it.each<[string, () => void, string, RegExp]>([
    ['the target rotted', () => rot(idB), 'damaged-snapshot', /model\/item\.npy: its sha256 is/],
    [
      'the target is gone',
      () => rmSync(rootPath.snapshot(root, idB), { recursive: true }),
      'snapshot-not-found',
      new RegExp(`the snapshot ${idB}, which was current before, is not in .* any more`),
    ],
    [
      'the target lost a file',
      () => rmSync(join(rootPath.snapshot(root, idB), 'model/item.npy')),
      'damaged-snapshot',
      /model\/item\.npy: it is missing/,
    ],
  ])('is refused, and current stays as it was: %s', async (_what, damage, code, message) => {
    damage();
    const history = readFileSync(rootPath.history(root), 'utf8');
    const error = await run().catch((caught: unknown) => caught as AppError);
    expect(error).toMatchObject({ code });
    expect((error as AppError).message).toMatch(/^not rolled back, cccccccccccccccc is still current: /);
    expect((error as AppError).message).toMatch(message);
    expect(current()).toBe(idC);
    expect(readFileSync(rootPath.history(root), 'utf8')).toBe(history);
    // Another one that is whole can be had.
    expect(await run({ snapshot: idA })).toMatchObject({ rolledBackTo: idA });
  });

  it('says that nothing was before', async () => {
    const other = temporaryDirectory();
    plantSnapshot(other, idA);
    await publish({ root: other, snapshot: idA, require: [], dryRun: false }, listening());
    await expect(run({ root: other })).rejects.toMatchObject({
      code: 'snapshot-not-found',
      message: expect.stringContaining('nothing was published in') as string,
    });
  });

  it('says that nothing is published', async () => {
    const other = temporaryDirectory();
    plantSnapshot(other, idA);
    for (const snapshot of [undefined, idA]) {
      await expect(run({ root: other, snapshot })).rejects.toMatchObject({
        code: 'snapshot-not-found',
        message: `nothing is published in ${other}: there is nothing to roll back`,
      });
    }
  });
});

describe('a root whose current leads nowhere', () => {
  it('is brought back by the history', async () => {
    rmSync(rootPath.snapshot(root, idC), { recursive: true });
    expect(await run()).toMatchObject({ rolledBackTo: idB, from: idC });
    expect(current()).toBe(idB);
  });

  it('goes back to what was published last, where current was changed by other means', async () => {
    plantLink(root, 'current', idA);
    expect(await run()).toMatchObject({ rolledBackTo: idC, from: idA });
  });

  it('goes back from a change that nobody confirmed', async () => {
    await run({ snapshot: idA });
    const lines = readFileSync(rootPath.history(root), 'utf8').trimEnd().split('\n');
    writeFileSync(rootPath.history(root), `${lines.slice(0, -1).join('\n')}\n`);
    appendFileSync(rootPath.history(root), '{"seq":4,"phase":"com');
    expect(await run()).toMatchObject({ rolledBackTo: idC, from: idA });
    expect(
      readHistory(root)
        .map(({ seq, phase }) => `${seq} ${phase}`)
        .slice(-4),
    ).toEqual([...['4 intent', '4 commit', '5 intent', '5 commit']]);
  });
});
