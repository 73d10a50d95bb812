/** Every cell of the table of docs/reference/feedback.md: what an entry of a type changes on a surface. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import type { EntryType, NewEntry } from '#dist/core/ledger/entry.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import {
  openNeighbourSource,
  openReader,
  recommend,
  recommendAll,
  recommendByRecipe,
  showUser,
  similar,
  type RecommendOptions,
} from '#dist/core/library.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { userVector } from '#dist/core/tasks/user-vector.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { listening } from '../helpers/snapshots.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { addFeedback, said } from '../helpers/written-ledger.js';

useCanaryHere();

const numItems = 24;
const user = 'user-2';
/** Nothing that `user` played; every item is the only one of its artist. */
const item = 'song-7';
const artist = 'Artist 7';
const asked = 'song-1';

let folder: Folder;
let root: string;
beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const random = seededRandom(3);
  const items = Array.from({ length: numItems }, (_, i) => `song-${i},Title ${i},Artist ${i},Album ${i}`);
  writeFileSync(join(folder.path, 'items.csv'), ['id,name,artist,album', ...items].join('\n'));
  const plays = ['user,item,time'];
  for (let u = 0; u < 40; u++)
    for (let i = 0; i < numItems; i++)
      if (random.nextFraction() < 0.4 && !(u === 2 && i === 7))
        plays.push(`user-${u},song-${i},2014-06-0${1 + (i % 9)}T00:00:00Z`);
  writeFileSync(join(folder.path, 'plays.csv'), plays.join('\n'));
  await folder.segue(['train', 'plays.csv', '--items', 'items.csv', '--factors', '6', '--epochs', '3']);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

/** What a surface shows. */
interface Look {
  /** Whether the item is there, without seen items and with them. */
  readonly isShown?: boolean;
  readonly isShownToo?: boolean;
  /** Scores of everything else. */
  readonly scores?: string;
  /** What a history says of the item. */
  readonly opinion?: string | undefined;
}

type Found = readonly { readonly id: string; readonly score: number }[];

/** @param find seen items left out, or not */
async function looked(id: string, find: (includeHeard: boolean) => Promise<Found>): Promise<Look> {
  const [without, with_] = [await find(false), await find(true)];
  const has = (found: Found): boolean => found.some((each) => each.id === id);
  const others = with_.filter((each) => each.id !== id).map((each) => `${each.id} ${each.score}`);
  return { isShown: has(without), isShownToo: has(with_), scores: others.sort().join('\n') };
}

const question = { users: [user], k: numItems };
const asking =
  (more: Partial<RecommendOptions> = {}) =>
  async (includeHeard: boolean): Promise<Found> => {
    const [answer] = await recommend({ root, ...question, includeHeard, ...more }, listening());
    return answer!.recommendations;
  };

async function forAll(includeHeard: boolean): Promise<Found> {
  const chunks: Buffer[] = [];
  const write = (bytes: Uint8Array): Promise<void> => Promise.resolve(void chunks.push(Buffer.from(bytes)));
  const options = { root, all: true, k: numItems, includeHeard, write };
  await recommendAll({ ...options, threads: 1, format: 'ndjson' }, listening());
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
  const answers = lines.map((line) => JSON.parse(line) as { user: string; recommendations: Found });
  return answers.find((answer) => answer.user === user)!.recommendations;
}

