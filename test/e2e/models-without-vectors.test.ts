import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openNeighbourSource } from '#dist/core/library.js';
import { trainWithVectors } from '#dist/core/snapshot/scorer.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { prepare } from '../helpers/prepared.js';
import { describeInSmokeTest, inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { smallRock } from '../helpers/small-rock.js';
import { classicRock, makeFolder, withoutSharedMemory, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

useCanaryHere();

/** Every command on models that give items and users no vectors: it works, or says what to use instead. */
const station = 'KGLK/2014-06-16';
const train = ['train', smallRock.plays, '--items', smallRock.items];

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  await prepare(folder, [
    [...train, '--factors', '8', '--epochs', '3', '--tag', 'vectors'],
    [...train, '--model', 'popularity', '--tag', 'hits'],
    [...train, '--model', 'ease', '--tag', 'matrix'],
    [...train, '--model', 'slim', '--tag', 'sparse'],
  ]);
});
afterAll(() => folder.remove());

const tagOf = { ease: 'matrix', slim: 'sparse', popularity: 'hits' } as const;

/** What a command that fails says. */
async function failure(args: readonly string[], code: number): Promise<Record<string, any>> {
  const [document] = await folder.json(args, code);
  return document!['error'] as Record<string, any>;
}

function manifestOf(snapshot: string): Record<string, any> {
  return JSON.parse(
    readFileSync(join(folder.path, 'root/snapshots', snapshot, 'manifest.json'), 'utf8'),
  ) as Record<string, any>;
}

describe.each([
  ['ease', 'item-item', 'history', ['model/similarity.npy'], { reg: 150, confidence: 'binary' }],
  [
    ...(['slim', 'sparse-item-item', 'history'] as const),
    ['indptr', 'idx', 'weight'].map((part) => `model/similarity.${part}.npy`),
    { reg: 'auto', neighbours: 'auto', confidence: 'binary' },
  ],
  ['popularity', 'constant', 'none', ['model/score.npy'], { confidence: 'binary' }],
] as const)('a snapshot of %s', (model, scorer, fold, files, options) => {
  quickly('names scorer and fold, holds what they read, and no vectors', async () => {
    const [again] = await folder.json([...train, '--model', model]);
    expect(again).toMatchObject({ existed: true, model, dim: 0, epochs: [], metrics: {} });
    const manifest = manifestOf(again!['snapshot']);
    expect(manifest['model']).toMatchObject({ name: model, scorer, fold, dim: 0, options });
    const names = Object.keys(manifest['files']);
    expect(names).toEqual(expect.arrayContaining([...files, 'users/history/item.npy', 'users/store.mdb']));
    expect(names).not.toContain('model/item.npy');
    expect(names).not.toContain('users/users.npy');
  });

  quickly('is measured on what is held out', async () => {
    const [held] = await folder.json([...train, '--model', model, '--holdout', '0.2']);
    expect(held!['metrics']['ndcg@100']).toBeGreaterThan(0.1);
    expect(held!['metrics']['recall@50']).toBeGreaterThan(0.1);
  });

  quickly('is planned with --dry-run', async () => {
    const [plan] = await folder.json([...train, '--model', model, '--dry-run', '--threads', '1']);
    expect(plan).toMatchObject({ dryRun: true, existed: true, options });
    expect(plan!['memoryBytes']).toBeGreaterThan(100e6);
    const written = plan!['items'] ** 2 * 4;
    if (model === 'ease') expect(plan!['diskBytes']).toBeGreaterThan(written);
    const [matrix] = await folder.json([...train, '--model', 'ease', '--dry-run']);
    if (model === 'popularity')
      expect(matrix!['diskBytes'] - plan!['diskBytes']).toBeGreaterThan(0.9 * written);
  });

  inFullTest()('is the same at 1, 2 and 3 threads, and where memory cannot be shared', async () => {
    const [found] = await folder.json([...train, '--model', model]);
    for (const [threads, nodeArgs] of [
      ['1', []],
      ['3', []],
      ['2', withoutSharedMemory],
    ] as const) {
      const other = makeFolder();
      try {
        await other.segue([...train, '--model', model, '--threads', threads], 0, nodeArgs);
        const manifest = (root: string): string =>
          readFileSync(join(root, 'root/snapshots', found!['snapshot'], 'manifest.json'), 'utf8');
        expect(manifest(other.path)).toBe(manifest(folder.path));
      } finally {
        other.remove();
      }
    }
  });

  quickly('refuses options of other models', async () => {
    expect(await failure([...train, '--model', model, '--factors', '8'], 2)).toMatchObject({
      code: 'bad-usage',
      message: `--factors does not apply to --model ${model}`,
      suggestions: [expect.stringContaining('--model als')],
    });
  });

  quickly('is left without listeners by --without-users, and recommends to a new user', async () => {
    const [made] = await folder.json([...train, '--model', model, '--without-users']);
    const snapshot = made!['snapshot'] as string;
    expect(Object.keys(manifestOf(snapshot)['files']).filter((name) => name.startsWith('users/'))).toEqual(
      [],
    );
    const [shown] = await folder.json(['recommend', '--like', 'Enter Sandman', '--snapshot', snapshot]);
    expect(shown!['recommendations']).toHaveLength(10);
    expect(await failure(['recommend', station, '--snapshot', snapshot], 2)).toMatchObject({
      code: 'missing-part',
    });
  });

  quickly('has no vectors to index or to print, and says what needs none', async () => {
    const tag = tagOf[model];
    for (const args of [
      ['build-index', tag],
      ['user-vector', station, '--snapshot', tag],
      ['user-vector', '--like', 'Enter Sandman', '--snapshot', tag],
      ['user-vector', '--all', '--snapshot', tag],
      ['user-vector', '--all', '--half-life', '30d', '--snapshot', tag],
    ]) {
      expect(await failure(args, 2)).toMatchObject({
        code: 'missing-part',
        message: expect.stringContaining(`is of the model ${model}, which has no vectors`),
        suggestions: expect.arrayContaining(['segue recommend, which needs none', trainWithVectors]),
      });
    }
  });

  quickly('takes newer histories by user-vector --all --events, and recommends from them', async () => {
    const tag = tagOf[model];
    const events = join(folder.path, 'newer.csv');
    writeFileSync(
      events,
      `user,item\n${station},metallica-enter-sandman\nnewcomer,metallica-enter-sandman\n`,
    );
    const [made] = await folder.json(['user-vector', '--all', '--events', events, '--snapshot', tag]);
    expect(made).toMatchObject({ existed: false, unconverged: 0 });
    const recommended = async (user: readonly string[], snapshot: string): Promise<unknown> =>
      (await folder.json(['recommend', ...user, '--snapshot', snapshot]))[0]!['recommendations'];
    const wanted = await recommended(['--like', 'Enter Sandman'], tag);
    expect(await recommended([station], made!['snapshot'])).toEqual(wanted);
    expect(await recommended(['newcomer'], made!['snapshot'])).toEqual(wanted);
    expect(await recommended([station], tag)).not.toEqual(wanted);
    expect(
      (await folder.json(['user-vector', '--all', '--events', events, '--snapshot', tag]))[0],
    ).toMatchObject({ existed: true, snapshot: made!['snapshot'] });
  });

  quickly('is verified and published, with its gates', async () => {
    const tag = tagOf[model];
    const [published] = await folder.json(['publish', tag]);
    expect(published).toMatchObject({ unchanged: false });
    const [held] = await folder.json([...train, '--model', model, '--holdout', '0.2']);
    const gated = ['publish', held!['snapshot'], '--dry-run', '--require'];
    await folder.json([...gated, 'ndcg@100>=0.1']);
    expect(await failure([...gated, 'ndcg@100>=0.99'], 1)).toMatchObject({ code: 'does-not-hold' });
  });
});

