/** A root that several users write to, as members of one group: and what those may do who only read it. */
import {
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tryNativeLock } from '#dist/core/files/native-lock.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent, readLatest } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
import { making, startMember } from '../helpers/members.js';
import type { Answer, Member } from '../helpers/members.js';
import { idA, idB, idC, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const group = 54_100;
const [alice, bob, eve] = [54_101, 54_102, 54_103];

/** A directory of alice's, of this mode and group. */
function directoryOfAlice(mode: number, gid: number): string {
  const parent = temporaryDirectory();
  chmodSync(parent, 0o755);
  const root = join(parent, 'root');
  mkdirSync(root);
  chownSync(root, alice, gid);
  chmodSync(root, mode);
  return root;
}

/** Everything below a directory but links, with the directory itself. */
function allBelow(path: string): string[] {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return [];
  if (!stat.isDirectory()) return [path];
  return [path, ...readdirSync(path).flatMap((name) => allBelow(join(path, name)))];
}

const permissionsOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

const training = (events: string, factors: number, tag?: string): string =>
  `return (await api.train(${JSON.stringify({
    ...{ events: [events], skipBadRows: false, model: 'als', modelOptions: { factors, epochs: 1 }, tag },
    ...{
      seed: 1,
      threads: 1,
      minUserItems: 1,
      minItemUsers: 1,
      holdout: 0,
      withoutUsers: false,
      dryRun: false,
    },
  }).replace('{', '{ root, ')}, context)).snapshot`;
const publishing = (snapshot: string): string =>
  `await api.publish({ root, snapshot: '${snapshot}', require: [], gates: 'none', dryRun: false }, context)`;
const collecting = (dryRun = false): string =>
  `return (await api.gc({ root, keep: 0, dryRun: ${String(dryRun)} }, context)).snapshots.map(({ snapshot, why }) => [snapshot, ...why])`;
const deleting = (snapshot: string): string =>
  `await api.deleteSnapshots({ root, snapshots: ['${snapshot}'], force: true, dryRun: false }, context)`;

/** Takes a shared lock on everything that can be read, and keeps it; returns the paths. */
const lockingAll = `
  const all = (path) => {
    try {
      const stat = api.fs.lstatSync(path);
      if (stat.isDirectory()) return api.fs.readdirSync(path).flatMap((name) => all(api.join(path, name)));
      return stat.isFile() ? [path] : [];
    } catch { return []; }
  };
  globalThis.held = all(root).flatMap((path) => {
    try { return [[path, api.tryLock(path, { shared: true })]]; } catch { return []; }
  });
  return held.filter(([, lock]) => lock !== undefined).map(([path]) => path.slice(root.length + 1));`;
const lettingGo = `for (const [, lock] of held) lock?.release();`;

describe('a root of a group', { tags: ['root'] }, () => {
  const members: Member[] = [];
  let [a, b, hasty, reader] = [] as unknown as [Member, Member, Member, Member];
  let events: string;
  let root: string;
  const eventsDirectory = temporaryDirectories('file');

  beforeAll(async () => {
    const users = [
      { uid: alice, groups: [group], umask: 0o002 },
      { uid: bob, groups: [group], umask: 0o002 },
      // A member who did not set it.
      { uid: bob, groups: [group], umask: 0o022 },
      { uid: eve, groups: [], umask: 0o022 },
    ];
    members.push(...(await Promise.all(users.map(startMember))));
    [a, b, hasty, reader] = members as [Member, Member, Member, Member];
    const directory = eventsDirectory();
    chmodSync(directory, 0o755);
    events = join(directory, 'plays.csv');
    const plays = [...Array(40).keys()].map((n) => `u${String(n % 7)},i${String((n * n) % 11)}`);
    writeFileSync(events, ['user,item', ...plays, ''].join('\n'), { mode: 0o644 });
  });
  beforeEach(() => {
    root = directoryOfAlice(0o2775, group);
  });
  afterAll(() => Promise.all(members.map((member) => member.kill())));

  const done = async (member: Member, statement: string): Promise<Answer> => {
    const answer = await member.run(root, statement);
    expect(answer.error).toBeUndefined();
    return answer;
  };

  it('is written to by its members in turn, and stays the group’s', async () => {
    const one = String((await done(a, training(events, 2, 'good'))).value);
    const indexing = `return (await api.buildIndex({ root, snapshot: '${one}', targetRecall: 0.9, seed: 1, threads: 1 }, context)).snapshot`;
    const indexed = await done(b, indexing);
    const two = String(indexed.value);
    // Of files that are another's the kernel makes links only where it was told to.
    const linksAreProtected = readFileSync('/proc/sys/fs/protected_hardlinks', 'utf8').trim() === '1';
    const told = linksAreProtected ? [expect.stringMatching(/MiB of snapshot .* were copied/)] : [];
    expect(indexed.warnings).toEqual(told);
    await done(a, publishing(two));
    const three = String((await done(b, training(events, 3))).value);
    await done(b, publishing(three));
    await done(a, `await api.rollback({ root, dryRun: false }, context)`);
    for (const [member, id] of [
      [b, one],
      [a, three],
      [b, one],
    ] as const)
      await done(member, `await api.tag({ root, snapshot: '${id}', tag: 'mine' }, context)`);
    await done(a, `await api.untag({ root, tags: ['mine', 'good'] }, context)`);
    for (const path of allBelow(root)) {
      const { gid, mode } = statSync(path);
      expect([path, gid, mode & 0o002]).toEqual([path, group, 0]);
      if (statSync(path).isDirectory()) expect([path, mode & 0o2070]).toEqual([path, 0o2070]);
    }
    expect((await done(b, collecting())).value).toEqual([
      [three, 'previous', 'latest'],
      [two, 'current'],
      [one, 'spare'],
    ]);
    await done(a, deleting(three));
    expect(readdirSync(rootPath.snapshots(root))).toEqual([two]);
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
    expect((await done(reader, `return (await api.openForReading(root, 'current', context)).id`)).value).toBe(
      two,
    );
  });

  it('lets a member go on with, or away with, what another left who died', async () => {
    const dying = await startMember({ uid: alice, groups: [group], umask: 0o002 });
    await done(
      dying,
      `globalThis.draft = api.beginSnapshot(root, { estimatedBytes: 1000 }, context);
       draft.write('model/item.npy', [Buffer.from('half')]);
       globalThis.kept = await api.openCheckpoints(root, '${idA}', context);
       kept.save(3, {}, new Map([['x', new Uint8Array(8)]]));
       globalThis.trials = api.openTrialsFile(api.join(root, 'tuning', 'search.jsonl'), 'one');`,
    );
    const [draft] = readdirSync(rootPath.snapshots(root));
    const alone = await done(b, `return (await api.openCheckpoints(root, '${idA}', context))?.found.epoch`);
    expect(alone.value).toBeUndefined();
    expect(alone.warnings).toEqual([
      expect.stringMatching(/^process \d+ on .* is running the same training/),
    ]);
    expect(
      (await b.run(root, `api.openTrialsFile(api.join(root, 'tuning', 'search.jsonl'), 'one')`)).error?.code,
    ).toBe('busy');
    await done(b, collecting());
    expect(readdirSync(rootPath.snapshots(root))).toEqual([draft]);
    await dying.kill();
    const going = `
      api.openTrialsFile(api.join(root, 'tuning', 'search.jsonl'), 'one').close();
      const kept = await api.openCheckpoints(root, '${idA}', context);
      kept.save(4, {}, new Map([['x', new Uint8Array(8)]]));
      kept.discard();
      return kept.found.epoch;`;
    expect((await done(b, going)).value).toBe(3);
    await done(b, collecting());
    expect(readdirSync(rootPath.snapshots(root))).toEqual([]);
    expect(readdirSync(rootPath.locks(root)).sort()).toEqual(['gc', 'publish']);
  });

  it('cannot be held up by one who may only read it, but for the very snapshot that is read', async () => {
    const searching = `api.openTrialsFile(api.join(root, 'tuning', 'search.jsonl'), 'one').close()`;
    await done(a, making(idA));
    await done(a, making(idB, 2));
    await done(a, searching);
    const held = (await done(reader, lockingAll)).value as string[];
    expect(held).toContain(`snapshots/${idA}/manifest.json`);
    expect(held).toContain('tuning/search.jsonl');
    expect(held.filter((path) => path.includes('lock'))).toEqual([]);
    await done(b, publishing(idB));
    await done(a, making(idC, 3));
    await done(a, searching);
    expect((await done(b, collecting())).value).toContainEqual([idA, 'leased']);
    // What a mere reader may do, he may while one of them makes something too.
    await done(b, `globalThis.draft = api.beginSnapshot(root, { estimatedBytes: 1000 }, context)`);
    await done(reader, `await api.listSnapshots({ root }, context)`);
    expect((await done(reader, collecting(true))).value).toHaveLength(3);
    await done(b, `draft.abandon()`);
    await done(reader, lettingGo);
    for (const statement of [publishing(idB), collecting(), making('d'.repeat(16))]) {
      const { error } = await reader.run(root, statement);
      expect(error).toMatchObject({ code: 'permission-denied', exitCode: 7 });
      const whose = `${rootPath.locks(root)} belongs to user ${String(alice)} and group ${String(group)}`;
      expect(error?.suggestions).toEqual([`${whose}, with mode 2770; you are user ${String(eve)}`]);
    }
    expect((await done(b, collecting())).value).toContainEqual([idA, 'spare']);
  });

  it('keeps what a member made whose umask shuts the group out, and says so to both', async () => {
    await done(a, making(idA));
    await done(hasty, publishing(idA));
    expect((await done(hasty, making(idB, 2))).warnings).toEqual([expect.stringContaining('umask')]);
    const deleted = (await a.run(root, deleting(idB))).error;
    expect(deleted).toMatchObject({ code: 'permission-denied', message: expect.stringContaining(idB) });
    expect(deleted?.suggestions[0]).toContain(`belongs to user ${String(bob)}`);
    expect(readLatest(root)).toBe(idB);
    await done(a, making(idC, 3));
    for (const dryRun of [true, false])
      expect((await done(a, collecting(dryRun))).value).toContainEqual([idB, 'denied']);
    // The locks are everyone's, whoever made them; the history is that of a member who shuts the others out.
    expect((await a.run(root, publishing(idC))).error).toMatchObject({
      message: `could not write ${rootPath.history(root)}: permission denied`,
    });
    expect(readCurrent(root)).toBe(idA);
    const keeping = `const kept = await api.openCheckpoints(root, '${idA}', context); kept?.save(1, {}, new Map()); kept?.close(); return kept?.found?.epoch ?? null`;
    await done(hasty, keeping);
    expect(await done(a, keeping)).toEqual({
      value: null,
      warnings: [expect.stringMatching(/belong to another user; this process writes none$/)],
    });
    await done(hasty, collecting());
    expect(readdirSync(rootPath.snapshots(root)).sort()).toEqual([idA, idC]);
  });

  it('is made of one that was a user’s own by the commands in the documentation', async () => {
    root = directoryOfAlice(0o755, alice);
    const own = await startMember({ uid: alice, groups: [group], umask: 0o022 });
    for (const statement of [making(idA), publishing(idA), making(idB, 2)]) await done(own, statement);
    const page = readFileSync(
      fileURLToPath(new URL('../../docs/reference/publishing.md', import.meta.url)),
      'utf8',
    );
    const [, commands = ''] = /```sh\n(chgrp [^`]*)```/.exec(page) ?? [];
    const script = commands.replaceAll('music', String(group)).replaceAll('.segue', root);
    await done(own, `api.execFileSync('sh', ['-euc', ${JSON.stringify(script)}])`);
    await own.kill();
    await done(b, publishing(idB));
    await done(b, deleting(idA));
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idB]);
    await done(a, collecting());
  });

  it('that is sticky refuses, and says whose it is', async () => {
    await done(a, making(idA));
    chmodSync(root, 0o3775);
    const { error } = await b.run(root, making(idB, 2));
    const message = `could not replace the link ${rootPath.latest(root)}: permission denied`;
    expect(error).toMatchObject({ code: 'permission-denied', message });
    expect(error?.suggestions[0]).toContain(
      `${root} belongs to user ${String(alice)} and group ${String(group)}, with mode 3775`,
    );
    expect(readLatest(root)).toBe(idA);
  });

  it('is private where its maker’s umask says so', async () => {
    root = directoryOfAlice(0o755, alice);
    const own = await startMember({ uid: alice, groups: [], umask: 0o077 });
    await done(own, making(idA));
    await done(own, publishing(idA));
    await own.kill();
    for (const path of allBelow(root).slice(1))
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
  });

  it('excludes an earlier version, which locks the same files, and shuts mere readers out of those', async () => {
    root = directoryOfAlice(0o755, alice);
    await makeSnapshot(root, idA);
    const path = rootPath.publishLock(root);
    /** What publishing began with before: a file for everyone to read, in a directory for everyone to enter. */
    const lockAsBefore = (): number | undefined => {
      mkdirSync(rootPath.locks(root), { recursive: true, mode: 0o755 });
      const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_CREAT;
      const fd = openSync(path, flags, 0o644);
      if (tryNativeLock(fd, false)) return fd;
      closeSync(fd);
      return undefined;
    };
    chmodSync(rootPath.locks(root), 0o755);
    const before = lockAsBefore()!;
    writeFileSync(before, `{"pid":${String(process.pid)},"host":"elsewhere"}\n`);
    const { ino } = statSync(path);
    expect(
      (await reader.run(root, `return api.tryLock('${path}', { shared: true }) === undefined`)).value,
    ).toBe(true);
    expect(() => lockForPublishing(root)).toThrow(
      `cannot start publishing: another process holds ${path}, and this system does not tell which`,
    );
    expect(permissionsOf(rootPath.locks(root))).toBe('700');
    expect(permissionsOf(path)).toBe('600');
    closeSync(before);
    const lock = lockForPublishing(root);
    expect(lockAsBefore()).toBeUndefined();
    lock.release();
    const again = lockAsBefore();
    expect(() => lockForPublishing(root)).toThrow(expect.objectContaining({ code: 'busy' }) as Error);
    closeSync(again!);
    expect(statSync(path).ino).toBe(ino);
    expect(existsSync(rootPath.current(root))).toBe(false);
    const { error } = await reader.run(root, `api.tryLock('${path}', { shared: true })`);
    expect(error?.errno).toBe('EACCES');
  });
});
