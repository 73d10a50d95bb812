import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import type { Progress, TaskContext } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { openReader, recommend, recommendByRecipe, similar, type Reader } from '#dist/core/library.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { userVector } from '#dist/core/tasks/user-vector.js';
import { listening } from '../../helpers/snapshots.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { idOf, makeReaderRoot, numItems } from '../../helpers/reader-root.js';
import type { Folder } from '../../helpers/trained-root.js';
import { cosine, rankAll } from '../../helpers/vectors.js';

useCanaryHere();

let folder: Folder;
let root: string;
let first: string;
let second: string;

beforeAll(async () => {
  ({ folder, root, first, second } = await makeReaderRoot());
}, 120_000);
afterAll(() => {
  folder.remove();
});

/** What a question gives, be it an error, and what it tells meanwhile. */
type Outcome = { readonly told: readonly Progress[] } & (
  { readonly value: unknown } | { readonly error: Omit<AppError, 'name' | 'stack' | 'cause'> }
);

async function outcomeOf(ask: (context: TaskContext) => Promise<unknown>): Promise<Outcome> {
  const context = listening();
  const { told } = context;
  try {
    return { told, value: await ask(context) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, exitCode, suggestions, details } = error;
    return { told, error: { code, message, exitCode, suggestions, details } };
  }
}

/** The same question of a reader, and of the command's own function. */
interface Question {
  readonly asked: string;
  ofReader(reader: Reader, context: TaskContext): Promise<unknown>;
  ofTask(context: TaskContext): Promise<unknown>;
}

/** Questions that differ in all that can be asked, some of which cannot be answered. */
function drawQuestions(count: number, seed: number): Question[] {
  const random = seededRandom(seed);
  const one = <T>(...choices: readonly T[]): T => choices[random.nextBelow(choices.length)]!;
  const item = (): string => one(idOf(random.nextBelow(numItems)), `Title ${random.nextBelow(numItems)}`);
  const some = (most: number): string[] => Array.from({ length: random.nextBelow(most + 1) }, item);
  const filters = () => ({
    where: one(undefined, undefined, 'released < 1985', "artist != 'Artist 3'", 'nothing = 1'),
    exclude: one(undefined, some(3), ['artist:Artist 2']),
  });
  const listener = () => ({
    users: one<readonly string[]>([], [`user-${random.nextBelow(80)}`], ['user-1', 'user-2'], ['stranger']),
    like: one<readonly string[]>([], some(2)),
    dislike: one<readonly string[]>([], [], some(1)),
  });
  const draws: (() => Omit<Question, 'asked'> & { readonly question: unknown })[] = [
    () => {
      const kind = one('item', 'item', 'artist', 'album', 'genre');
      const items = one<readonly string[]>(
        [item()],
        [item(), item()],
        ['artist:Artist 1', item()],
        ['silent'],
      );
      const minus = one<readonly string[]>([], some(1));
      const question = {
        ...{ items, minus, kind, ...filters() },
        ...{ k: one(1, 3, 10, 100), exact: one(true, false), maxPerArtist: one(undefined, undefined, 1, 2) },
        weights: one(undefined, undefined, [2], [1, 0.5]),
      };
      return {
        question,
        ofReader: (reader, context) => reader.similar(question, context),
        ofTask: (context) => similar({ ...question, root, snapshot: first }, context),
      };
    },
    () => {
      const question = {
        ...{ ...listener(), ...filters(), includeHeard: one(true, false), k: one(1, 5, 100) },
        ...{ kind: one(undefined, undefined, 'artist'), maxPerArtist: one(undefined, 1) },
      };
      return {
        question,
        ofReader: (reader, context) => reader.recommend(question, context),
        ofTask: (context) => recommend({ ...question, root, snapshot: first }, context),
      };
    },
    () => {
      const question = { ...listener(), includeHeard: false, k: 4 };
      const whyNot = one<readonly string[]>([], [item()]);
      const more = whyNot.length > 0 ? { whyNot } : { explain: true };
      return {
        question: { ...question, ...more },
        ofReader: (reader, context) => reader.recommend({ ...question, ...more }, context),
        ofTask: (context) => recommend({ ...question, ...more, root, snapshot: first }, context),
      };
    },
    () => {
      const question = {
        ...listener(),
        halfLife: one(undefined, '3d', '30d'),
        asOf: one(undefined, '2014-06-20'),
      };
      const whole = askedOf(operations.userVector, { ...question, root, snapshot: first });
      return {
        question,
        ofReader: (reader) => reader.userVector(question),
        ofTask: (context) => userVector(whole, context),
      };
    },
    () => {
      const question = {
        ...listener(),
        seedItems: [],
        recipe: one('popular', 'discover'),
        includeHeard: false,
      };
      const whole = { ...question, explain: one(true, false) };
      return {
        question: whole,
        ofReader: (reader, context) => reader.recipe(whole, context),
        ofTask: (context) => recommendByRecipe({ ...whole, root, snapshot: first }, context),
      };
    },
  ];
  return Array.from({ length: count }, () => {
    const { question, ...ways } = one(...draws)();
    return { asked: JSON.stringify(question), ...ways };
  });
}

