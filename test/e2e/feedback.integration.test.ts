import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Progress, TaskContext } from '#dist/core/contracts.js';
import type { NewEntry } from '#dist/core/ledger/entry.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import {
  openReader,
  recommend,
  recommendAll,
  recommendByRecipe,
  type Reader,
  type RecommendOptions,
  type RecommendResult,
} from '#dist/core/library.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { idOf, makeReaderRoot, numItems, type ReaderRoot } from '../helpers/reader-root.js';
import { listening } from '../helpers/snapshots.js';
import { addFeedback, said } from '../helpers/written-ledger.js';

useCanaryHere();

let made: ReaderRoot;
let root: string;
beforeAll(async () => {
  made = await makeReaderRoot();
  root = made.root;
  for (const [model, ...more] of [['ease'], ['popularity'], ['item2vec', '--epochs', '1']])
    await made.folder.segue([
      ...['train', 'plays.csv', '--items', 'items.csv', '--model', model!, '--tag', model!, ...more],
    ]);
});
afterAll(() => made.folder.remove());
beforeEach(() => {
  rmSync(rootPath.feedback(root), { recursive: true, force: true });
});

async function askOne(user: string, more: Partial<RecommendOptions> = {}): Promise<RecommendResult> {
  const [result] = await recommend({ root, users: [user], ...more }, listening());
  return result!;
}

const idsOf = ({ recommendations }: RecommendResult): string[] => recommendations.map(({ id }) => id);

describe('a ban', () => {
  it.each([{ workers: 0 }, { workers: 2 }])(
    'is in force in the first question after it was acknowledged, of a reader that is open: %j',
    async (options) => {
      const reader: Reader = await openReader(root, undefined, listening(), options);
      try {
        const question = { users: ['user-3'] };
        for (let times = 0; times < 5; times++) {
          const [before] = await reader.recommend(question);
          const [first] = idsOf(before!);
          await addFeedback(root, [said('user-3', first, { type: 'ban' })]);
          const [after] = await reader.recommend({ ...question, whyNot: [first!] });
          expect(idsOf(after!)).not.toContain(first);
          expect(after!.whyNot).toMatchObject([{ id: first, reason: 'banned' }]);
          expect(idsOf(after!)).toEqual(idsOf(await askOne('user-3')));
        }
      } finally {
        await reader.close();
      }
    },
  );

  it('of an artist or album holds for each of its items, and for the artist', async () => {
    const artists = await askOne('user-4', { kind: 'artist', includeHeard: true });
    const [artist] = idsOf(artists);
    await addFeedback(root, [said('user-4', artist, { type: 'ban', scope: 'artist' })]);
    expect(idsOf(await askOne('user-4', { kind: 'artist', includeHeard: true }))).not.toContain(artist);
    const items = await askOne('user-4', { k: numItems, includeHeard: true });
    expect(items.recommendations.filter((item) => item['artist'] === artist)).toEqual([]);
    expect(items.recommendations.length).toBeGreaterThan(20);
    // Of a model without artists of its own, too.
    const ease = await askOne('user-4', { k: numItems, includeHeard: true, snapshot: 'ease' });
    expect(ease.recommendations.filter((item) => item['artist'] === artist)).toEqual([]);
    await addFeedback(root, [said('user-4', 'Album 3', { type: 'ban', scope: 'album' })]);
    const less = await askOne('user-4', { k: numItems, includeHeard: true });
    expect(less.recommendations.filter((item) => item['album'] === 'Album 3')).toEqual([]);
  });

  it('ends with an unban or an undo, and holds over what a snapshot says', async () => {
    const before = await askOne('user-5');
    const ban = said('user-5', idsOf(before)[0], { type: 'ban' });
    await addFeedback(root, [ban]);
    expect(await askOne('user-5', { feedback: false })).toEqual(before);
    expect(await askOne('user-5')).not.toEqual(before);
    await addFeedback(root, [said('user-5', undefined, { type: 'undo', undoes: ban.id })]);
    expect(await askOne('user-5')).toEqual(before);
    await addFeedback(root, [
      said('user-5', idsOf(before)[0], { type: 'ban' }),
      said('user-5', idsOf(before)[0], { type: 'unban' }),
    ]);
    expect(await askOne('user-5')).toEqual(before);
  });
});

