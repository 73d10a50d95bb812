import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { modelNames } from '#dist/core/models/model.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { kindFiles, snapshotFile } from '#dist/core/snapshot/layout.js';
import { readStoredTable } from '#dist/core/snapshot/users/stored-tables.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { train, type TrainOptions, type TrainPlan, type TrainResult } from '#dist/core/tasks/train.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';

/** What training says and stores, beside counts by hand of the same events. */
const random = seededRandom(9);
const plays = Array.from({ length: 400 }, () => ({
  user: `u${random.nextBelow(30)}`,
  item: `i${Math.floor(40 * random.nextFraction() ** 2)}`,
}));
const counted = (key: 'user' | 'item'): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const play of plays) counts.set(play[key], (counts.get(play[key]) ?? 0) + 1);
  return counts;
};
const pairs = new Set(plays.map(({ user, item }) => `${user} ${item}`));

let folder: Folder;
let events: string;
beforeAll(() => {
  folder = makeFolder();
  events = join(folder.path, 'events.csv');
  writeFileSync(events, ['user,item', ...plays.map(({ user, item }) => `${user},${item}`)].join('\n'));
});
afterAll(() => folder.remove());

const optionsOf = (root: string, more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...askedOf(operations.train, {
    ...{ root: join(folder.path, root), events: [events], threads: 1 },
    modelOptions: { factors: 8, epochs: 3 },
  }),
  ...more,
});

async function trained(root: string, more: Partial<TrainOptions> = {}): Promise<TrainResult> {
  const result = await train(optionsOf(root, more), listening());
  if ('dryRun' in result) throw new Error('it was planned, not trained');
  return result;
}

async function planned(root: string, more: Partial<TrainOptions> = {}): Promise<TrainPlan> {
  const result = await train(optionsOf(root, { ...more, dryRun: true }), listening());
  if (!('dryRun' in result)) throw new Error('it was trained, not planned');
  return result;
}

describe('training', () => {
  it('counts as a count by hand does, and stores items by falling number of events', async () => {
    const result = await trained('counts');
    expect(result).toMatchObject({
      ...{ users: counted('user').size, items: counted('item').size },
      ...{ interactions: pairs.size, events: plays.length, skippedRows: 0, existed: false },
    });
    const snapshot = await openForReading(optionsOf('counts').root, result.snapshot, listening());
    try {
      const { ids, counts } = await readItemTable(snapshot.file(kindFiles.item.table));
      expect(new Map(Array.from(counts, (count, row) => [ids.at(row), count]))).toEqual(counted('item'));
      expect([...counts]).toEqual([...counts].sort((a, b) => b - a));
      const { ids: users } = await readStoredTable(snapshot);
      const userIds = Array.from({ length: users.length }, (_, row) => users.at(row));
      expect(userIds.sort()).toEqual([...counted('user').keys()].sort());
      const { shape } = readNpy(snapshot.file(snapshotFile.itemVectors), {
        dtype: '<f4',
        shape: [undefined, undefined],
      });
      expect(shape).toEqual([ids.length, 8]);
    } finally {
      snapshot.close();
    }
  });

  it('says the loss of each epoch, which falls, and the last of which is the metric', async () => {
    const { epochs, metrics, keptEpoch, stoppedBy } = await trained('losses', {
      modelOptions: { factors: 8, epochs: 5 },
    });
    const losses = epochs.map(({ loss }) => loss);
    expect(losses).toHaveLength(5);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(metrics['loss']).toBe(losses.at(-1));
    expect([keptEpoch, stoppedBy]).toEqual([5, 'epochs']);
  });

  it('finds what was trained before, and tags it', async () => {
    const first = await trained('again');
    const again = await trained('again', { tag: 'nightly', threads: 2 });
    expect(again).toMatchObject({ snapshot: first.snapshot, existed: true, epochs: [], tag: 'nightly' });
    const snapshot = await openForReading(optionsOf('again').root, 'nightly', listening());
    expect(snapshot.id).toBe(first.snapshot);
    snapshot.close();
  });

  it('leaves out users and items below the minimums until none is left below them', async () => {
    const { users, items } = await trained('minimums', { minUserItems: 5, minItemUsers: 4 });
    const kept = new Set(pairs);
    const few = (at: 0 | 1, least: number): string[] => {
      const of = [...kept].map((pair) => pair.split(' ')[at]!);
      const counts = new Map<string, number>();
      for (const id of of) counts.set(id, (counts.get(id) ?? 0) + 1);
      return [...counts].filter(([, count]) => count < least).map(([id]) => id);
    };
    for (let changed = true; changed;) {
      const gone = new Set([...few(0, 5), ...few(1, 4)]);
      for (const pair of kept) if (pair.split(' ').some((id) => gone.has(id))) kept.delete(pair);
      changed = gone.size > 0;
    }
    const of = (at: 0 | 1): number => new Set([...kept].map((pair) => pair.split(' ')[at])).size;
    expect(of(0)).toBeGreaterThan(1);
    expect(of(0)).toBeLessThan(counted('user').size + counted('item').size);
    expect([users, items]).toEqual([of(0), of(1)]);
  });

  it('measures what is held out', async () => {
    const { metrics } = await trained('held-out', { holdout: 0.3 });
    expect(metrics['ndcg@100']).toBeGreaterThan(0);
    expect(metrics['ndcg@100']).toBeLessThanOrEqual(1);
  });

  it('without users stores items alone', async () => {
    const { path } = await trained('no-users', { withoutUsers: true });
    expect(existsSync(join(path, 'users'))).toBe(false);
  });
});

