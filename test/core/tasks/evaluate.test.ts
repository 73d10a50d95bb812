import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { evaluate, type EvaluateOptions, type EvaluateResult } from '#dist/core/tasks/evaluate.js';
import { train } from '#dist/core/tasks/train.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { isFullTest } from '../../helpers/full-tests.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { classicRock } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

const makeDirectory = temporaryDirectories('file');
let folder = '';
const path = (name: string): string => join(folder, name);
function write(name: string, content: string | Buffer): string {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), content);
  return path(name);
}

/** 120 users of three tastes, 60 items; everyone plays on the same days. */
function plays(): string {
  const random = seededRandom(5);
  const lines = ['user,item,weight,time'];
  for (let u = 0; u < 120; u++) {
    const items = new Set<number>();
    while (items.size < 12) {
      const item = random.nextBelow(60);
      items.add(random.nextFraction() < 0.85 ? item - (item % 3) + (u % 3) : item);
    }
    [...items].forEach((item, day) => {
      lines.push(`u${u},i${item},${1 + (item % 5)},${86_400 * (day + 1) + u}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(() => {
  folder = makeDirectory();
  write('plays.csv', plays());
});

const warnings: string[] = [];
async function run(options: Partial<EvaluateOptions> = {}): Promise<EvaluateResult> {
  warnings.length = 0;
  return evaluate(
    askedOf(operations.evaluate, {
      root: path('root'),
      events: options.snapshots === undefined ? [path('plays.csv')] : [],
      ...{ modelOptions: { factors: 8, epochs: 5 }, at: [5, 10], bootstrap: 100, threads: 1 },
      ...options,
    }),
    {
      signal: new AbortController().signal,
      onProgress: (progress: Progress) => {
        if (progress.kind === 'warning') warnings.push(progress.message);
      },
    },
  );
}

/** What is measured where nothing is said, once. */
let once: Promise<EvaluateResult> | undefined;
const usual = (): Promise<EvaluateResult> => (once ??= run());

const als = (options: Record<string, number> = {}, label = 'als') =>
  ({ label, name: 'als', options }) as const;

const numbersOf = (result: EvaluateResult): unknown =>
  result.results.map(({ name, metrics, intervals, overBaseline, deciles }) => ({
    ...{ name, metrics, intervals, overBaseline, deciles },
  }));

describe('evaluate', () => {
  it('finds planted tastes that popularity cannot, on new users', async () => {
    const { split, results, recallOver } = await usual();
    expect(split).toMatchObject({ kind: 'strong', heldOutUsers: 12, seed: 42, users: 12, targets: 24 });
    expect(split.train).toMatchObject({ users: 96 });
    expect(recallOver).toBe('min-k');
    const [als, popularity] = results;
    expect([als?.name, popularity?.name, popularity?.kind]).toEqual(['als', 'popularity', 'baseline']);
    expect(als!.metrics['recall@10']).toBeGreaterThan(2 * popularity!.metrics['recall@10']!);
    const over = als!.overBaseline['recall@10']!;
    expect(over.difference).toBeCloseTo(als!.metrics['recall@10']! - popularity!.metrics['recall@10']!, 12);
    expect(over.interval![0]).toBeGreaterThan(0);
    const [low, high] = als!.intervals['ndcg@10']!;
    expect(low).toBeLessThanOrEqual(als!.metrics['ndcg@10']!);
    expect(high).toBeGreaterThanOrEqual(als!.metrics['ndcg@10']!);
  });

  it('is the same to the last bit at any number of threads, and another for another seed', async () => {
    const one = numbersOf(await usual());
    expect(numbersOf(await run({ threads: 3 }))).toEqual(one);
    expect(numbersOf(await run({ seed: 43 }))).not.toEqual(one);
  });

  it('measures validation users apart from test users, after the same training', async () => {
    const [valid, test] = [await run({ part: 'valid' }), await usual()];
    expect(valid.split.train).toEqual(test.split.train);
    expect(numbersOf(valid)).not.toEqual(numbersOf(test));
  });

  it.each([
    ['random', { testShare: 0.25 }, { users: 120, targets: 360, splitAt: null }],
    ['leave-last-out', {}, { users: 120, targets: 120, splitAt: null }],
    ['temporal', { splitAt: '0.75' }, { testShare: null }],
  ] as const)('splits %s', async (split, options, wanted) => {
    const result = await run({ split, ...options });
    expect(result.split).toMatchObject({ kind: split, recallOver: 'targets', ...wanted });
    expect(result.split.users).toBeGreaterThan(0);
  });

  it('cuts a pair in two where its plays are before and after the time', async () => {
    const rows = words`a,x,10 a,y,20 b,x,10 b,y,20 a,x,100 a,z,110 b,x,120 c,z,130 b,z,5`;
    const file = write('cut.csv', `user,item,time\n${rows.join('\n')}\n`);
    const { split, warnings: said } = await run({ events: [file], splitAt: '1970-01-01T00:01:40Z' });
    // a plays x again, which is no target; z is new to a. b plays nothing new. c was not there before.
    expect(split).toMatchObject({ users: 1, targets: 1, splitAt: '1970-01-01T00:01:40.000Z' });
    expect(split.train).toEqual({ users: 2, items: 3, pairs: 5 });
    expect(said).toEqual([
      "2 test pairs are in their user's history too: left out of the targets",
      '1 test users have no history: left out',
      '1 test users have no target left: they are not measured',
    ]);
  });

  it('says what cannot be: no times, nobody to measure, options that mean nothing', async () => {
    const few = write('few.csv', 'user,item\na,x\nb,y\nc,x\n');
    const codes = await Promise.all(
      [
        { events: [few], splitAt: '0.5' },
        { events: [few], split: 'leave-last-out' as const },
        { events: [few] },
        { events: [few], split: 'random' as const },
        { splitAt: '2100-01-01' },
        { splitAt: '1970-01-01' },
        { events: ['-'], splitAt: '0.5' },
        { splitAt: 'tomorrow' },
        { split: 'random' as const, testUsers: 5 },
        { split: 'files' as const },
        { events: [] },
        { models: [als(), als()] },
        { models: [{ ...als(), options: { nonsense: 3 } }] },
        { modelOptions: { nonsense: 3 } },
        { snapshots: ['latest'], test: [] },
        { snapshots: ['latest'], test: [few], testShare: 0.3 },
      ].map((options) => failureOf(run({ modelOptions: {}, ...options }))),
    );
    expect(codes.map(({ code }) => code)).toEqual([
      ...['bad-usage', 'empty-input', 'empty-input', 'empty-input', 'empty-input', 'empty-input'],
      ...Array<string>(10).fill('bad-usage'),
    ]);
    expect(codes[3]!.message).toBe(
      'the split leaves no test users: no user has enough items to hold out a share of them',
    );
  });

  it('gives each model its own options, and the shared ones to those that have them', async () => {
    const models = [
      als(),
      als({ factors: 3 }, 'als:factors=3'),
      { label: 'ease', name: 'ease', options: { reg: 50 } } as const,
      { label: 'popularity', name: 'popularity', options: {} } as const,
    ];
    const { results } = await run({ models, modelOptions: { factors: 8, epochs: 5, confidence: 'binary' } });
    expect(results.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['als model', 'als:factors=3 model', 'ease model', 'popularity baseline'],
    ]);
    expect(results[0]!.options).toMatchObject({ factors: 8, epochs: 5, confidence: 'binary' });
    expect(results[1]!.options).toMatchObject({ factors: 3, epochs: 5, confidence: 'binary' });
    expect(results[2]!.options).toMatchObject({ reg: 50, confidence: 'binary' });
    expect(results[2]!.options).not.toHaveProperty('factors');
  });

  it('leaves out what weighs too little, as those do who make ratings binary', async () => {
    const { split } = await run({ minWeight: 4, split: 'random' });
    const heavy = plays()
      .split('\n')
      .filter((line) => /,[45],\d+$/.test(line)).length;
    expect(split.train!.pairs + split.targets).toBe(heavy);
  });
});

it('the defaults of als on dense data rank the bundled plays well, where 8 % of all pairs are observed, whichever one of them is changed', async () => {
  const changes: readonly Record<string, number | string>[] = [
    { 'unobserved-ratio': 5 },
    { 'unobserved-ratio': 60 },
    { 'reg-exponent': 0.5 },
    { confidence: 'linear:0.02' },
  ];
  const changed = changes
    .slice(isFullTest() ? 0 : -1)
    .map((options, at) => ({ label: `als ${at}`, name: 'als' as const, options }));
  const { results } = await run({
    ...{ events: [classicRock.plays], split: 'random', at: [10], bootstrap: 0, modelOptions: {} },
    models: [als(), ...changed, { label: 'ease', name: 'ease', options: {} }],
  });
  const [usual, ...others] = results.map(({ metrics }) => metrics['ndcg@10']!);
  const [popularity, ease] = others.splice(-2).toReversed();
  expect(popularity).toBeLessThan(0.27);
  expect(ease).toBeGreaterThan(0.3);
  expect(usual).toBeGreaterThan(0.36);
  for (const score of others) expect(score).toBeGreaterThan(ease! + 0.02);
});

describe('evaluate with files that are split', () => {
  /** As in the files of LightGCN: a user and then their items a line. */
  const files = (): Pick<EvaluateOptions, 'events' | 'test' | 'valid'> => ({
    events: [write('gcn/train.txt', '0 0 1 2\n1 0 1\n2 3 4 0 1\n3 3 4\n')],
    valid: [write('gcn/valid.txt', '0 4 8\n9 1\n')],
    test: [write('gcn/test.txt.gz', gzipSync('0 3\n1 2 9\n3 0 1 5 6\n2 \n'))],
  });

  it('are all ranked, only training left out, recall over all targets, the unseen in the denominator', async () => {
    const { split, results } = await run({ ...files(), at: [1, 2] });
    expect(split).toMatchObject({
      ...{ kind: 'files', users: 3, targets: 7, recallOver: 'targets' },
      train: { users: 4, items: 5, pairs: 11 },
    });
    // Popularity: items 0 and 1 have three users, then 3 4 with two, then 2. To 0: 3 4; to 1: 3 4; to 3: 0 1.
    const popularity = results.at(-1)!;
    expect(popularity.metrics['recall@1']).toBeCloseTo((1 + 0 + 1 / 4) / 3, 14);
    expect(popularity.metrics['recall@2']).toBeCloseTo((1 + 0 + 2 / 4) / 3, 14);
    // The ideal of user 3 at 2 is two hits, though there are four targets.
    expect(popularity.metrics['ndcg@2']).toBeCloseTo((1 + 0 + 1) / 3, 14);
    expect(popularity.findings).toMatchObject({ unknownTargets: 3, unknownItems: 3, heardTargets: 0 });
    expect(warnings).toEqual([
      `${path('gcn/test.txt.gz')}: 1 users have no items`,
      'the validation files name 1 users and 1 items that training never saw',
      '3 of 7 targets are of 3 items that training never saw: they count as misses',
    ]);
  });

  it('can be measured by their validation part', async () => {
    const { split } = await run({ ...files(), part: 'valid' });
    expect(split).toMatchObject({ users: 2, targets: 3 });
    expect(warnings).toContain('1 test users have no history: they all get the same ranking');
  });

  it('are no split at all where items are called otherwise', async () => {
    const others = [write('other/test.txt', '0 a b\n1 c\n')];
    const failure = await failureOf(run({ ...files(), test: others }));
    expect(failure).toMatchObject({ code: 'bad-input-file' });
    expect(failure.message).toMatch(/test.txt: none of the items to be found is in training$/);
  });

  it('are warned about where they share what they should not', async () => {
    const leaky = {
      ...files(),
      valid: [write('leaky/valid.txt', '0 3\n1 0 2\n')],
      test: [write('leaky/test.txt', '0 3 1\n')],
    };
    await run(leaky);
    expect(warnings).toContain('1 pairs are in the validation and in the test files (a leak)');
    expect(warnings).toContain("1 validation pairs are in their user's history too (a leak)");
    expect(warnings).toContain(
      "1 of 2 targets are in their user's history too (a leak): they count as misses, since seen items are not recommended",
    );
  });

  it('may fold in users who are not trained on, as Liang et al. do', async () => {
    const { events } = files();
    const foldIn = [write('strong/test_tr.csv', 'uid,sid\nnew,0\n3,3\n')];
    const test = [write('strong/test_te.csv', 'uid,sid\nnew,1\nnew,4\n')];
    const result = await run({ events, foldIn, test, columns: 'user=uid,item=sid', at: [1, 2] });
    expect(result.recallOver).toBe('min-k');
    expect(result.split).toMatchObject({ users: 1, targets: 2 });
    expect(result.results.at(-1)!.metrics['recall@1']).toBe(1);
    expect(warnings).toContain(
      '1 users to fold in are also in the training data (a leak): they are not new to the model',
    );
  });
});

describe('evaluate with snapshots', () => {
  const test = (): string => write('test.csv', 'user,item\nu1,i1\nu1,i58\nu2,i0\nu2,nowhere\nstranger,i3\n');

  async function trained(tag: string, modelOptions: Record<string, number>): Promise<void> {
    await train(
      askedOf(operations.train, {
        ...{ root: path('root'), events: [path('plays.csv')], modelOptions, threads: 1, tag },
      }),
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
  }

  beforeAll(() => trained('small', { factors: 8, epochs: 5 }));

  it('gives the numbers that training there and then gives', async () => {
    await trained('smaller', { factors: 2, epochs: 1 });
    const stored = await run({ snapshots: ['small', 'smaller'], test: [test()], modelOptions: {} });
    expect(stored.results.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['small snapshot', 'smaller snapshot', 'popularity baseline'],
    ]);
    expect(stored.split).toMatchObject({ users: 3, targets: 5, train: null });
    const fresh = await run({ test: [test()] });
    expect(stored.results[0]!.metrics).toEqual(fresh.results[0]!.metrics);
    expect(stored.results[2]!.metrics).toEqual(fresh.results[1]!.metrics);
  });

  it('warns of test pairs that a snapshot was trained on, even where other histories are folded in', async () => {
    const [known] = plays().split('\n').slice(1);
    const [user, item] = known!.split(',');
    const leaky = write('leaky.csv', `user,item\n${user},${item}\n${user},nowhere\n`);
    const foldIn = [write('fold.csv', `user,item\n${user},i3\n`)];
    await run({ snapshots: ['small'], test: [leaky], foldIn, modelOptions: {} });
    expect(warnings).toContain('snapshot small was trained on 1 of the test pairs (a leak)');
    expect(warnings).toContain(
      '1 of 2 targets are of 1 item that snapshot small never saw: they count as misses',
    );
  });
});