it('a user whom only the ledger knows is answered by what it says alone, and nobody else is', async () => {
  const plays = ['song-1', 'song-6', 'song-11'];
  await expect(askOne('newcomer')).rejects.toMatchObject({ code: 'user-not-found' });
  // Long before the snapshot's events: it knows nothing of them.
  await addFeedback(
    root,
    plays.map((item, at) => said('newcomer', item, { atMs: 1000 + at })),
  );
  const [liking] = await recommend({ root, users: [], like: plays }, listening());
  expect((await askOne('newcomer')).recommendations).toEqual(liking!.recommendations);
  await expect(askOne('nobody')).rejects.toMatchObject({ code: 'user-not-found' });
  await expect(askOne('newcomer', { feedback: false })).rejects.toMatchObject({ code: 'user-not-found' });
});

/** What all kinds of users say: of many of the snapshot, and of some of nobody's. */
function someEntries(): NewEntry[] {
  const random = seededRandom(9);
  const types = ['play', 'play', 'like', 'dislike', 'skip', 'ban', 'unban'] as const;
  const entries: NewEntry[] = [];
  for (let n = 0; n < 300; n++) {
    const user = `user-${random.nextBelow(100)}`;
    const type = types[random.nextBelow(types.length)]!;
    const isGroup = random.nextBelow(8) === 0;
    const atMs = Date.UTC(2014, 5, 1 + random.nextBelow(60));
    const of = isGroup
      ? ({ item: `Artist ${random.nextBelow(9)}`, scope: 'artist' } as const)
      : { item: idOf(random.nextBelow(numItems + 3)) };
    entries.push({ ...said(user, of.item, { type, atMs }), ...of });
  }
  // Bans alone change no vector; of somebody new, and of somebody old.
  entries.push(said('user-0', idOf(3), { type: 'ban' }), said('banning', idOf(3), { type: 'ban' }));
  return entries;
}

