/** The facts of a listener, each against what the other commands, or a naive count, say of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import {
  listItems,
  listUsers,
  listener,
  openReader,
  recommend,
  showUser,
  type ListenerFacts,
} from '#dist/core/library.js';
import { readIds } from '#dist/core/tables/snapshot-tables.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { cosine, rankAll, type Rows } from '../../helpers/vectors.js';

const numItems = 70;
const user = 'u3';

let folder: Folder;
let root = '';
/** Snapshots: published first, and now; of an item × item matrix; of popularity. */
let ids: Readonly<Record<'before' | 'now' | 'ease' | 'hits', string>>;

function events(): string {
  const random = seededRandom(4);
  const lines = ['user,item,time,type'];
  for (let u = 0; u < 40; u++)
    for (let n = 0; n < 30 + u; n++) {
      const item = Math.floor(numItems * random.nextFraction() ** 1.5);
      // No item is both, of which `users show` says one.
      const against = item < 40 ? 'dislike' : 'ban';
      const type = ([against, 'like'] as const)[random.nextBelow(20)] ?? 'play';
      const day = String(1 + random.nextBelow(28)).padStart(2, '0');
      lines.push(`u${u},i${item},2024-02-${day}T0${random.nextBelow(10)}:00:00Z,${type}`);
    }
  lines.push('hater,i1,2024-02-01T00:00:00Z,dislike', 'hater,i2,2024-02-01T00:00:00Z,ban');
  return lines.join('\n') + '\n';
}

beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  writeFileSync(join(folder.path, 'plays.csv'), events());
  const items = Array.from({ length: numItems }, (_, i) => `i${i},Song ${i},Band ${i % 8},Record ${i % 16}`);
  writeFileSync(join(folder.path, 'items.csv'), ['id,name,artist,album', ...items].join('\n') + '\n');
  const train = async (...flags: string[]): Promise<string> => {
    const words = ['train', 'plays.csv', '--items', 'items.csv', '--threads', '1', ...flags];
    return String((await folder.json(words))[0]!['snapshot']);
  };
  const before = await train('--factors', '6', '--epochs', '2', '--seed', '3');
  await folder.segue(['publish', before]);
  const now = await train('--factors', '8', '--epochs', '3');
  await folder.segue(['publish', now]);
  ids = { before, now, ease: await train('--model', 'ease'), hits: await train('--model', 'popularity') };
});
afterAll(() => folder.remove());

const ask = (asked: { user?: string; snapshot?: string; k?: number; halfLife?: string } = {}) =>
  listener({ root, user, k: 5, ...asked }, listening());

async function recommendations(snapshot: string, k: number, explain = false) {
  const asked = { root, snapshot, users: [user] };
  const [result] = await recommend(
    { ...asked, k, explain, ...(explain ? { reasons: 1000 } : {}) },
    listening(),
  );
  return result!.recommendations;
}

/** The vectors of a snapshot's file, and the ids of their rows. */
async function vectorsOf(snapshot: string, part: 'model/item' | 'users/users' | 'model/artist') {
  const path = join(root, 'snapshots', snapshot, part);
  const { data, shape } = readNpy(`${path}.npy`, { dtype: '<f4', shape: [undefined, undefined] });
  const [numRows = 0, dim = 0] = shape;
  const rows: Rows = Array.from({ length: numRows }, (_, r) => [...data.subarray(r * dim, (r + 1) * dim)]);
  const names = await readIds(`${path}.arrow`);
  return { rows, names: rows.map((_, row) => names.at(row)) };
}

async function vectorOf(snapshot: string, halfLife?: string, asOf?: string): Promise<readonly number[]> {
  const reader = await openReader(root, snapshot, listening());
  const asked = { users: [user], halfLife, asOf };
  const [result] = await reader.userVector(asked);
  await reader.close();
  return result!.vector;
}

/** What each user played and does not dislike: item → events. */
async function playsOf(of: string): Promise<Map<string, number>> {
  const { items } = await showUser({ root, user: of, k: 1000 }, listening());
  return new Map(
    items
      .filter(({ opinion, weight }) => opinion !== 'disliked' && weight > 0)
      .map((one) => [one.id, one.events]),
  );
}

