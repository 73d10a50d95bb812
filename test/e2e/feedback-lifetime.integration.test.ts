/** What users said outlives models: through trainings, publishing, rollbacks, and items that leave and come back. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { idOf, makeReaderRoot, numItems, type ReaderRoot } from '../helpers/reader-root.js';
import { addFeedback, said } from '../helpers/written-ledger.js';
import { words } from '../helpers/words.js';

useCanaryHere();

let made: ReaderRoot;
let root: string;
beforeAll(async () => {
  made = await makeReaderRoot();
  root = made.root;
});
afterAll(() => made.folder.remove());
beforeEach(async () => {
  rmSync(rootPath.feedback(root), { recursive: true, force: true });
  await made.folder.segue(['publish', made.first]);
});

const json = async (...args: string[]): Promise<Record<string, any>> => (await made.folder.json(args))[0]!;

async function idsFor(user: string, ...args: string[]): Promise<string[]> {
  const { recommendations } = await json('recommend', user, '-k', String(numItems), ...args);
  return (recommendations as { readonly id: string }[]).map(({ id }) => id);
}

const vectorOf = async (user: string, ...args: string[]): Promise<unknown> =>
  (await json('user-vector', user, ...args))['vector'];

function manifestOf(snapshot: unknown): Record<string, any> {
  const path = join(rootPath.snapshot(root, String(snapshot)), 'manifest.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, any>;
}

/** Ids of users in the order of `recommend --all`. */
async function everyone(...args: string[]): Promise<string[]> {
  return (await made.folder.json(['recommend', '--all', '-k', '1', ...args])).map(
    ({ user }) => user as string,
  );
}

describe('a ban', () => {
  it('holds through a training, a publication, a rollback, and when its item is gone and comes back', async () => {
    const [first = '', second = ''] = await idsFor('user-3');
    for (const item of [first, second])
      await made.folder.segue(['feedback', 'add', 'user-3', item, '--type', 'ban']);
    expect(await idsFor('user-3')).not.toContain(first);

    const without = (file: string): string[] =>
      readFileSync(join(made.folder.path, file), 'utf8')
        .split('\n')
        .filter((line) => !line.split(',').slice(0, 2).includes(first));
    writeFileSync(join(made.folder.path, 'fewer.csv'), without('plays.csv').join('\n'));
    writeFileSync(join(made.folder.path, 'fewer-items.csv'), without('items.csv').join('\n'));
    const train = ['train', 'fewer.csv', '--items', 'fewer-items.csv', '--epochs', '2', '--factors', '5'];
    await made.folder.segue(train);
    await made.folder.segue(['publish', 'latest']);
    const fewer = await idsFor('user-3', '--no-feedback');
    expect(fewer).not.toContain(first);
    expect(await idsFor('user-3')).toEqual(fewer.filter((id) => id !== second));

    await made.folder.segue(['publish', made.second]);
    expect(await idsFor('user-3', '--no-feedback')).toEqual(expect.arrayContaining([first, second]));
    expect(await idsFor('user-3')).not.toContain(first);
    await made.folder.segue(['rollback']);
    expect(await idsFor('user-3')).toEqual(fewer.filter((id) => id !== second));
    await made.folder.segue(['publish', made.first]);
    await made.folder.segue(['feedback', 'compact']);
    const again = await idsFor('user-3');
    expect([again.includes(first), again.includes(second)]).toEqual([false, false]);
  });

  it('by all of them takes an item from the gate on coverage', async () => {
    const coverage = async (): Promise<number> => {
      const args = ['publish', made.first, '--require', 'coverage@60>=0', '--dry-run'];
      return (await json(...args))['gates'][0].value as number;
    };
    expect(await coverage()).toBe(1);
    const users = Array.from({ length: 80 }, (_, u) => `user-${u}`);
    await addFeedback(
      root,
      users.map((user) => said(user, idOf(0), { type: 'ban' })),
    );
    expect(await coverage()).toBeCloseTo(1 - 1 / numItems);
  });
});

