import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskContext } from '#dist/core/contracts.js';
import { coldDraws } from '#dist/core/evaluation/cold-items/cold-draws.js';
import type { Candidate } from '#dist/core/evaluation/evaluation-candidate.js';
import type { CountedEvents } from '#dist/core/events/interactions-hash.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { evaluate, type EvaluateOptions, type EvaluateResult } from '#dist/core/tasks/evaluate.js';
import { tune } from '#dist/core/tasks/tune.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let folder = '';
const path = (name: string): string => join(folder, name);

/** 120 users, each of 3 of 12 artists with 5 songs: four of each, and two songs of others. Songs of one artist have none in the table. */
const lines: string[] = [];
const songs = Array.from({ length: 60 }, (_, i) => `s${i}`);
const artistOf = (i: number): number => i % 12;

beforeAll(() => {
  folder = makeDirectory();
  const random = seededRandom(3);
  for (let u = 0; u < 120; u++) {
    const own = new Set<number>();
    for (let a = 0; a < 3; a++)
      for (let n = 0; n < 4; n++) own.add(((u + 5 * a) % 12) + 12 * random.nextBelow(5));
    for (let n = 0; n < 2; n++) own.add(random.nextBelow(60));
    for (const i of own) lines.push(`u${u},${songs[i]}`);
  }
  // Of whom nothing is left where their only song is new.
  for (const id of songs) lines.push(`only-${id},${id}`);
  writeFileSync(path('plays.csv'), `user,item\n${lines.join('\n')}\n`);
  const artists = songs.map(
    (id, i) => `${id},Song ${i},${artistOf(i) === 11 ? '' : `Artist ${artistOf(i)}`}`,
  );
  writeFileSync(path('songs.csv'), `id,name,artist\n${artists.join('\n')}\n`);
  writeFileSync(path('others.csv'), 'id,name,artist\nx,X,A\n');
});

const context: TaskContext = { signal: new AbortController().signal, onProgress: () => undefined };
const asked = (options: Partial<EvaluateOptions> = {}): EvaluateOptions =>
  askedOf(operations.evaluate, {
    ...{ root: path('root'), events: [path('plays.csv')], items: path('songs.csv'), split: 'cold-items' },
    ...{ modelOptions: { factors: 8, epochs: 2 }, at: [3, 5], bootstrap: 20, threads: 1 },
    ...options,
  });
async function run(options: Partial<EvaluateOptions> = {}): Promise<EvaluateResult> {
  return evaluate(asked(options), context);
}

let once: Promise<EvaluateResult> | undefined;
const usual = (): Promise<EvaluateResult> => (once ??= run());