quickDescribe('weights of ease', () => {
  quickly('are those of training wherever a history is scored', async () => {
    const weighing = words`--confidence bm25 --item-discount 0.3 --half-life 3d --holdout 0.1`;
    const [made] = await folder.json([...train, '--model', 'ease', ...weighing, '--tag', 'weighed']);
    const names = Object.keys(manifestOf(made!['snapshot'])['files']);
    expect(names).toEqual(expect.arrayContaining(['model/item-weight.npy', 'model/similarity.npy']));
    const test = join(folder.path, 'none.csv');
    writeFileSync(test, `user,item\n${station},metallica-enter-sandman\n`);
    const ranked = await folder.json(['evaluate', '--snapshot', 'weighed', '--test', test, '--at', '10']);
    expect(ranked[0]!['results']).toHaveLength(2);
    const [plain] = await folder.json(['recommend', station, '--snapshot', 'matrix']);
    const [weighed] = await folder.json(['recommend', station, '--snapshot', 'weighed']);
    expect(weighed!['recommendations']).toHaveLength(10);
    expect(weighed!['recommendations']).not.toEqual(plain!['recommendations']);
    await folder.segue(['publish', 'weighed']);
  });
});

quickDescribe('similar', () => {
  const noNeighbours = {
    code: 'missing-part',
    message: expect.stringContaining('no item is near to another'),
    suggestions: [expect.stringContaining('recommend'), trainWithVectors],
  };

  quickly('and the browser show the same', async () => {
    const context = { signal: new AbortController().signal, onProgress: (): void => undefined };
    const options = { root: join(folder.path, 'root'), item: 'Enter Sandman' };
    const { source, start } = await openNeighbourSource({ ...options, snapshot: 'matrix' }, context);
    const [shown] = await folder.json(['similar', 'Enter Sandman', '--snapshot', 'matrix', '-k', '7']);
    expect(
      source
        .neighbours(start!.row, 7)
        .map(({ item, similarity }, at) => ({ rank: at + 1, ...item, similarity })),
    ).toEqual(shown!['neighbours']);
    source.close();
    await expect(openNeighbourSource({ ...options, snapshot: 'hits' }, context)).rejects.toMatchObject(
      noNeighbours,
    );
  });
});