describe('user-vector --all', () => {
  it('makes a snapshot that knows the ledger: nothing counts twice, what is undone is taken back', async () => {
    const [first = '', second = '', third = ''] = await idsFor('user-4');
    const ban = said('user-4', second, { type: 'ban' });
    const dislike = said('user-4', third, { type: 'dislike' });
    await addFeedback(root, [said('user-4', first), ban, dislike, said('newcomer', first)]);
    const vector = await vectorOf('user-4');
    const { snapshot, users } = await json('user-vector', '--all', '--snapshot', made.first);
    expect(users).toBe(81);
    const manifest = manifestOf(snapshot);
    expect(manifest['users'].options.feedback).toMatchObject({
      seq: 4,
      ledger: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const at = ['--snapshot', snapshot as string];
    for (const more of [[], ['--no-feedback']])
      expect(await vectorOf('user-4', ...at, ...more)).toEqual(vector);
    expect(await vectorOf('newcomer', ...at, '--no-feedback')).toEqual(await vectorOf('newcomer'));
    const shown = await idsFor('user-4', ...at, '--no-feedback');
    expect(await idsFor('user-4', ...at)).toEqual(shown);
    for (const id of [first, second, third]) expect(shown).not.toContain(id);
    expect(await json('user-vector', '--all', '--snapshot', made.first)).toMatchObject({
      snapshot,
      existed: true,
    });

    const undo = { type: 'undo' as const };
    await addFeedback(root, [said('user-4', undefined, { ...undo, undoes: ban.id })]);
    expect(await idsFor('user-4', ...at)).toContain(second);
    await addFeedback(root, [said('user-4', undefined, { ...undo, undoes: dislike.id })]);
    // Its weight stays, for it.
    expect(await idsFor('user-4', ...at, '--include-heard')).toContain(third);
    const other = await json('user-vector', '--all', '--snapshot', made.first);
    expect(other['snapshot']).not.toBe(snapshot);
    expect(await json('user-vector', '--all', '--snapshot', made.first, '--no-feedback')).toMatchObject({
      ...{ snapshot: made.first, existed: true },
    });
    // What it was made with may go: then it says it by itself.
    rmSync(rootPath.feedback(root), { recursive: true });
    expect(await idsFor('user-4', ...at)).toEqual(shown);
  });

  it('knows what is said later of a time that its histories cover, and counts what is not', async () => {
    const day = (year: number, ofMonth: number): number => Date.UTC(year, 5, ofMonth);
    /** How many events each play adds, as the numbers are in the vectors of their users. */
    const added = async (at: string[], plays: readonly (readonly [user: string, atMs: number])[]) => {
      const events = async (user: string): Promise<number> =>
        (await json('user-vector', user, ...at))['events'] as number;
      const counts: number[] = [];
      for (const [user, atMs] of plays) {
        const before = await events(user);
        await addFeedback(root, [said(user, idOf(2), { atMs })]);
        counts.push((await events(user)) - before);
      }
      return counts;
    };
    const all = async (...args: string[]): Promise<string[]> => {
      const { snapshot } = await json('user-vector', '--all', ...args);
      return ['--snapshot', snapshot as string];
    };
    // What the ledger said was folded in: then the training's end counts, not that of what was folded.
    await addFeedback(root, [said('user-4', idOf(1))]);
    const folded = await all('--snapshot', made.first);
    const plays = [
      ['user-4', day(2014, 1)],
      ['user-4', day(2015, 1)],
    ] as const;
    expect(await added(folded, plays)).toEqual([0, 1]);
    // Histories of other events: of each user the end of their own, where that is later.
    const rows = [9, 5, 7, 5].map((ofMonth, at) => `user-5,${idOf(at)},2016-06-0${ofMonth}T00:00:00Z\n`);
    writeFileSync(join(made.folder.path, 'new.csv'), `user,item,time\n${rows.join('')}`);
    const replaced = await all('--events', 'new.csv', '--snapshot', made.first, '--no-feedback');
    const others = [
      ['user-5', day(2014, 1)],
      ['user-5', day(2016, 8)],
      ['user-5', day(2016, 10)],
      ['user-6', day(2016, 8)],
    ] as const;
    expect(await added(replaced, others)).toEqual([0, 0, 1, 1]);
    // And both: the end of all that the histories are made of, but for the ledger.
    const both = await all('--snapshot', replaced[1]!);
    expect(await added(both, others)).toEqual([0, 0, 1, 0]);
    // Two plays are later than what the file says of the user.
    const given = await all('--events', 'new.csv', '--snapshot', made.first);
    expect(await json('user-vector', 'user-5', ...given)).toMatchObject({ events: 4 + 2 });
  });

  it('takes nothing back that its histories never held', async () => {
    const plays = readFileSync(join(made.folder.path, 'plays.csv'), 'utf8').split('\n');
    const [user = '', disliked = ''] = plays.find((line) => line.includes(',dislike,'))!.split(',');
    const before = [await vectorOf(user), await idsFor(user, '--include-heard')];
    const dislike = said(user, disliked, { type: 'dislike' });
    await addFeedback(root, [dislike, said(user, undefined, { type: 'undo', undoes: dislike.id })]);
    expect([await vectorOf(user), await idsFor(user, '--include-heard')]).toEqual(before);
  });

  it('leaves out who was forgotten, of whom nothing is used before it', async () => {
    await addFeedback(root, [said('user-6', idOf(1), { atMs: Date.UTC(2015, 0) })]);
    await made.folder.segue(['feedback', 'forget', 'user-6']);
    const [refused] = await made.folder.json(['recommend', 'user-6'], 3);
    expect(refused).toMatchObject({ error: { code: 'user-not-found' } });
    expect((await everyone()).length).toBe(79);
    expect(await everyone()).not.toContain('user-6');
    const { snapshot, users } = await json('user-vector', '--all', '--snapshot', made.first);
    expect(users).toBe(79);
    expect(await everyone('--snapshot', snapshot as string, '--no-feedback')).not.toContain('user-6');
    // Somebody new, by that name.
    await addFeedback(root, [said('user-6', idOf(9))]);
    await addFeedback(root, [said('same', idOf(9))]);
    expect(await vectorOf('user-6')).toEqual(await vectorOf('same'));
    expect(await everyone()).toContain('user-6');
  });
});

it('a training on what the ledger exports knows what was exported, and nothing of what came after', async () => {
  await addFeedback(root, [said('user-8', idOf(2)), said('user-8', idOf(3), { type: 'like' })]);
  await made.folder.segue(['feedback', 'export', '--out', 'said.csv', '--force']);
  const train = words`train plays.csv said.csv --items items.csv --epochs 2 --factors 4`;
  const { snapshot } = await json(...train);
  const manifest = manifestOf(snapshot);
  expect(manifest['inputs'].feedback).toMatchObject({ seq: 2 });
  const at = ['--snapshot', snapshot as string];
  const known = await vectorOf('user-8', ...at, '--no-feedback');
  expect(await vectorOf('user-8', ...at)).toEqual(known);
  // Before the latest of the events, and after what was exported.
  await addFeedback(root, [said('user-8', idOf(4), { atMs: Date.UTC(2014, 5, 2) })]);
  expect(await vectorOf('user-8', ...at)).not.toEqual(known);
  // For a training on other events the same play is known by its time.
  const before = await vectorOf('user-9', '--snapshot', made.first);
  await addFeedback(root, [said('user-9', idOf(4), { atMs: Date.UTC(2014, 5, 2) })]);
  expect(await vectorOf('user-9', '--snapshot', made.first)).toEqual(before);
});