describe.each(modelNames)('a dry run of %s', (model) => {
  const modelOptions = {
    ...(['als', 'item2vec', 'spectral'].includes(model) ? { factors: 8 } : {}),
    ...(model === 'als' || model === 'item2vec' ? { epochs: 2 } : {}),
  };
  it('names the snapshot that training makes, counts alike and writes nothing', async () => {
    const root = `plan-${model}`;
    const plan = await planned(root, { model, modelOptions });
    expect(existsSync(optionsOf(root).root)).toBe(false);
    const result = await trained(root, { model, modelOptions });
    expect(plan).toMatchObject({
      ...{ snapshot: result.snapshot, existed: false, dim: result.dim },
      ...{ users: result.users, items: result.items, interactions: result.interactions },
    });
    expect((await planned(root, { model, modelOptions })).existed).toBe(true);
  });
});

describe('training refuses', () => {
  const refused = async (more: Partial<TrainOptions>) =>
    failureOf(train(optionsOf('refused', more), listening()));

  it.each([
    ['an option of another model', { model: 'ease', modelOptions: { factors: 8 } }, 'bad-usage', /factors/],
    ['a tag that is no name', { tag: 'a/b' }, 'bad-usage', /a\/b/],
    ['minimums that leave nothing', { minUserItems: 1000 }, 'empty-input', /1000|nothing|no /],
  ] as const)('%s', async (_, more, code, message) => {
    const error = await refused(more);
    expect(error['code']).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('and leaves nothing behind once it is aborted', async () => {
    const stop = new AbortController();
    const context = listening(stop.signal);
    const ended = train(optionsOf('aborted', { modelOptions: { factors: 8, epochs: 1000 } }), {
      signal: stop.signal,
      onProgress: (progress) => {
        context.onProgress(progress);
        if (progress.kind === 'step' && progress.done > 0) stop.abort();
      },
    });
    await failureOf(ended);
    const { root } = optionsOf('aborted');
    const left = existsSync(root)
      ? readdirSync(join(root, 'snapshots')).filter((name) => !name.startsWith('.'))
      : [];
    expect(left).toEqual([]);
  });
});

it('the manifest says what it was trained with', async () => {
  const { path } = await trained('manifest');
  const { model, inputs } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Record<
    string,
    any
  >;
  expect(model).toMatchObject({
    name: 'als',
    seed: 42,
    dim: 8,
    engine: 'local',
    options: { factors: 8, epochs: 3 },
  });
  expect(inputs.interactions).toMatchObject({ events: plays.length, pairs: pairs.size });
});
