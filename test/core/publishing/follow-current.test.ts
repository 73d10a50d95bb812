import { readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import type { Follower, FollowOptions } from '#dist/core/publishing/follow-current.js';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { publish } from '#dist/core/tasks/publish.js';
import { idA, idB, idC, listening, modelFiles, plantLink, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;
let follower: Follower<Opened> | undefined;
/** Said when something happens: `closed <id>`, `changed <id>`, `failed <message>`. */
let happened: string[];

interface Opened {
  readonly id: string;
  isOpen: boolean;
  close(): void;
}

beforeEach(async () => {
  root = temporaryDirectory();
  happened = [];
  for (const [at, id] of [idA, idB, idC].entries()) plantSnapshot(root, id, modelFiles(at + 1));
  await publishing(idA);
});

afterEach(async () => {
  await follower?.close();
  follower = undefined;
});

async function publishing(snapshot: string): Promise<void> {
  await publish({ root, snapshot, require: [], dryRun: false }, listening());
}

function note(what: string): void {
  happened.push(what);
}

async function until(what: string): Promise<void> {
  while (!happened.includes(what)) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function follow(
  options: Partial<FollowOptions> = {},
  open = (id: string): Promise<Opened> => {
    const opened = {
      id,
      isOpen: true,
      close() {
        this.isOpen = false;
        note(`closed ${id}`);
      },
    };
    return Promise.resolve(opened);
  },
): Promise<Follower<Opened>> {
  const onChange = (snapshot: string, before: string): void => note(`changed ${before} ${snapshot}`);
  const onFailure = (error: unknown): void => note(`failed ${(error as Error).message}`);
  follower = await followCurrent({ root, onChange, onFailure, ...options }, open, listening());
  return follower;
}

function held(id: string): boolean {
  return isLeased(rootPath.snapshot(root, id));
}

describe('a reader that follows what is current', () => {
  it.each([
    ['told by the system', { pollMs: 1_000_000 }],
    ['looking from time to time', { pollMs: 10 }],
  ])('moves to what is published, and lets go of what was before: %s', async (_, options) => {
    const following = await follow(options);
    expect([following.snapshot, held(idA)]).toEqual([idA, true]);
    for (const [before, id] of [
      [idA, idB],
      [idB, idC],
      [idC, idA],
    ] as const) {
      await publishing(id);
      await until(`changed ${before} ${id}`);
      await until(`closed ${before}`);
      expect(
        await following.use(({ id: answered, isOpen }, snapshot) => [answered, snapshot, isOpen]),
      ).toEqual([id, id, true]);
      expect([held(before), held(id)]).toEqual([false, true]);
      happened = [];
    }
  });

  it('answers every call from one snapshot, which is closed when the last call on it has ended', async () => {
    const following = await follow();
    const calls = await Promise.all([holdOpen(following), holdOpen(following)]);
    await publishing(idB);
    await until(`changed ${idA} ${idB}`);
    expect(await following.use(({ id }) => id)).toBe(idB);
    for (const call of calls) {
      expect([held(idA), happened]).toEqual([true, [`changed ${idA} ${idB}`]]);
      expect(await call.end()).toEqual([idA, true]);
    }
    await until(`closed ${idA}`);
    expect(held(idA)).toBe(false);
  });

  /** A call that is in flight until it is told to end, and then says what it found. */
  async function holdOpen(following: Follower<Opened>): Promise<{ end: () => Promise<unknown> }> {
    let end = (): void => undefined;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const answer = following.use(async (opened) => {
      begun();
      await new Promise<void>((resolve) => (end = resolve));
      return [opened.id, opened.isOpen];
    });
    await hasBegun;
    return {
      end: () => {
        end();
        return answer;
      },
    };
  }

  it('keeps what it has where the new one is damaged, says so once, and moves on with the next', async () => {
    const following = await follow({ pollMs: 5 });
    rmSync(join(rootPath.snapshot(root, idB), 'model/item.npy'));
    plantLink(root, 'current', idB);
    await following.look();
    for (let at = 0; at < 5; at++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(happened).toEqual([expect.stringMatching(/^failed .*model\/item\.npy/)]);
    expect(await following.use(({ id, isOpen }) => [id, isOpen])).toEqual([idA, true]);
    expect([held(idA), held(idB)]).toEqual([true, false]);
    await publishing(idC);
    await until(`changed ${idA} ${idC}`);
  });

  it('keeps what it has where the new one cannot be opened, and tries again when it is asked to', async () => {
    let fails = true;
    const open = (id: string): Promise<Opened> =>
      id === idB && fails
        ? Promise.reject(new Error('no room for it'))
        : Promise.resolve({ id, isOpen: true, close: () => note(`closed ${id}`) });
    const following = await follow({}, open);
    await publishing(idB);
    await until('failed no room for it');
    expect([following.snapshot, held(idB)]).toEqual([idA, false]);
    fails = false;
    await following.look();
    expect(following.snapshot).toBe(idB);
  });

  it.each(['missing', 'a loop'])('keeps what it has while current is %s', async (state) => {
    const following = await follow({ pollMs: 5 });
    rmSync(rootPath.current(root));
    if (state === 'a loop') symlinkSync('current', rootPath.current(root));
    await following.look();
    expect(following.snapshot).toBe(idA);
    expect(happened).toHaveLength(state === 'a loop' ? 1 : 0);
    rmSync(rootPath.current(root), { force: true });
    plantLink(root, 'current', idB);
    await until(`changed ${idA} ${idB}`);
  });

  it('begins with the latest while nothing is published', async () => {
    rmSync(rootPath.current(root));
    plantLink(root, 'latest', idC);
    const following = await follow();
    expect(following.snapshot).toBe(idC);
    await publishing(idA);
    await until(`changed ${idC} ${idA}`);
  });

  it('misses nothing that is published while it opens', async () => {
    let opened = 0;
    const open = async (id: string): Promise<Opened> => {
      opened += 1;
      if (opened === 1) await publishing(idB);
      if (opened === 2) await publishing(idC);
      return { id, isOpen: true, close: () => note(`closed ${id}`) };
    };
    const following = await follow({ pollMs: 1_000_000 }, open);
    await until(`changed ${idB} ${idC}`);
    expect(following.snapshot).toBe(idC);
  });

  it('looks when it is asked to, at whatever moment', async () => {
    const following = await follow({ pollMs: 1_000_000 });
    // Around the end of the look before, one turn after the other.
    for (let turns = 0; turns < 40; turns++) {
      const id = [idB, idC][turns % 2]!;
      const before = following.look();
      for (let turn = 0; turn < turns % 8; turn++) await Promise.resolve();
      plantLink(root, 'current', id);
      await following.look();
      expect(following.snapshot).toBe(id);
      await before;
    }
  });

  it('closes everything when it is closed, after the calls in flight, and answers no more', async () => {
    const following = await follow();
    const call = await holdOpen(following);
    const closing = following.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([held(idA), happened]).toEqual([true, []]);
    await call.end();
    await closing;
    expect([held(idA), happened]).toEqual([false, [`closed ${idA}`]]);
    await expect(following.use(() => 1)).rejects.toThrow('closed');
    await following.close();
    await publishing(idB);
    await following.look();
    expect(happened).toEqual([`closed ${idA}`]);
  });

  it('opens nothing where the first one cannot be opened', async () => {
    await expect(follow({}, () => Promise.reject(new Error('no room for it')))).rejects.toThrow(
      'no room for it',
    );
    expect(held(idA)).toBe(false);
    rmSync(rootPath.current(root));
    await expect(follow()).rejects.toMatchObject({ code: 'snapshot-not-found' });
  });

  it('keeps as many files open and mapped after 500 switches as after 20', { tags: ['linux'] }, async () => {
    const usage = (): { fds: number; maps: number } => ({
      fds: readdirSync('/proc/self/fd').length,
      maps: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
    });
    const following = await follow({ pollMs: 1_000_000 });
    let before = usage();
    for (let at = 1; at <= 500; at++) {
      plantLink(root, 'current', [idA, idB, idC][at % 3]!);
      await following.look();
      expect(following.snapshot).toBe([idA, idB, idC][at % 3]);
      if (at === 20) before = usage();
    }
    const after = usage();
    expect(happened.filter((what) => what.startsWith('changed')).length).toBeGreaterThanOrEqual(500);
    expect(after.fds).toBeLessThanOrEqual(before.fds + 3);
    // The heap of JavaScript grows by maps of its own.
    expect(after.maps).toBeLessThanOrEqual(before.maps + 60);
  });
});