describe('listener', () => {
  it('adds up what recommend --explain says of the first 50, by item, artist and album', async () => {
    const explained = await recommendations(ids.now, 50, true);
    const sums = {
      items: new Map<string, number>(),
      artists: new Map<string, number>(),
      albums: new Map<string, number>(),
    };
    const total = explained.reduce((sum, { score }) => sum + score, 0);
    const add = (to: Map<string, number>, key: string, part: number): unknown =>
      to.set(key, (to.get(key) ?? 0) + part / total);
    for (const { because } of explained)
      for (const { id, contribution } of because!) {
        add(sums.items, id, contribution);
        const number = Number(id.slice(1));
        add(sums.artists, `Band ${number % 8}`, contribution);
        add(sums.albums, `Record ${number % 16}`, contribution);
      }
    const { contributions } = await ask({ k: 1000 });
    expect(contributions!.recommendations).toBe(explained.length);
    for (const [name, by] of [
      ['items', 'id'],
      ['artists', 'name'],
      ['albums', 'name'],
    ] as const) {
      const got = contributions![name]!;
      const shares = got.map(({ share }) => Math.abs(share));
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      expect(got).toHaveLength(sums[name].size);
      for (const one of got) expect(one.share).toBeCloseTo(sums[name].get(one[by])!, 9);
    }
    const all = contributions!.items.reduce((sum, { share }) => sum + share, 0);
    expect(all).toBeCloseTo(1, 3);
    const { items } = await showUser({ root, user, k: 1000 }, listening());
    for (const { id, plays, last, opinion } of contributions!.items) {
      const seen = items.find((one) => one.id === id)!;
      expect([id, plays, last]).toEqual([id, seen.events, seen.last]);
      if (seen.opinion === 'disliked') expect(opinion).toBe('disliked');
    }
  });

  it('finds the items and the other users nearest to the vector, by cosine', async () => {
    const vector = await vectorOf(ids.now);
    const { nearest } = await ask({ k: 7 });
    for (const [part, found, own] of [
      ['model/item', nearest!.items, undefined],
      ['users/users', nearest!.users, user],
    ] as const) {
      const { rows, names } = await vectorsOf(ids.now, part);
      const out = own === undefined ? [] : [names.indexOf(own)];
      const wanted = rankAll(rows, (row) => cosine(row, vector), out).slice(0, 7);
      expect(found.map(({ id }) => id)).toEqual(wanted.map(({ row }) => names[row]));
      found.forEach(({ similarity }, at) => expect(similarity).toBeCloseTo(wanted[at]!.score, 5));
    }
    const { items } = await showUser({ root, user, k: 1000 }, listening());
    for (const { id, plays } of nearest!.items)
      expect(plays).toBe(items.find((one) => one.id === id)?.events ?? 0);
  });

  it('says how mainstream and how broad they are, among all users', async () => {
    const popular = (await listItems({ root, k: 1000 }, listening())).items;
    const eventsOf = new Map(popular.map(({ id, events }) => [id, events]));
    const mid = (value: number, all: readonly number[]): number =>
      (all.filter((other) => other < value).length + all.filter((other) => other <= value).length) /
      2 /
      all.length;
    const everything = [...eventsOf.values()];
    const varied = (counts: readonly number[]): number => {
      const sum = counts.reduce((all, one) => all + one, 0);
      return 1 / counts.reduce((all, one) => all + (one / sum) ** 2, 0);
    };
    const numbersOf = async (of: string) => {
      const plays = await playsOf(of);
      const sum = [...plays.values()].reduce((all, one) => all + one, 0);
      const byArtist = new Map<number, number>();
      let popularity = 0;
      for (const [id, count] of plays) {
        popularity += (count / sum) * mid(eventsOf.get(id)!, everything);
        const artist = Number(id.slice(1)) % 8;
        byArtist.set(artist, (byArtist.get(artist) ?? 0) + count);
      }
      return {
        mainstream: popularity,
        items: varied([...plays.values()]),
        artists: varied([...byArtist.values()]),
      };
    };
    const { users } = await listUsers({ root, k: 1000 }, listening());
    const all = await Promise.all(
      users
        .map(({ id }) => id)
        .filter((id) => id !== 'hater')
        .map(numbersOf),
    );
    const own = await numbersOf(user);
    const { taste } = await ask();
    expect(taste!.comparedUsers).toBe(40);
    for (const name of ['mainstream', 'items', 'artists'] as const) {
      const { value, percentile } = taste![name]!;
      expect(value).toBeCloseTo(own[name], 6);
      const rounded = (x: number): number => Number(x.toFixed(9));
      expect(percentile).toBeCloseTo(
        mid(
          rounded(own[name]),
          all.map((one) => rounded(one[name])),
        ),
        9,
      );
    }
  });

  it('compares the vector with one of a half-life, by the 50 nearest to either', async () => {
    const { lastAt, firstAt, recent } = await ask({ k: 6 });
    expect(recent!.halfLifeMs).toBe((Date.parse(lastAt!) - Date.parse(firstAt!)) / 4);
    const asked = await ask({ k: 6, halfLife: '24h' });
    expect(asked.recent).toMatchObject({ halfLifeMs: 86_400_000, asOf: lastAt });
    const [before, after] = [await vectorOf(ids.now), await vectorOf(ids.now, '24h', lastAt!)];
    expect(asked.recent!.similarity).toBeCloseTo(cosine(before, after), 5);
    for (const [part, shifts] of [
      ['model/item', asked.recent!.items],
      ['model/artist', asked.recent!.artists!],
    ] as const) {
      const { rows, names } = await vectorsOf(ids.now, part);
      const near = [before, after].flatMap((of) => rankAll(rows, (row) => cosine(row, of)).slice(0, 50));
      const by = (row: number): number => cosine(rows[row]!, after) - cosine(rows[row]!, before);
      const union = [...new Set(near.map(({ row }) => row))].sort((a, b) => by(b) - by(a));
      const gaining = union.filter((row) => by(row) > 0).slice(0, 6);
      const losing = union
        .filter((row) => by(row) < 0)
        .reverse()
        .slice(0, 6);
      expect(shifts.gaining.map(({ id }) => id)).toEqual(gaining.map((row) => names[row]));
      expect(shifts.losing.map(({ id }) => id)).toEqual(losing.map((row) => names[row]));
      shifts.gaining.forEach((one, at) => expect(one.after - one.before).toBeCloseTo(by(gaining[at]!), 5));
    }
    await expect(ask({ halfLife: 'soon' })).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('says what moved since the snapshot that was published before, and of others since what is current', async () => {
    const idsOf = async (snapshot: string): Promise<{ near: string[]; best: string[] }> => {
      const { rows, names } = await vectorsOf(snapshot, 'model/item');
      const vector = await vectorOf(snapshot);
      const near = rankAll(rows, (row) => cosine(row, vector))
        .slice(0, 20)
        .map(({ row }) => names[row]!);
      return { near, best: (await recommendations(snapshot, 20)).map(({ id }) => id) };
    };
    const [before, now] = [await idsOf(ids.before), await idsOf(ids.now)];
    const without = (some: string[], others: string[]): string[] => some.filter((id) => !others.includes(id));
    const movedFrom = (a: typeof now, b: typeof now) => ({
      nearest: { same: 20 - without(a.near, b.near).length, of: 20 },
      recommendations: {
        ...{ same: 20 - without(a.best, b.best).length, of: 20 },
        entered: without(a.best, b.best).map((id) => expect.objectContaining({ id })),
        left: without(b.best, a.best).map((id) => expect.objectContaining({ id })),
      },
    });
    expect((await ask()).moved).toEqual({ since: ids.before, ...movedFrom(now, before) });
    expect((await ask({ snapshot: ids.before })).moved).toEqual({
      since: ids.now,
      ...movedFrom(before, now),
    });
    const ofEase = await ask({ snapshot: ids.ease });
    expect(ofEase.moved).toMatchObject({ since: ids.now, nearest: null, recommendations: { of: 20 } });
  });

  it('names what is banned and disliked, and how much was played', async () => {
    const shown = await showUser({ root, user: 'u30', k: 1000 }, listening());
    const named = (opinion: string): string[] =>
      shown.items
        .filter((one) => one.opinion === opinion)
        .map(({ id }) => id)
        .sort();
    const facts = await ask({ user: 'u30' });
    const idsOf = (items: ListenerFacts['banned']): string[] => items.map(({ id }) => id).sort();
    expect(named('banned').length).toBeGreaterThan(0);
    expect(named('disliked').length).toBeGreaterThan(0);
    expect(idsOf(facts.banned)).toEqual(named('banned'));
    expect(idsOf(facts.disliked)).toEqual(named('disliked'));
    const { events, of } = shown;
    expect(facts).toMatchObject({ snapshot: ids.now, user: 'u30', events, items: of });
  });

  it('leaves out what a model or a history has nothing of', async () => {
    const ofEase = await ask({ snapshot: ids.ease });
    expect(ofEase).toMatchObject({ nearest: null, recent: null, taste: { comparedUsers: 40 } });
    expect(ofEase.contributions!.items).toHaveLength(5);
    const ofHits = await ask({ snapshot: ids.hits });
    expect(ofHits).toMatchObject({ contributions: null, nearest: null, recent: null });
    expect(ofHits.taste).toEqual(ofEase.taste);
    const hater = await ask({ user: 'hater' });
    expect(hater).toMatchObject({ contributions: null, taste: null, recent: null, moved: null });
    expect(hater.disliked).toMatchObject([{ id: 'i1' }]);
    expect(hater.banned).toMatchObject([{ id: 'i2' }]);
    await expect(ask({ user: 'nobody' })).rejects.toMatchObject({ code: 'user-not-found' });
  });

  it.each([{}, { inMemory: false }, { workers: 2 }])('of a reader is the same: %o', async (options) => {
    const reader = await openReader(root, undefined, listening(), options);
    const questions = ['u1', 'u30', 'hater', user].map((one) => ({ user: one, k: 3 }));
    const got = await Promise.all(
      questions.map((question) => reader.listener(question.user, { k: question.k })),
    );
    expect(got).toEqual(await Promise.all(questions.map((question) => ask(question))));
    await expect(reader.listener('nobody', { k: 3 })).rejects.toMatchObject({ code: 'user-not-found' });
    await reader.close();
  });
});
