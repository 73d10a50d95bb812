import { cpSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSnapshotIds } from '#dist/core/snapshot/resolve-reference.js';
import { copyGoldenRoot } from '../helpers/golden-root.js';
import { describeInFullTest, inFullTest, isFullTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { writeWithLimits } from '../../scripts/make-golden-shards.mjs';
import { words } from '../helpers/words.js';

const limits = { idBytes: 150, pairs: 1200 };

/** The same snapshots twice: with users in one part, and in shards. Everything else of the roots is the same. */
let folder: string;
let whole: string;
let sharded: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'segue-shards-'));
  whole = join(folder, 'whole');
  sharded = join(folder, 'sharded');
  copyGoldenRoot('v1', whole);
  copyGoldenRoot('v1', sharded);
  const ids = isFullTest() ? listSnapshotIds(whole) : [readlinkSync(join(whole, 'tags/indexed')).slice(-16)];
  for (const id of ids) {
    const { users } = JSON.parse(readFileSync(join(whole, 'snapshots', id, 'manifest.json'), 'utf8')) as {
      users: object | null;
    };
    if (users === null) continue;
    const written = join(folder, 'written');
    const { path, manifest } = await writeWithLimits(whole, id, written, limits);
    expect(manifest.formatVersion).toBe(3);
    rmSync(join(sharded, 'snapshots', id), { recursive: true });
    cpSync(path, join(sharded, 'snapshots', id), { recursive: true });
  }
  writeFileSync(
    join(folder, 'test.csv'),
    'user,item\nKGON/2014-06-17,rush-tom-sawyer\nnobody,rush-tom-sawyer\nWXGL/2014-06-18,heart-magic-man\n',
  );
  writeFileSync(join(folder, 'users.txt'), 'WXGL/2014-06-18\nKGON/2014-06-17\nKSEG/2014-06-20\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
}

/** What does not say how long it took, or where. */
async function ask(root: string, args: readonly string[]): Promise<Answer> {
  const { code, stdout } = await runHere([...args, '--root', root], { cwd: folder });
  const text = stdout
    .replaceAll(root, 'ROOT')
    .replaceAll(/"seconds":(?:[\d.e-]+|\{[^}]*\})/g, '"seconds":0')
    .replaceAll(/"age":\d+/g, '"age":0');
  return { code, stdout: text };
}

const user = 'KGON/2014-06-17';

const tags = ['indexed', 'newer', 'item2vec', 'ease', 'popularity'];
describe.each(isFullTest() ? tags : ['indexed'])('of %s, users in shards', (tag) => {
  it.each([
    ['recommend', user],
    ['recommend', user, '--recipe', 'discovery'],
    ['recommend', '--users-from', 'users.txt', '-k', '3'],
    ['user-vector', user, '--half-life', '30d'],
    ['audience', 'rush-tom-sawyer', '--min-events', '120', '--include-heard'],
    ['evaluate', '--test', 'test.csv', '--bootstrap', '9'],
  ])('answer %s %s %s %s %s %s as in one part', async (...args) => {
    const asked = [...args, '--snapshot', tag, '--json'];
    const one = await ask(whole, asked);
    expect(await ask(sharded, asked)).toEqual(one);
  });

  it.each([
    ['recommend', '--all', '-k', '3', '--format', 'ndjson'],
    ['recommend', '--all', '-k', '3', '--recipe', 'discovery', '--format', 'csv'],
    ['export', '--what', 'users', '--format', 'csv', '--out', '-'],
    ['users', '-k', '1000', '--csv'],
  ])('are all there, in another order: %s %s %s %s %s', async (...args) => {
    const one = await ask(whole, [...args, '--snapshot', tag]);
    const other = await ask(sharded, [...args, '--snapshot', tag]);
    expect(other.code).toBe(one.code);
    const lines = ({ stdout }: Answer): string[] =>
      stdout
        .replaceAll(/^ *\d+ /gm, '')
        .split('\n')
        .sort();
    expect(lines(other)).toEqual(lines(one));
  });
});

inFullTest()('vectors that were imported stay whose they are', async () => {
  const roots = [join(folder, 'imported'), join(folder, 'imported-in-shards')] as const;
  for (const what of ['items', 'users'])
    await ask(whole, words`export --what ${what} --out ${join(folder, `${what}.csv`)} --snapshot indexed`);
  // Of half of them only: the others have the histories that events give.
  const lines = readFileSync(join(folder, 'users.csv'), 'utf8').split('\n');
  writeFileSync(join(folder, 'half.csv'), `${lines.slice(0, 11).join('\n')}\n`);
  const files = ['items.csv', '--user-vectors', 'half.csv', '--events', 'test.csv', '--objective', 'ials'];
  const { snapshot: id } = JSON.parse((await ask(roots[0], ['import', ...files, '--json'])).stdout) as {
    snapshot: string;
  };
  const { manifest } = await writeWithLimits(roots[0], id, roots[1], limits);
  expect(manifest).toMatchObject({ formatVersion: 3, users: { imported: 10 } });
  const users = [...lines.slice(1, 4).map((line) => line.split(',')[0]!), 'WXGL/2014-06-18', 'nobody'];
  for (const args of [
    ['recommend', ...users],
    ['user-vector', ...users],
    ['user-vector', '--all', '--events', 'test.csv'],
    ['recommend', ...users],
  ]) {
    const [one, other] = [await ask(roots[0], [...args, '--json']), await ask(roots[1], [...args, '--json'])];
    expect(one.code, one.stdout).toBe(0);
    expect(other).toEqual(one);
  }
});

