/** `audience` against `recommend`: whom an item suits is whoever is recommended it, in the order of their scores. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { bestUsers } from '#dist/core/query/audience.js';
import { type AudienceQuestion, audience, listUsers, listener, recommend } from '#dist/core/library.js';
import { openExactSearch } from '#dist/core/search/exact-search.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { forgetUser } from '#dist/core/tasks/feedback/forget.js';
import { listening } from '../../helpers/snapshots.js';
import { idOf, makeReaderRoot } from '../../helpers/reader-root.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { addFeedback, said } from '../../helpers/written-ledger.js';
import { inner, randomRows, rankAll, writeVectors } from '../../helpers/vectors.js';

let folder: Folder;
let root = '';
/** Users by row order of `users`: where scores are equal, the lower row is first. */
let users: readonly string[] = [];
beforeAll(async () => {
  ({ folder, root } = await makeReaderRoot());
  users = (await listUsers({ root, k: 1000 }, listening())).users.map(({ id }) => id);
});
afterAll(() => folder.remove());

/** What every user's whole ranking says of one entity. */
async function recommendedTo(kind: string, id: string, includeHeard: boolean) {
  const limits = { kind, k: 1000, includeHeard };
  const rankings = await recommend({ root, users, ...limits }, listening());
  return rankings
    .flatMap(({ user, recommendations }) => {
      const found = recommendations.find((each) => each.id === id);
      return found === undefined ? [] : [{ id: user!, score: found.score }];
    })
    .sort((a, b) => b.score - a.score);
}

const asked = (item: string, k = 1000, includeHeard = false, minEvents = 0): AudienceQuestion => ({
  ...{ item, k, includeHeard, minEvents },
});

describe('audience', () => {
  it.each([
    ['item', idOf(7), idOf(7), false],
    ['item', 'Title 23', idOf(23), true],
    ['artist', 'artist:Artist 3', 'Artist 3', false],
    ['artist', 'artist:Artist 3', 'Artist 3', true],
    ['album', 'album:Artist 2 / Album 5', undefined, true],
  ])('%s %s: everyone who is recommended it, by score', async (kind, item, id, includeHeard) => {
    const all = await audience({ root, ...asked(item, 1000, includeHeard) }, listening());
    const wanted = await recommendedTo(kind, id ?? all.item.id, includeHeard);
    expect(wanted.length).toBeGreaterThan(0);
    expect(all.listeners.map((one) => ({ id: one.id, score: one.score }))).toEqual(wanted);
    expect(all).toMatchObject({ of: users.length, leftOut: users.length - wanted.length });
    expect(all.item.kind).toBe(kind === 'item' ? undefined : kind);
    const three = await audience({ root, ...asked(item, 3, includeHeard) }, listening());
    expect(three.listeners).toEqual(all.listeners.slice(0, 3));
    const everyone = await recommendedTo(kind, all.item.id, true);
    const isLeftOut = (id: string): boolean => !wanted.some((one) => one.id === id);
    const better = everyone.filter((one) => one.score > three.listeners[2]!.score && isLeftOut(one.id));
    // Those who dislike it are in no ranking.
    expect(three.leftOut).toBeGreaterThanOrEqual(better.length);
  });

  it('leaves users of few events out, and says of how many whom it suits better', async () => {
    const eventsOf = new Map(
      (await listUsers({ root, k: 1000 }, listening())).users.map((u) => [u.id, u.events]),
    );
    const every = await audience({ root, ...asked(idOf(7)) }, listening());
    for (const minEvents of [5, 9, 14]) {
      const enough = every.listeners.filter(({ id }) => eventsOf.get(id)! >= minEvents).slice(0, 10);
      const context = listening();
      const { listeners, tooFewEvents } = await audience(
        { root, ...asked(idOf(7), 10, false, minEvents) },
        context,
      );
      expect(listeners).toEqual(enough.map((one, at) => ({ ...one, rank: at + 1 })));
      const last = enough.length < 10 ? every.listeners.length : enough.at(-1)!.rank;
      const leftOut = last - enough.length;
      expect(tooFewEvents).toEqual(leftOut === 0 ? undefined : { minEvents, leftOut });
      expect(context.told.length).toBe(leftOut === 0 ? 0 : 1);
    }
  });

  it('keeps users who have seen it where they are wanted, with their events, and never who dislikes it', async () => {
    const { listeners } = await audience({ root, ...asked(idOf(7), 1000, true) }, listening());
    const without = await audience({ root, ...asked(idOf(7)) }, listening());
    const unseen = new Set(without.listeners.map(({ id }) => id));
    for (const { id, events } of listeners) expect([id, events! > 0]).toEqual([id, !unseen.has(id)]);
    expect(listeners.length).toBeGreaterThan(unseen.size);
    expect(without.listeners.every((one) => !('events' in one))).toBe(true);
  });
});

