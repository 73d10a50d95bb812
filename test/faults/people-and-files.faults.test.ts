/** What an owner, a member of the group, a mere reader and a service may do with each part of a root, as docs/reference/publishing.md says. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { makeRockRoot } from '../helpers/rock-root.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { spawnService } from '../helpers/service.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import type { Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const group = 54_200;
const listener = 'KGLK/2014-06-16';

interface Person {
  readonly uid: number;
  readonly gid: number;
  readonly umask: string;
}
/** The owner's umask would keep all others off what is made. */
const people = {
  owner: { uid: 54_201, gid: group, umask: '077' },
  member: { uid: 54_202, gid: group, umask: '022' },
  reader: { uid: 54_203, gid: 54_203, umask: '022' },
  service: { uid: 54_204, gid: 54_204, umask: '022' },
} as const satisfies Record<string, Person>;

/** A command line by which a person runs what follows. */
function as({ uid, gid, umask }: Person): string[] {
  const who = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  return [...who, 'sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
}

const keptDirectory = temporaryDirectories('file');
let made: Folder;
/** Where everyone may read what the owner writes, and where the group may write too. */
const roots = { own: '', groups: '' };

beforeAll(async () => {
  made = await makeRockRoot();
  const parent = keptDirectory();
  chmodSync(parent, 0o755);
  for (const kind of ['own', 'groups'] as const) {
    roots[kind] = join(parent, kind);
    execFileSync('cp', ['-a', join(made.path, 'root'), roots[kind]]);
    execFileSync('chown', ['-R', '-h', `${people.owner.uid}:${group}`, roots[kind]]);
  }
  const home = join(parent, 'home');
  mkdirSync(home);
  chmodSync(home, 0o777);
  writeFileSync(join(home, 'events.ndjson'), `{"user":"ann","item":"x","time":1}\n`, { mode: 0o644 });
});
afterAll(() => made.remove());

const homeOf = (root: string): string => join(root, '..', 'home');

/** Its exit code, and what it said. */
async function segue(
  who: keyof typeof people,
  root: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [program, ...rest] = [...as(people[who]), process.execPath, binPath, ...args, '--root', root];
  const child = spawn(program, rest, {
    cwd: homeOf(root),
    env: cleanEnv({ HOME: homeOf(root) }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

const permissionsOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe.each([
  { kind: 'own', member: 7, directory: '755', file: '644', lock: '600' },
  { kind: 'groups', member: 0, directory: '2775', file: '664', lock: '660' },
] as const)('a root of the kind $kind', { tags: ['root', 'setpriv'] }, ({ kind, member, ...modes }) => {
  let root: string;

  beforeAll(async () => {
    root = roots[kind];
    const page = readFileSync(
      fileURLToPath(new URL('../../docs/reference/publishing.md', import.meta.url)),
      'utf8',
    );
    const [, commands = ''] = /```sh\n(chgrp [^`]*)```/.exec(page) ?? [];
    const script = commands.replaceAll('music', String(group)).replaceAll('.segue', root);
    // What is there before the root becomes the group's is the group's, too.
    const ban = ['feedback', 'add', listener, 'id:first', '--type', 'ban'];
    expect(await segue('owner', root, ban)).toMatchObject({ code: 0 });
    if (kind === 'groups') execFileSync('sh', ['-euc', script]);
  });

  it('has a ledger whose permissions are those of the root, whatever the umask', async () => {
    for (const [at, who] of (['owner', 'member', 'reader'] as const).entries()) {
      const { code, stderr } = await segue(who, root, words`feedback add ann id:x${at} --type like`);
      expect([who, code], stderr).toEqual([who, [0, member, 7][at]]);
      if (code === 7) expect(stderr).toMatch(/permission denied[^]* belongs to user 54201/);
    }
    const directory = rootPath.feedback(root);
    expect(permissionsOf(directory)).toBe(modes.directory);
    for (const name of ['key', 'live.json', 'journal-1', 'acknowledged'])
      expect([name, permissionsOf(join(directory, name))]).toEqual([name, modes.file]);
    expect(permissionsOf(join(directory, 'lock-append'))).toBe(modes.lock);
  });

  /** Who may do what: exit codes of the owner, a member, a reader. */
  it.each<[string, readonly string[], readonly [number, number, number]]>([
    ['a snapshot, with what feedback says', ['recommend', listener, '-k', '3', '--json'], [0, 0, 0]],
    ['the ledger', ['feedback', 'verify'], [0, 0, 0]],
    ['snapshots, stamps and the log', ['snapshots', 'history'], [0, 0, 0]],
    ['checkpoints and the trash, to look at', ['gc', '--dry-run'], [0, 0, 0]],
    ['locks, to publish', ['publish', 'latest'], [0, member, 7]],
    ['the ledger, to compact it', ['feedback', 'compact'], [0, member, 7]],
    ['a state, which is its follower’s alone', ['follow', 'events.ndjson', '--once'], [0, 7, 7]],
  ])('is everyone’s and the group’s as it is documented: %s', async (_, args, codes) => {
    rmSync(rootPath.stamps(root), { recursive: true, force: true });
    const state = args.includes('--once') ? ['--state', `state-${kind}`] : [];
    const got: unknown[] = [];
    const answers = new Set<string>();
    for (const who of ['owner', 'member', 'reader'] as const) {
      const { code, stdout, stderr } = await segue(who, root, [...args, ...state]);
      got.push(code);
      if (code !== 0) expect(stderr, who).toMatch(/permission denied[^]* belongs to user 5420\d/);
      else if (args.includes('--json')) answers.add(JSON.stringify(JSON.parse(stdout).items));
    }
    expect(got).toEqual(codes);
    expect(answers.size).toBeLessThan(2);
    if (state.length > 0) expect(permissionsOf(join(homeOf(root), `state-${kind}`))).toBe('700');
  });

  it('is served by another user: ready where what is asked is answered, and else it says so at its start', async () => {
    const statuses = async (): Promise<{ said: string; got: Record<string, number>; ready: unknown }> => {
      const service = await spawnService(root, [], { by: as(people.service) });
      const got: Record<string, number> = {};
      for (const path of ['similar?item=Plush', `recommend/${encodeURIComponent(listener)}`, 'map']) {
        let { status } = await service.get(`/v1/${path}`);
        // A map that is being made.
        for (; status === 202; { status } = await service.get(`/v1/${path}`)) await setTimeout(100);
        got[path.replace(/[?/].*/, '')] = status;
      }
      const kept = await service.post('/v1/feedback', { user: 'ann', item: 'Plush', type: 'like' });
      const ready = await service.get('/readyz');
      expect(await service.end('SIGTERM')).toBe(0);
      return {
        said: service.stderr(),
        got: { ...got, feedback: kept.status },
        ready: [ready.status, ready.body],
      };
    };
    expect(await statuses()).toMatchObject({
      got: { similar: 200, recommend: 200, map: 200, feedback: 500 },
      ready: [200, { status: 'ready', problems: [] }],
    });
    // It may not write there, and answers all the same.
    expect(existsSync(rootPath.maps(root))).toBe(false);
    chmodSync(rootPath.feedback(root), 0o700);
    const closed = await statuses();
    expect(closed).toMatchObject({
      got: { similar: 200, recommend: 500, map: 200, feedback: 500 },
      ready: [503, { status: 'not-ready', problems: ['permission-denied'] }],
    });
    expect(closed.said).toContain('feedback cannot be read, so nothing is recommended, and /readyz is 503');
    // It was closed by hand, and stays so.
    await segue('owner', root, ['feedback', 'add', 'ann', 'id:y', '--type', 'like']);
    expect(permissionsOf(rootPath.feedback(root))).toMatch(/^2?700$/);
  });
});