quickDescribe('diff-snapshots', () => {
  quickly('compares neighbours between als and ease, and between two of ease or slim', async () => {
    const [different] = await folder.json(['diff-snapshots', 'vectors', 'matrix', '--sample', '200']);
    expect(different).toMatchObject({ a: { model: 'als', dim: 8 }, b: { model: 'ease', dim: 0 } });
    expect(different!['overlapAt10']).toBeGreaterThan(0.02);
    expect(different!['overlapAt10']).toBeLessThan(0.9);
    await folder.segue([...train, '--model', 'ease', '--reg', '300', '--tag', 'smoother']);
    const [near] = await folder.json(['diff-snapshots', 'matrix', 'smoother', '--sample', '200']);
    expect(near!['overlapAt10']).toBeGreaterThan(different!['overlapAt10']);
    const [same] = await folder.json(['diff-snapshots', 'matrix', 'matrix', '--sample', '200']);
    expect(same).toMatchObject({ overlapAt10: 1, overlapAt10All: 1, changedMost: [] });
    const [sparse] = await folder.json(['diff-snapshots', 'matrix', 'sparse', '--sample', '200']);
    expect(sparse!['overlapAt10']).toBeGreaterThan(0.02);
    expect(sparse!['overlapAt10']).toBeLessThan(0.9);
    const [alike] = await folder.json(['diff-snapshots', 'sparse', 'sparse', '--sample', '200']);
    expect(alike).toMatchObject({ overlapAt10: 1, changedMost: [] });
  });

  quickly('has no neighbours to compare with popularity, and a condition on them fails', async () => {
    const [compared] = await folder.json(['diff-snapshots', 'matrix', 'hits']);
    expect(compared).toMatchObject({ overlapAt10: null, overlapAt10All: null, compared: { items: 0 } });
    const args = ['diff-snapshots', 'matrix', 'hits', '--fail-on', 'overlap@10<0.5'];
    expect(await failure(args, 1)).toMatchObject({ code: 'does-not-hold' });
  });
});

quickly('evaluate measures them as snapshots and as models, popularity beside each other', async () => {
  const test = join(folder.path, 'test.csv');
  writeFileSync(test, `user,item\n${station},metallica-enter-sandman\n${station},nirvana-come-as-you-are\n`);
  const foldIn = join(folder.path, 'fold-in.csv');
  writeFileSync(foldIn, `user,item\n${station},stone-temple-pilots-plush\n${station},pearl-jam-black\n`);
  const snapshots = ['vectors', 'matrix', 'hits'].flatMap((name) => ['--snapshot', name]);
  const files = ['--test', test, '--fold-in', foldIn, '--at', '100'];
  const [measured] = await folder.json(['evaluate', ...snapshots, ...files]);
  const results = measured!['results'] as Record<string, any>[];
  expect(results.map(({ model }) => model as string)).toEqual(['als', 'ease', 'popularity', 'popularity']);
  const [, matrix, hits, baseline] = results;
  expect(matrix!['metrics']['ndcg@100']).toBeGreaterThan(0);
  expect(hits!['metrics']).toEqual(baseline!['metrics']);
  const models = words`evaluate ${classicRock.plays} --model ease --model popularity --bootstrap 0`;
  const [trained] = await folder.json(models);
  const [ease, popularity] = trained!['results'] as Record<string, any>[];
  expect(ease!['metrics']['ndcg@100']).toBeGreaterThan(popularity!['metrics']['ndcg@100']);
});

quickly('a matrix that would not fit is refused before the work, with a catalogue that would', async () => {
  const events = join(folder.path, 'wide.csv');
  const rows = Array.from({ length: 40_000 }, (_, i) => `u${String(i % 500)},i${String(i)}`);
  const popular = Array.from({ length: 500 }, (_, u) => `u${String(u)},i0\nu${String(u)},i1`);
  writeFileSync(events, ['user,item', ...rows, ...popular].join('\n') + '\n');
  expect(await failure(['train', events, '--model', 'ease', '--dry-run'], 2)).toMatchObject({
    code: 'too-large',
    suggestions: ['--min-item-users 2 keeps 2 items, which fit', expect.stringContaining('--model als')],
  });
});