describe('evaluate, of new items', () => {
  it('has three baselines, of which the user’s own plays of the artist find planted tastes', async () => {
    const { results, split, recallOver } = await usual();
    expect(results.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'als + item features (ridge): model',
      'mean vector of artist (als): baseline',
      'popularity of artist: baseline',
      'own plays of artist: baseline',
    ]);
    expect(split.cold).toMatchObject({
      ...{ by: 'artist', used: [{ name: 'artist', as: 'categories', features: 11 }] },
      leftOut: [{ name: 'name', why: 'it names the items' }],
    });
    expect([split.kind, split.seed, split.testShare, recallOver]).toEqual(['cold-items', 42, 0.2, 'targets']);
    const [ridge, vectors, popular, own] = results.map(({ metrics }) => metrics['recall@3']!);
    expect(own).toBeGreaterThan(2 * popular!);
    expect(vectors).toBeGreaterThan(1.5 * popular!);
    expect(ridge).toBeGreaterThan(1.5 * popular!);
    expect(results[3]!.overBaseline).toEqual({});
    // Nearly all of the 12 new items stand among the first five of somebody, of 60 in all.
    expect(results[3]!.metrics['coverage@5']).toBeGreaterThan(0.75);
    expect(results[3]!.metrics['popularity@5']).toBeGreaterThan(10);
    expect(results[1]!.overBaseline['recall@3']!.difference).toBeCloseTo(vectors! - own!, 12);
  });

  it('is measured with three seeds: means, each of them, and what is added up', async () => {
    const { results, split } = await usual();
    const seeds = split.cold!.seeds;
    expect(seeds.map(({ seed, items }) => [seed, items])).toEqual([
      [42, 12],
      [43, 12],
      [44, 12],
    ]);
    expect(split.users).toBe(seeds.reduce((sum, { users }) => sum + users, 0));
    for (const result of results) {
      expect(result.users).toBe(split.users);
      const each = result.seeds!.map(({ metrics }) => metrics['ndcg@5']!);
      expect(new Set(each).size).toBeGreaterThan(1);
      expect(result.metrics['ndcg@5']).toBeCloseTo((each[0]! + each[1]! + each[2]!) / 3, 12);
      const [low, high] = result.intervals['ndcg@5']!;
      expect(low).toBeLessThan(result.metrics['ndcg@5']!);
      expect(high).toBeGreaterThan(result.metrics['ndcg@5']!);
    }
  });

  it('is the same to the last bit at any number of threads, whichever seed was first', async () => {
    const [later, first] = [await run({ seed: 43, threads: 3 }), await usual()];
    expect(later.split.cold!.seeds.slice(0, 2)).toEqual(first.split.cold!.seeds.slice(1));
    later.results.forEach(({ seeds }, row) => {
      expect(seeds!.slice(0, 2)).toEqual(first.results[row]!.seeds!.slice(1));
    });
  });

  it('says how many items are of nobody known', async () => {
    const { split, warnings } = await usual();
    const without = split.cold!.seeds.filter(({ itemsWithout }) => itemsWithout > 0);
    expect(without.length).toBeGreaterThan(0);
    expect(
      warnings.filter((text) => text.endsWith('have no artist that an item of training has: they score 0')),
    ).toEqual(
      without.map(
        ({ seed, itemsWithout }) =>
          expect.stringMatching(`^seed ${seed}: ${itemsWithout} of 12 new items`) as string,
      ),
    );
  });

  it.each(['test', 'valid'] as const)(
    'trains on no pair of a new item, and looks for all of them: %s',
    async (part) => {
      const trained: CountedEvents[] = [];
      const seeds: number[] = [];
      const about = { name: 'spy', kind: 'model', model: 'spy', options: {}, snapshot: null } as const;
      const spy = {
        about,
        fit(train: CountedEvents, seed: number) {
          trained.push(train);
          seeds.push(seed);
          return Promise.reject(new Error('enough'));
        },
      };
      const pairs = [...new Set(lines)].map((line) => line.split(',') as [user: string, item: string]);
      const colds: Set<string>[] = [];
      for (const { candidates, summary } of await coldDraws(asked({ part }), [spy], context)) {
        let first: Candidate | undefined;
        for await (first of candidates) break;
        await expect(first!.open(context)).rejects.toThrow('enough');
        const { users, items, pairs: own } = trained.at(-1)!;
        const warm = new Set(Array.from({ length: items.length }, (_, row) => items.at(row)));
        const cold = new Set(songs.filter((id) => !warm.has(id)));
        colds.push(cold);
        const { histories, targets } = first!.measured;
        // Every pair of an item that is trained on is trained on, and none of the others.
        expect(own.item).toHaveLength(pairs.filter(([, item]) => warm.has(item)).length);
        for (const i of histories.item) expect(i).toBeLessThan(items.length);
        for (const i of targets.item) expect(i).toBeGreaterThanOrEqual(items.length);
        if (part === 'valid') continue;
        expect(cold.size).toBe(summary.cold!.seeds[0]!.items);
        const known = new Set(Array.from({ length: users.length }, (_, row) => users.at(row)));
        expect(targets.item).toHaveLength(
          pairs.filter(([user, item]) => cold.has(item) && known.has(user)).length,
        );
      }
      expect(seeds).toEqual([42, 43, 44]);
      // Validation trains on less: neither on its own new items nor on those of the test part.
      expect(colds.map(({ size }) => size)).toEqual(part === 'test' ? [12, 12, 12] : [21, 21, 21]);
    },
  );

  it('trains a model once for both of its rows, and gives it up after them, or where something fails', async () => {
    let [fits, closes] = [0, 0];
    const spy = {
      about: { name: 'spy', kind: 'model', model: 'spy', options: {}, snapshot: null } as const,
      fit({ items }: CountedEvents) {
        fits++;
        const values = new Float32Array(items.length);
        const fitted = {
          itemVectors: () => ({ values, stride: 1, dim: 1 }),
          close() {
            closes++;
            return Promise.resolve();
          },
        };
        return Promise.resolve({
          fitted: fitted as unknown as FittedModel,
          fold: 'mean',
          options: {},
        } as const);
      },
    };
    const [draw] = await coldDraws(asked(), [spy, spy], context);
    const names: string[] = [];
    for await (const { about, open } of draw!.candidates) {
      names.push(about.name);
      if (about.kind === 'model') expect(closes).toBe(fits);
      await (await open(context)).close();
    }
    expect(names).toHaveLength(6);
    expect([fits, closes]).toEqual([2, 2]);
    const [again] = await coldDraws(asked(), [spy], context);
    for await (const { open } of again!.candidates) {
      await open(context);
      break;
    }
    expect([fits, closes]).toEqual([3, 3]);
  });

  it('measures als that is drawn to columns, of new items and of others', async () => {
    const drawn = {
      label: 'als:item-features=artist',
      name: 'als',
      options: { 'item-features': 'artist' },
    } as const;
    const { results } = await run({ models: [drawn], bootstrap: 0 });
    const [plain] = (await usual()).results;
    expect(results[0]!.options).toMatchObject({ 'item-features': 'artist' });
    expect(results[0]!.metrics['recall@5']).not.toBe(plain!.metrics['recall@5']);
    const plainAls = { label: 'als', name: 'als', options: {} } as const;
    const warm = await run({ split: 'random', models: [drawn, plainAls], bootstrap: 0 });
    expect(warm.results.map(({ name }) => name)).toEqual([drawn.label, 'als', 'popularity']);
    expect(warm.results[0]!.metrics).not.toEqual(warm.results[1]!.metrics);
  });

  it('refuses what it cannot measure by, by name', async () => {
    const refused: readonly (readonly [Partial<EvaluateOptions>, string])[] = [
      [
        { models: [{ label: 'ease', name: 'ease', options: {} }], modelOptions: {} },
        '`model` ease has no vectors',
      ],
      [
        { snapshots: ['latest'], items: undefined, modelOptions: {} },
        '`split` cold-items trains without some items, and a `snapshot` was trained with them',
      ],
      [{ split: 'random' }, '`items` says what items have in common, and no item is held out'],
      [{ split: 'random', items: undefined, by: 'artist' }, '`by` says what'],
      [{ test: [path('plays.csv')] }, '`test` does not apply to `split` cold-items'],
      [{ testUsers: 5 }, '`test-users` does not apply to `split` cold-items'],
      [{ items: undefined }, '`split` cold-items needs a column of the items named artist'],
      [{ by: 'genre' }, '`split` cold-items needs a column of the items named genre'],
      [{ items: path('others.csv') }, 'no new item has the artist of an item of training'],
      [{ minItemUsers: 1000 }, ''],
    ];
    for (const [options, message] of refused) {
      const failure = await failureOf((async () => run(options))());
      expect(failure.message).toContain(message);
    }
    const tuning = { events: [path('plays.csv')], split: 'cold-items' } as const;
    expect(() => askedOf(operations.tune, tuning)).toThrow(/^`split` "cold-items": wanted strong, random/);
    const asking = [{ modelOptions: { itemFeatures: 'all' } }, { space: ['item-features=artist,name'] }];
    for (const given of asking) {
      const features = askedOf(operations.tune, { events: [path('plays.csv')], ...given });
      expect((await failureOf(tune(features, context))).message).toContain('not with `itemFeatures`');
    }
  });

  it('says that nobody can be measured where no item has users enough', async () => {
    writeFileSync(path('few.csv'), 'user,item\na,s0\nb,s0\nb,s1\n');
    const failure = await failureOf((async () => run({ events: [path('few.csv')] }))());
    expect([failure.code, failure.message]).toEqual([
      'empty-input',
      'the split leaves no test users: no user has new items and others; new ones are drawn from those with five users or more',
    ]);
  });
});