const surfaces: Readonly<Record<string, () => Promise<Look>>> = {
  '`recommend USER`': () => looked(item, asking()),
  '`recommend USER --kind artist`': () => looked(artist, asking({ kind: 'artist' })),
  '`recommend USER --recipe`': () =>
    looked(item, async (includeHeard) => {
      const options = { root, ...question, includeHeard, recipe: 'discover' };
      const [answer] = await recommendByRecipe(options, listening());
      return answer!.recommendations;
    }),
  '`recommend --all`': () => looked(item, forAll),
  '`similar ITEM --for USER`': () =>
    looked(item, async (includeHeard) => {
      const options = { items: [asked], k: numItems, exact: true };
      const answer = await similar({ root, ...options, for: user, includeHeard }, listening());
      // Seen items may be others afterwards; what is near is as near as before.
      return answer.neighbours.map(({ id, similarity }) => ({ id, score: similarity }));
    }),
  '`browse --for USER`': () =>
    looked(item, async () => {
      const { source } = await openNeighbourSource({ root, for: user }, listening());
      const { row } = source.item(asked)!;
      const near = source.neighbours(row, numItems);
      const found = source.search('Title', numItems);
      source.close();
      expect(found.some((each) => each.item.id === item)).toBe(near.some((each) => each.item.id === item));
      return near.map((each) => ({ id: each.item.id, score: each.similarity }));
    }),
  '`user-vector USER`': async () => {
    const options = askedOf(operations.userVector, { root, users: [user] });
    return { scores: JSON.stringify(await userVector(options, listening())).replaceAll(/"events":\d+/g, '') };
  },
  '`user-vector --all`': async () => {
    const of = { root, snapshot: 'current', all: true, threads: 1 };
    const options = askedOf(operations.userVector, of);
    const { snapshot } = (await userVector(options, listening())) as { readonly snapshot: string };
    return looked(item, asking({ snapshot, feedback: false }));
  },
  '`users show USER`': async () => {
    const { items } = await showUser({ root, user, k: numItems }, listening());
    return { opinion: items.find(({ id }) => id === item)?.opinion };
  },
  'the library’s reader': async () => {
    const reader = await openReader(root, undefined, listening(), { workers: 0 });
    try {
      return await looked(item, async (includeHeard) => {
        const [answer] = await reader.recommend({ ...question, includeHeard });
        return answer!.recommendations;
      });
    } finally {
      await reader.close();
    }
  },
};

/** The entries of a column, before which others are there. */
const columns: Readonly<Record<string, () => readonly [before: NewEntry[], entry: NewEntry]>> = {
  ...Object.fromEntries(
    (['play', 'like', 'dislike', 'skip', 'ban'] as const).map((type: EntryType) => [
      type,
      () => [[], said(user, item, { type })] as const,
    ]),
  ),
  unban: () => [[said(user, item, { type: 'ban' })], said(user, item, { type: 'unban' })],
  'undo of a ban': () => {
    const ban = said(user, item, { type: 'ban' });
    return [[ban], said(user, undefined, { type: 'undo', undoes: ban.id })];
  },
};

/** In the words of the page. */
function effects(before: Look, after: Look): string {
  const found: string[] = [];
  if (before.isShownToo === true && after.isShownToo === false) found.push('out');
  else if (before.isShown === true && after.isShown === false) found.push('seen');
  else if (before.isShown === false && after.isShown === true) found.push('shown');
  if (before.scores !== after.scores) found.push('scores');
  if (before.opinion !== after.opinion) found.push(after.opinion ?? 'gone');
  return found.length === 0 ? '–' : found.join(', ');
}

const page = readFileSync(new URL('../../docs/reference/feedback.md', import.meta.url), 'utf8');
const [head = [], , ...rows] = (page.split('\n\n').find((part) => part.startsWith('| surface')) ?? '')
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the table of docs/reference/feedback.md', () => {
  it('has every surface and every type of entry', () => {
    expect(rows.map(([surface]) => surface)).toEqual(Object.keys(surfaces));
    expect(head.slice(1)).toEqual(Object.keys(columns));
  });

  const cells = rows.flatMap(([surface = '', ...words]) =>
    words.map((wanted, at) => [surface, head[at + 1] ?? '', wanted] as const),
  );
  it.each(cells)('says what happens: %s, %s: %s', async (surface, column, wanted) => {
    rmSync(rootPath.feedback(root), { recursive: true, force: true });
    const [before, entry] = columns[column]!();
    if (before.length > 0) await addFeedback(root, before);
    const look = surfaces[surface]!;
    const then = await look();
    await addFeedback(root, [entry]);
    expect(effects(then, await look())).toBe(wanted);
  });

  it.each(Object.entries(surfaces))(
    'of a like of an artist marks no song as seen: %s',
    async (name, look) => {
      rmSync(rootPath.feedback(root), { recursive: true, force: true });
      const before = await look();
      await addFeedback(root, [said(user, artist, { type: 'like', scope: 'artist' })]);
      const liked = await look();
      const isOfSearch = ['`similar ITEM --for USER`', '`browse --for USER`', '`users show USER`'].includes(
        name,
      );
      expect(effects(before, liked)).toBe(isOfSearch ? '–' : 'scores');
      await addFeedback(root, [said(user, item, { type: 'like' })]);
      const [surface] = rows.filter(([each]) => each === name);
      expect(effects(before, await look())).toBe(surface![1 + Object.keys(columns).indexOf('like')]);
    },
  );
});