it('names nobody whose vector is of what they asked to be forgotten, and nor do the facts of a listener', async () => {
  const of = { root, k: 1000 };
  const facts = (user: string) => listener({ ...of, user }, listening());
  const [before, asItWas] = [
    await audience({ ...of, ...asked(idOf(7)) }, listening()),
    await facts('user-0'),
  ];
  // The first comes back, and the vector that is stored is still the one of before.
  const gone = before.listeners.slice(0, 2).map(({ id }) => id);
  for (const user of gone)
    await forgetUser({ root, user, state: [], unfinished: false, dryRun: false }, listening());
  await addFeedback(root, [said(gone[0]!, idOf(3))]);
  try {
    const after = await audience({ ...of, ...asked(idOf(7)) }, listening());
    const named = ({ listeners }: typeof after) => listeners.map(({ id }) => id);
    expect(named(after)).toEqual(named(before).slice(2));
    expect(after.leftOut).toBe(before.leftOut);
    const near = (one: Awaited<ReturnType<typeof facts>>) => one.nearest!.users.map(({ id }) => id);
    expect(near(await facts('user-0'))).toEqual(near(asItWas).filter((id) => !gone.includes(id)));
    const [nearest] = near(asItWas).filter((id) => !gone.includes(id));
    expect(near(await listener({ root, user: 'user-0', k: 1 }, listening()))).toEqual([nearest]);
  } finally {
    rmSync(rootPath.feedback(root), { recursive: true });
  }
});

it('goes on where most of the best have seen it, and stops where nobody is left', async () => {
  const crowd = makeFolder();
  const lines = ['user,item'];
  // Those who play b play a as well, but for one in two hundred.
  for (let user = 0; user < 3000; user++) {
    if (user % 200 !== 0) lines.push(`u${user},a`);
    lines.push(`u${user},b`, `u${user},c${user % 7}`);
  }
  writeFileSync(join(crowd.path, 'plays.csv'), lines.join('\n') + '\n');
  await crowd.segue(['train', 'plays.csv', '--factors', '4', '--epochs', '2', '--threads', '1']);
  const of = { root: join(crowd.path, 'root') };
  const { listeners, leftOut } = await audience({ ...of, ...asked('a', 10) }, listening());
  expect(listeners).toHaveLength(10);
  expect(listeners.every(({ id }) => Number(id.slice(1)) % 200 === 0)).toBe(true);
  expect(leftOut).toBeGreaterThan(1024);
  const all = await audience({ ...of, ...asked('a', 100) }, listening());
  expect(all).toMatchObject({ of: 3000, leftOut: 2985 });
  expect(all.listeners.slice(0, 10)).toEqual(listeners);
  expect((await audience({ ...of, ...asked('b', 10) }, listening())).listeners).toEqual([]);
  crowd.remove();
});

it('ranks users some at a time as it does at once, and may be stopped between', async () => {
  const directory = makeFolder();
  // Halves make sums exact, and scores equal.
  const rows = randomRows(3, 203, 5).map((row) => row.map((x) => Math.round(2 * x) / 2));
  const open = () =>
    openExactSearch(openVectorFile(writeVectors(join(directory.path, 'users.npy'), rows)), {
      ...{ measure: 'inner-product', maxK: Infinity, inMemory: false },
    });
  const query = [1, -0.5, 0.5, 2, 0];
  const search = open();
  for (const k of [1, 7, 203, 500])
    for (const bytes of [1, 8 * 32, 100 * 32, 10_000]) {
      const best = await bestUsers(search, Float32Array.from(query), k, listening(), bytes);
      expect(best).toEqual(rankAll(rows, (row) => inner(row, query)).slice(0, k));
    }
  const abort = new AbortController();
  const context = { ...listening(), signal: abort.signal, onProgress: () => abort.abort() };
  const stopped = bestUsers(search, Float32Array.from(query), 3, context, 1);
  await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  search.close();
  directory.remove();
});