it.each(
  isFullTest()
    ? [
        ['indexed', 'newer'],
        ['item2vec', 'ease'],
      ]
    : [],
)('%s and %s in shards differ by what they differ in one part, but for rounding', async (a, b) => {
  // Sums over users are taken in the order of rows, and of users who changed as much the first rows are named.
  const numbers = ({ stdout }: Answer): unknown =>
    JSON.parse(stdout, (key, value: unknown) =>
      key === 'changedMost' ? [] : typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    );
  const one = await ask(whole, ['diff-snapshots', a, b, '--json']);
  expect(numbers(await ask(sharded, ['diff-snapshots', a, b, '--json']))).toEqual(numbers(one));
});

inFullTest()('one and the same users, in one part and in shards, are no difference', async () => {
  const { users } = JSON.parse(
    (await ask(sharded, ['diff-snapshots', 'indexed', 'item2vec', '--json'])).stdout,
  ) as { users: object };
  expect(users).toMatchObject({ added: 0, removed: 0, common: 21 });
});

describeInFullTest()('what is made of a snapshot in shards', () => {
  const manifestOf = (root: string, id: string): Record<string, any> =>
    JSON.parse(readFileSync(join(root, 'snapshots', id, 'manifest.json'), 'utf8')) as Record<string, any>;

  it('by build-index shares them', async () => {
    const args = ['build-index', 'item2vec', '--json'];
    const [one, other] = [await ask(whole, args), await ask(sharded, args)];
    expect(other).toEqual(one);
    const { snapshot: id } = JSON.parse(other.stdout) as { snapshot: string };
    const [parent, made] = ['fed1a90b0b6f3b6f', id].map((each) => manifestOf(sharded, each));
    expect(made!['users']).toEqual(parent!['users']);
    expect(made!['formatVersion']).toBe(3);
    const file = ['users', '0001', 'users.npy'];
    const [from, to] = ['fed1a90b0b6f3b6f', id].map(
      (each) => statSync(join(sharded, 'snapshots', each, ...file)).ino,
    );
    expect(to).toBe(from);
  });

  it('by user-vector --all has as many, and gives everyone the same vector', async () => {
    const args = ['user-vector', '--all', '--half-life', '10d', '--snapshot', 'indexed', '--json'];
    const [one, other] = [await ask(whole, args), await ask(sharded, args)];
    expect(other).toEqual(one);
    const { snapshot: id } = JSON.parse(other.stdout) as { snapshot: string };
    expect(manifestOf(sharded, id)['users'].shards).toHaveLength(4);
    const vectors = async (root: string): Promise<string[]> =>
      (
        await ask(root, ['export', '--what', 'users', '--format', 'csv', '--out', '-', '--snapshot', id])
      ).stdout
        .split('\n')
        .sort();
    expect(await vectors(sharded)).toEqual(await vectors(whole));
  });

  it('by user-vector --all --events has the id that it has of one part', async () => {
    const events = ['--events', 'test.csv', '--snapshot', 'indexed', '--json'];
    const args = ['user-vector', '--all', ...events];
    expect(await ask(sharded, args)).toEqual(await ask(whole, args));
  });
});

it('opinions in the ledger act as on users in one part', async () => {
  const args = ['recommend', user, 'KSEG/2014-06-20', '--include-heard', '--snapshot', 'indexed', '--json'];
  const before = await ask(sharded, args);
  for (const root of [whole, sharded])
    await ask(root, ['feedback', 'add', user, 'rush-tom-sawyer', '--type', 'ban', '--snapshot', 'indexed']);
  const after = await ask(sharded, args);
  expect(after).toEqual(await ask(whole, args));
  expect(after).not.toEqual(before);
  const everyone = ['user-vector', '--all', '--snapshot', 'indexed', '--json'];
  const withoutId = ({ stdout }: Answer): unknown =>
    JSON.parse(stdout.replaceAll(/[0-9a-f]{16}/g, 'ID')) as unknown;
  expect(withoutId(await ask(sharded, everyone))).toEqual(withoutId(await ask(whole, everyone)));
});

inFullTest()('is verified, shown, published past a gate, looked into and deleted', async () => {
  const { stdout } = await ask(sharded, ['snapshots', 'verify', '--all', '--json']);
  expect(stdout).not.toContain('"whole":false');
  const shown = await ask(sharded, ['snapshots', 'show', 'indexed', '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ formatVersion: 3, users: { rows: 21 } });
  const gates = ['publish', 'item2vec', '--require', 'coverage@10>=0.1', '--json'];
  const normal = ({ code, stdout: text }: Answer): unknown => [
    code,
    text.replaceAll(/"(?:files|bytes)":\d+/g, ''),
  ];
  expect(normal(await ask(sharded, gates))).toEqual(normal(await ask(whole, gates)));
  const { stdout: forgotten } = await ask(sharded, ['feedback', 'forget', user, '--json']);
  const holding = (JSON.parse(forgotten) as { snapshots: { id: string }[] }).snapshots.map(({ id }) => id);
  expect(holding).toContain('c81a312a6b788068');
  await ask(sharded, ['snapshots', 'untag', 'ease']);
  const deleted = await ask(sharded, ['snapshots', 'delete', '89ade0378a35ab7a', '--json']);
  expect(deleted.code).toBe(0);
});