describe('answers for everyone', () => {
  it.each([
    ['als', { threads: 2 }],
    ['als', { includeHeard: true, k: 60 }],
    ['als', { kind: 'artist', k: 4 }],
    ['als', { maxPerArtist: 1, k: 6, skipWeight: 1 }],
    ['als', { where: 'released >= 1990' }],
    ['ease', {}],
    ['ease', { includeHeard: true }],
    ['popularity', {}],
    ['item2vec', {}],
  ])('are to the byte those of each alone, with a ledger: %s %j', async (model, more) => {
    await addFeedback(root, someEntries());
    const snapshot = model === 'als' ? undefined : model;
    const { threads = 1, ...ofOne }: Partial<Parameters<typeof recommendAll>[0]> = more;
    const lines = await linesForAll({ ...ofOne, threads, snapshot });
    const users = lines.map((line) => (JSON.parse(line) as RecommendResult).user!);
    expect(users.slice(0, 80).sort()).toEqual(Array.from({ length: 80 }, (_, u) => `user-${u}`).sort());
    expect(users.slice(80).length).toBeGreaterThan(10);
    expect(users.slice(80)).toEqual([...users.slice(80)].sort());
    // The cases ask of different ones.
    const isAsked = (at: number): boolean => at % 8 === (model + JSON.stringify(more)).length % 8;
    for (const [at, user] of users.entries())
      if (isAsked(at))
        expect(JSON.stringify(await askOne(user, { ...ofOne, snapshot })), user).toBe(lines[at]);
    const without = await linesForAll({ ...more, snapshot, feedback: false });
    expect(without.length).toBe(80);
    expect(without).not.toEqual(lines.slice(0, 80));
  });

  it('are as a recipe says those of each alone', async () => {
    await addFeedback(root, someEntries());
    const lines = await linesForAll({ recipe: 'discover', k: 8 });
    expect(lines.length).toBeGreaterThan(90);
    for (const line of lines.filter((_, at) => at % 8 === 0)) {
      const { user, recommendations } = JSON.parse(line) as RecommendResult;
      const asked = { root, recipe: 'discover', users: [user!], k: 8 };
      const one = await recommendByRecipe(asked, listening()).catch(() => undefined);
      expect(one === undefined ? [] : one[0]!.recommendations).toEqual(recommendations);
    }
  });

  it('go on as of the entry with which an interrupted run began, and begin anew as of the last one', async () => {
    // More users than a block has.
    const newcomers = Array.from({ length: 40 }, (_, n) => said(`newcomer-${n}`, idOf(n)));
    await addFeedback(root, [...someEntries(), ...newcomers]);
    const out = join(made.folder.path, 'all.ndjson');
    const asked = { recipe: 'discover' };
    const before = await linesForAll(asked);
    const write = (
      signal: AbortSignal,
      onProgress: TaskContext['onProgress'] = () => undefined,
    ): Promise<unknown> => recommendAll({ ...allAsked(), ...asked, out }, { signal, onProgress });
    const abort = new AbortController();
    const lines = (): string[] => readFileSync(out, 'utf8').trimEnd().split('\n');
    const interrupted = write(abort.signal, (progress) => {
      if (progress.kind === 'step' && progress.phase === 'recommending' && progress.done > 0) abort.abort();
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' });
    const more = [said('user-7', idOf(1), { type: 'ban' }), said('somebody-new', idOf(2))];
    await addFeedback(root, more);
    expect(await write(listening().signal)).toMatchObject({ resumed: 128, users: before.length });
    expect(lines()).toEqual(before);
    rmSync(out);
    expect(await write(listening().signal)).toMatchObject({ resumed: 0, users: before.length + 1 });
    expect(lines()).toEqual(await linesForAll(asked));
    rmSync(out);
  });

  it('begin anew where a user was forgotten since, of whom nothing is written then', async () => {
    const newcomers = Array.from({ length: 80 }, (_, n) => said(`newcomer-${n}`, idOf(n)));
    await addFeedback(root, newcomers);
    const out = join(made.folder.path, 'forgotten.ndjson');
    const asked = { ...allAsked(), recipe: 'discover', out };
    const abort = new AbortController();
    const onProgress = (progress: Progress): void => {
      if (progress.kind === 'step' && progress.phase === 'recommending' && progress.done > 0) abort.abort();
    };
    await expect(recommendAll(asked, { signal: abort.signal, onProgress })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(readFileSync(`${out}.partial`, 'utf8')).toContain('"newcomer-1"');
    await made.folder.segue(['feedback', 'forget', 'newcomer-1']);
    expect(await recommendAll(asked, listening())).toMatchObject({ resumed: 0 });
    expect(existsSync(`${out}.partial`)).toBe(false);
    expect(readFileSync(out, 'utf8')).toContain('"newcomer-2"');
    expect(readFileSync(out, 'utf8')).not.toContain('"newcomer-1"');
    rmSync(out);
  });

  it('begin anew, as of the last entry, where an interrupted run was asked otherwise', async () => {
    await addFeedback(root, someEntries());
    const out = join(made.folder.path, 'other.ndjson');
    const abort = new AbortController();
    const onProgress = (progress: Progress): void => {
      if (progress.kind === 'step' && progress.phase === 'recommending' && progress.done > 0) abort.abort();
    };
    const options = { ...allAsked(), out, threads: 1 };
    await expect(
      recommendAll({ ...options, k: 2000 }, { signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'interrupted' });
    await addFeedback(root, [said('somebody-new', idOf(2))]);
    const usersFrom = '-';
    const list = {
      ...options,
      all: false,
      usersFrom,
      k: 3,
      stdin: Readable.from(['somebody-new\nuser-1\n']),
    };
    expect(await recommendAll(list, listening())).toMatchObject({ users: 2, resumed: 0, unknown: 0 });
    rmSync(out);
  });
});

it.each(['als', 'ease'])(
  'a snapshot without users answers whom the ledger knows by that alone: %s',
  async (model) => {
    const tag = `bare-${model}`;
    await made.folder.segue([
      ...['train', 'plays.csv', '--items', 'items.csv', '--model', model, '--without-users', '--tag', tag],
    ]);
    const isMissing = { code: 'missing-part' };
    await expect(askOne('somebody-new', { snapshot: tag })).rejects.toMatchObject(isMissing);
    await addFeedback(root, [said('somebody-new', idOf(3), { type: 'like' })]);
    const answer = await askOne('somebody-new', { snapshot: tag });
    const [byLike] = await recommend({ root, users: [], like: [idOf(3)], snapshot: tag }, listening());
    expect(answer).toEqual({ ...byLike, user: 'somebody-new' });
    await expect(askOne('user-1', { snapshot: tag })).rejects.toMatchObject(isMissing);
    await expect(askOne('somebody-new', { snapshot: tag, feedback: false })).rejects.toMatchObject(isMissing);
    // Many at a time are compared by the users' vectors of the snapshot, where the model has such.
    if (model === 'als') await expect(linesForAll({ snapshot: tag })).rejects.toMatchObject(isMissing);
    else expect(await linesForAll({ snapshot: tag })).toEqual([JSON.stringify(answer)]);
  },
);

const allAsked = () => ({ root, all: true });

async function linesForAll(more: Partial<Parameters<typeof recommendAll>[0]>): Promise<string[]> {
  const chunks: Buffer[] = [];
  await recommendAll(
    {
      ...{ ...allAsked(), k: 10, format: 'ndjson', ...more },
      write: (bytes) => {
        chunks.push(Buffer.from(bytes));
        return Promise.resolve();
      },
    },
    listening(),
  );
  return Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
}