describe('a reader', () => {
  let questions: Question[];
  /** What the commands give. */
  const wanted = new Map<string, Outcome>();

  beforeAll(async () => {
    questions = drawQuestions(40, 11);
    // Whoever opens it first checks its files, and says so.
    await (await openReader(root, first, listening())).close();
    for (const question of questions) {
      if (!wanted.has(question.asked))
        wanted.set(question.asked, await outcomeOf((context) => question.ofTask(context)));
    }
  });

  it.each([{ inMemory: true }, { inMemory: false, workers: 1 }])(
    'gives what the commands give, whatever was asked before and meanwhile: %o',
    { timeout: 120_000 },
    async (options) => {
      expect([...wanted.values()].filter((outcome) => 'value' in outcome).length).toBeGreaterThan(16);
      expect([...wanted.values()].filter((outcome) => 'error' in outcome).length).toBeGreaterThan(6);
      const reader = await openReader(root, first, listening(), options);
      try {
        const compare = async (question: Question): Promise<void> => {
          const got = await outcomeOf((context) => question.ofReader(reader, context));
          expect([question.asked, got]).toEqual([question.asked, wanted.get(question.asked)]);
        };
        await Promise.all(questions.map(compare));
        for (const question of questions.toReversed()) await compare(question);
      } finally {
        await reader.close();
      }
    },
  );

  it('ranks as the cosines of the vectors say', async () => {
    const reader = await openReader(root, first, listening());
    const path = join(reader.snapshot.path, 'model/item.npy');
    const { data } = readNpy(path, { dtype: '<f4', shape: [numItems, 8] });
    const rows = Array.from({ length: numItems }, (_, row) => [...data.subarray(8 * row, 8 * row + 8)]);
    const { ids } = await readItemTable(join(reader.snapshot.path, 'model/item.arrow'));
    const asked = rows.findIndex((_, row) => ids.at(row) === idOf(3));
    const ranked = rankAll(rows, (row) => cosine(row, rows[asked]!), [asked]);
    const question = { items: [idOf(3)], minus: [], k: numItems, kind: 'item', exact: false };
    const { neighbours } = await reader.similar(question);
    expect(neighbours.map(({ id }) => id)).toEqual(ranked.map(({ row }) => ids.at(row)));
    neighbours.forEach(({ similarity }, at) => expect(similarity).toBeCloseTo(ranked[at]!.score, 5));
    await reader.close();
  });

  it('opens vectors once where there is no index, whether or not one is to be used', async () => {
    const reader = await openReader(root, first, listening());
    for (const kind of ['item', 'artist']) {
      const question = { items: [idOf(1)], minus: [], k: 3, kind };
      const fast = await reader.similar({ ...question, exact: false });
      const opened = readdirSync('/dev/fd').length;
      expect(await reader.similar({ ...question, exact: true })).toEqual(fast);
      expect(readdirSync('/dev/fd')).toHaveLength(opened);
    }
    await reader.close();
  });

  it('says what a name means', async () => {
    const reader = await openReader(root, first, listening());
    expect(await reader.item('title 7')).toMatchObject({ id: 'song-7', name: 'Title 7', artist: 'Artist 7' });
    expect(await reader.item('Artist 4', 'artist')).toMatchObject({ name: 'Artist 4', kind: 'artist' });
    await expect(reader.item('Title 777')).rejects.toMatchObject({ code: 'item-not-found' });
    await expect(reader.item('Title 7', 'genre')).rejects.toMatchObject({ code: 'missing-part' });
    await reader.close();
  });

  it.each([0, 2])('lets calls end before it closes, and answers none after (%i workers)', async (workers) => {
    const reader = await openReader(root, first, listening(), { workers });
    const question = {
      items: [idOf(1)],
      minus: [],
      k: 3,
      kind: 'item',
      exact: false,
      where: 'released > 1971',
    };
    const answers = Array.from({ length: 5 }, () => reader.similar(question));
    const closed = reader.close();
    await expect(reader.similar(question)).rejects.toThrow('this reader was closed');
    for (const answer of await Promise.all(answers)) expect(answer.neighbours).toHaveLength(3);
    await Promise.all([closed, reader.close()]);
    await expect(reader.item(idOf(1))).rejects.toThrow('this reader was closed');
  });

  it('lets the event loop turn between calls, however many ask at once', async () => {
    const reader = await openReader(root, first, listening());
    const question = { items: [idOf(1)], minus: [], k: 3, kind: 'item', exact: false };
    await reader.similar(question);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    count();
    await Promise.all(Array.from({ length: 40 }, () => reader.similar(question)));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(39);
    await reader.close();
  });

  it('reads once which artist made what, however often artists are excluded', async () => {
    const reader = await openReader(root, first, listening());
    const ask = async (kind: string, ...artists: number[]) => {
      const exclude = artists.map((artist) => `artist:Artist ${artist}`);
      const who = { users: ['user-3'], like: [], dislike: [], includeHeard: true };
      const [answer] = await reader.recommend({ ...who, k: 100, kind, exclude });
      return answer!.recommendations;
    };
    expect((await ask('item', 2)).map(({ artist }) => artist)).not.toContain('Artist 2');
    const wanted = [await ask('item', 4, 5), await ask('album', 4, 5)];
    expect(wanted[0]!.every(({ artist }) => artist !== 'Artist 4' && artist !== 'Artist 5')).toBe(true);
    const files = [snapshotFile.artistOfItem, snapshotFile.albumOfItem].map((name) =>
      join(reader.snapshot.path, name),
    );
    for (const file of files) renameSync(file, `${file}.away`);
    try {
      expect([await ask('item', 4, 5), await ask('album', 4, 5)]).toEqual(wanted);
    } finally {
      for (const file of files) renameSync(`${file}.away`, file);
    }
    await reader.close();
  });

  it('is swapped for another one when that is published', async () => {
    const songs = await followCurrent(
      { root, pollMs: 1_000_000 },
      (snapshot, context) => openReader(root, snapshot, context),
      listening(),
    );
    expect(readCurrent(root)).toBe(first);
    const question = { users: ['user-3'], like: [], dislike: [] };
    const ask = (): Promise<number[]> =>
      songs.use(async (reader) => {
        const [vector] = await reader.userVector(question);
        expect(vector!.snapshot).toBe(reader.snapshot.id);
        return [...vector!.vector];
      });
    expect(await ask()).toHaveLength(8);
    const held = songs.hold();
    await folder.segue(['publish', second]);
    await songs.look();
    expect(await ask()).toHaveLength(6);
    expect((await held.opened.userVector(question))[0]!.vector).toHaveLength(8);
    held.release();
    await songs.close();
    await expect(held.opened.userVector(question)).rejects.toThrow('this reader was closed');
    await folder.segue(['publish', first]);
  });
});
