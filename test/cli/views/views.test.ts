import { describe, expect, it } from 'vitest';
import { drawAudience } from '#dist/cli/views/audience.js';
import { drawCollection } from '#dist/cli/views/collection.js';
import { drawEvaluation } from '#dist/cli/views/evaluation.js';
import { drawIndexing } from '#dist/cli/views/indexing.js';
import { drawListener } from '#dist/cli/views/listener.js';
import { drawNeighbours } from '#dist/cli/views/neighbours.js';
import { drawGates, drawPublication } from '#dist/cli/views/publication.js';
import { drawRecommendations } from '#dist/cli/views/recommendations.js';
import { drawPlan, drawTraining } from '#dist/cli/views/training.js';
import { drawUserVector, drawUserVectors } from '#dist/cli/views/user-vectors.js';
import { drawUserPage } from '#dist/cli/views/users.js';
import { commandLine } from '#dist/cli/terminal/command-line.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import type { EvaluateResult } from '#dist/core/tasks/evaluate.js';
import type { GateVerdict } from '#dist/core/tasks/publish.js';
import type { TrainPlan, TrainResult } from '#dist/core/tasks/train.js';

const pipe: Screen = { decorated: false, coloured: false, width: Infinity };
const terminal: Screen = { decorated: true, coloured: false, width: 80 };

const counts = {
  snapshot: '0123456789abcdef',
  basis: '0123456789abcdef',
  users: 175,
  items: 2230,
  interactions: 25531,
  events: 37647,
  skippedRows: 0,
  firstAt: '2014-06-16T05:00:09.000Z',
  lastAt: '2014-06-22T23:59:58.123Z',
  files: [],
  remarks: [
    {
      about: 'columns',
      message: 'not read of plays.csv: "Hours"',
      suggestions: ['Say what a column is: `columns` weight=NAME'],
      details: {},
      isWarning: false,
    },
  ],
  dim: 64,
  existed: false,
} as const;

const training: TrainResult = {
  ...counts,
  model: 'als',
  chosen: null,
  epochs: [0.8, 0.4, 0.2, 0.1].map((loss, at) => ({ epoch: at + 1, loss, seconds: 0.1 })),
  keptEpoch: 4,
  stoppedBy: 'epochs',
  resumedAfter: null,
  metrics: { loss: 0.1, 'ndcg@100': 0.34567 },
  seconds: 1.234,
  tag: null,
  path: '.segue/snapshots/0123456789abcdef',
};

describe('train', () => {
  it('says what was learned from, how the loss fell, and what to do next', () => {
    expect(drawTraining(training, pipe)).toBe(
      [
        'Trained snapshot 0123456789abcdef in 1.23 s',
        'listening  37,647 events, 25,531 pairs of 175 users and 2,230 items',
        'times      2014-06-16 05:00 to 2014-06-22 23:59 UTC',
        'model      als, 64 dimensions',
        'loss       0.8 → 0.1 in 4 epochs',
        'ndcg@100   0.3457',
        'path       .segue/snapshots/0123456789abcdef',
        'next       segue build-index, then segue publish',
      ].join('\n'),
    );
  });

  it('draws the course of the loss on a terminal', () => {
    expect(drawTraining(training, terminal)).toContain('0.8 → 0.1 in 4 epochs  █▄▂▁');
  });

  it.each<[Partial<TrainResult>, string]>([
    [{ resumedAfter: 2 }, 'resumed from a checkpoint after epoch 2'],
    [{ stoppedBy: 'early-stop', keptEpoch: 1 }, 'stopped early after 4; kept the model of epoch 1'],
    [{ stoppedBy: 'time-budget' }, 'stopped after 4: the time budget was used up'],
  ])('says how it ended where that was not by its last epoch: %j', (ended, text) => {
    expect(drawTraining({ ...training, ...ended }, pipe)).toContain(`\nepochs     ${text}\n`);
  });

  it('goes on under the value where a line is full', () => {
    const lines = drawTraining(training, { ...terminal, width: 50 }).split('\n');
    expect(lines.slice(1, 3)).toEqual([
      'listening  37,647 events, 25,531 pairs of 175',
      '           users and 2,230 items',
    ]);
  });

  it('says that it found the snapshot, with the loss it has', () => {
    const text = drawTraining(
      { ...training, existed: true, epochs: [], tag: 'nightly', skippedRows: 3 },
      pipe,
    );
    expect(text).toContain('Found snapshot 0123456789abcdef complete');
    expect(text).toContain('loss       0.1\n');
    expect(text).toContain('tag        nightly\n');
    expect(text).toContain('3 bad rows skipped');
  });

  it('says in three lines what was chosen, why, and what makes the same', () => {
    const difference = { mean: 0.0052, low: 0.0009, high: 0.0101 };
    const chosen: TrainResult['chosen'] = {
      ...{ model: 'als+ease', options: { epochs: 4, 'blend-weight': 0.3 }, reason: 'the blend is better' },
      settings: { epochs: 4, reg: 0.00668, 'blend-weight': 0.3, 'ease.reg': 150 },
      users: 1801,
      tried: [
        { model: 'als', options: { epochs: 4 }, ndcg: 0.1298, difference: null },
        { model: 'als+ease', options: {}, ndcg: 0.135, difference },
      ],
      train: [
        'segue',
        'train',
        'my plays.csv',
        '--model',
        'als+ease',
        '--epochs',
        '4',
        '--blend-weight',
        '0.3',
      ],
    };
    const text = drawTraining({ ...training, model: 'als+ease', chosen }, pipe, commandLine('r'));
    expect(text.split('\n').slice(4, 7)).toEqual([
      'chosen       als+ease, epochs 4, reg 0.00668, blend-weight 0.3, ease.reg 150',
      'because      NDCG@10 on pairs held out of 1,801 users: als 0.1298, als+ease 0.1350 (+0.0009 to +0.0101); the blend is better',
      "the same by  segue train 'my plays.csv' --model als+ease --epochs 4 --blend-weight 0.3",
    ]);
  });

  it('plans without doing', () => {
    const file: TrainPlan['files'][number] = {
      path: 'plays\x1b.csv.gz',
      format: 'csv',
      gzip: true,
      columns: { user: 'user', item: 2 },
      notRead: [],
      header: true,
      skippedRows: 0,
      rows: 37647,
    };
    const plan: TrainPlan = {
      ...counts,
      dryRun: true,
      files: [file],
      examples: [
        { file: 'a', row: 1, user: 'u\x1b', item: 'i', type: 'play', weight: 1, time: null },
        {
          ...{ file: 'a', row: 2, user: 'u', item: 'i "j"', type: 'like', weight: 0.25 },
          time: '2014-06-16T05:00:09.000Z',
        },
      ],
      choice: null,
      model: 'als',
      asRead: { events: ['plays.csv.gz'], columns: 'user=user,item=2', noHeader: true, quote: "'" },
      solver: 'in-memory',
      memoryBytes: 312e6,
      diskBytes: 1.2e6,
      threads: 2,
      trainingSeconds: 4.2,
      spark: null,
      options: { factors: 64, reg: 'auto' },
      parameters: { reg: 0.0069657, 'as-of': '2014-06-22T00:00:00.000Z' },
    };
    expect(drawPlan({ ...plan, parameters: {} }, pipe)).not.toContain('from the data');
    expect(drawPlan(plan, pipe)).toBe(
      [
        'Training would make snapshot 0123456789abcdef; nothing was changed',
        'file           plays\\x1b.csv.gz (csv, gzip, 37,647 rows): user=user, item=2',
        'such as        user "u\\u001b", item "i"',
        'such as        user "u", item "i \\"j\\"", like, weight 0.25, 2014-06-16 05:00:09',
        'listening      37,647 events, 25,531 pairs of 175 users and 2,230 items',
        'times          2014-06-16 05:00 to 2014-06-22 23:59 UTC',
        'columns        not read of plays.csv: "Hours". Say what a column is: --columns weight=NAME',
        'dimensions     64',
        'solver         in-memory',
        'memory         about 312 MB',
        'disk           about 1.2 MB',
        'training       about 4.20 s on 2 threads',
        'options        --factors 64',
        'from the data  reg 0.006966, as-of 2014-06-22T00:00:00.000Z',
        `as read        segue train plays.csv.gz --columns user=user,item=2 --no-header --quote "'"`,
      ].join('\n'),
    );
    const spark = {
      executors: 2,
      shuffledBytes: 272e6,
      broadcastBytes: 30.7e6,
      rowBytes: 61.4e6,
      pairBytes: 167e6,
      executorBytes: 646e6,
    };
    expect(drawPlan({ ...plan, spark }, pipe)).toContain(
      [
        'shuffled       272 MB to read the events; training shuffles nothing',
        'broadcast      30.7 MB of vectors an epoch, to each of 2 executors',
        'sent           167 MB of pairs once, 61.4 MB of vectors an epoch',
        'executor       about 646 MB of memory beside its JVM',
      ].join('\n'),
    );
    expect(drawPlan({ ...plan, existed: true }, pipe)).toContain('already exists');
    expect(drawPlan({ ...plan, snapshot: null }, pipe)).toContain(
      'whose id depends on the epochs it runs; nothing',
    );
  });
});

it('build-index says how much of the truth it finds', () => {
  const result = {
    snapshot: 'fedcba9876543210',
    parent: '0123456789abcdef',
    basis: '0123456789abcdef',
    kind: 'item' as const,
    lists: 48,
    probes: 7,
    targetRecall: 0.95,
    recallAt10: 0.9632,
    recallInterval: [0.9561, 0.9692] as const,
    sampled: 1000,
    at100: { recall: 0.9511, probes: 40, sampled: 250 },
    seconds: 0.41,
    bytes: 612_345,
    orderBytes: 200_000,
    existed: false,
    tag: null,
    path: '.segue/snapshots/fedcba9876543210',
  };
  expect(drawIndexing(result, pipe)).toContain(
    'recall@10   0.9632, 95 % interval 0.9561 to 0.9692, on 1,000 items (wanted 0.95)\n' +
      'recall@100  0.9511 on 250 items, probing 40 lists',
  );
  const small = { ...result, lists: 1, at100: { recall: 1, probes: 1, sampled: 72 } };
  expect(drawIndexing(small, pipe)).toContain('recall@100  1 on 72 items, probing 1 list\n');
  expect(drawIndexing({ ...result, existed: true }, pipe)).toContain(
    'Found snapshot fedcba9876543210 complete',
  );
});

describe('similar and recommend', () => {
  const song = { id: 'stp-plush', name: 'Plush', artist: 'Stone Temple Pilots', released: 1992 };
  const answer = { snapshot: 's', search: { method: 'exact' as const } };

  it('name what was asked', async () => {
    const query = [song, { id: 'x', name: 'Evil\r\x1b[2K', artist: 'Eve' }];
    const minus = [{ id: 'y', name: 'Hotel California' }];
    const text = await drawNeighbours(
      { ...answer, query, minus, neighbours: [{ ...song, rank: 1, similarity: 0.5 }] },
      pipe,
    );
    expect(text.split('\n')).toEqual([
      'Near Plush – Stone Temple Pilots + Evil\\r\\x1b[2K – Eve − Hotel California',
      '',
      '#  name   artist               released  similarity  id',
      '1  Plush  Stone Temple Pilots  1992           0.500  stp-plush',
    ]);
  });

  it('say that there is nothing', async () => {
    expect(await drawNeighbours({ ...answer, query: [song], minus: [], neighbours: [] }, pipe)).toContain(
      'nothing else',
    );
    expect(await drawRecommendations({ ...answer, user: null, recommendations: [] }, pipe)).toBe(
      'For a new user\n\nnothing is left to recommend',
    );
  });

  it('name the user', async () => {
    const text = await drawRecommendations(
      { ...answer, user: 'KGLK\x07', recommendations: [{ ...song, rank: 1, score: 1.25 }] },
      pipe,
    );
    expect(text).toMatch(/^For KGLK\\x07\n\n#.*score.*\n1 .*1\.25 /);
  });

  it('draw bars of scores relative to the best', async () => {
    const recommendations = [4, 2].map((score, index) => ({ ...song, rank: index + 1, score }));
    const lines = (await drawRecommendations({ ...answer, user: 'u', recommendations }, terminal)).split(
      '\n',
    );
    const [best = '', half = ''] = lines.slice(3).map((line) => /█+/.exec(line)?.[0] ?? '');
    expect(best.length).toBeGreaterThan(4);
    expect(half.length).toBe(Math.floor(best.length / 2));
  });
});

it('users show says how many events of how many items there are, and what is disliked', async () => {
  const item = { id: 's1', name: 'Plush', rank: 1, opinion: 'disliked', events: 3, weight: 2.5 } as const;
  const page = await drawUserPage(
    {
      ...{ snapshot: '0123456789abcdef', user: 'ann', events: 271, of: 246, disliked: 1, banned: 0 },
      ...{ firstAt: null, lastAt: null, items: [item] },
    },
    pipe,
  );
  expect(page.split('\n')).toEqual([
    'ann',
    'events    271',
    'items     246',
    'disliked  1',
    'snapshot  0123456789abcdef',
    '',
    expect.stringMatching(/^# +name +events +opinion +weight +id$/),
    expect.stringMatching(/^1 +Plush +3 +disliked +2\.50 +s1$/),
  ]);
});

describe('audience', () => {
  const found = {
    ...{ snapshot: 's', item: { id: 's1', name: 'Plush', artist: 'Stone Temple Pilots' }, of: 9, leftOut: 1 },
    listeners: [
      { rank: 1, id: 'ann', score: 0.5, events: 1200 },
      { rank: 2, id: 'bob', score: -0.25, events: 0 },
    ],
  };

  it('says for which users, with their events where they have any, and how many are left out', async () => {
    expect(await drawAudience(found, pipe)).toBe(
      [
        'Users whom Plush – Stone Temple Pilots suits best',
        '',
        '#  user  events   score',
        '1  ann    1,200   0.500',
        '2  bob        0  -0.250',
        '',
        '1 user of a higher score left out: they have seen, disliked or banned it',
      ].join('\n'),
    );
    const nobody = await drawAudience({ ...found, leftOut: 0, listeners: [] }, pipe);
    expect(nobody.split('\n')).toEqual([expect.stringContaining('Plush'), '', 'no user is left']);
  });

  it.each([30, 60, 80, 200])('fits a terminal of %i columns', async (width) => {
    const lines = (await drawAudience(found, { ...terminal, width })).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });
});

describe('user-vector --explain', () => {
  const nothing = {
    ...{ snapshot: 's', user: 'ann', events: 3, items: 2, firstAt: null, lastAt: null },
    ...{ contributions: null, nearest: null, taste: null, recent: null, moved: null },
    ...{ banned: [], disliked: [] },
  };

  it('leaves out what is not known', async () => {
    expect((await drawListener(nothing, pipe)).split('\n')).toEqual([
      'ann',
      'history   3 events of 2 items',
      'snapshot  s',
    ]);
  });

  it('says what makes recommendations, what moved, and what is kept away', async () => {
    const song = (name: string) => ({ id: name, name, artist: 'Stone Temple Pilots' });
    const facts = {
      ...nothing,
      contributions: {
        recommendations: 50,
        items: [
          { ...song('Plush'), rank: 1, share: 0.4, opinion: 'heard' as const, plays: 2 },
          { ...song('Creep'), rank: 2, share: -0.012, opinion: 'disliked' as const, plays: 1 },
        ],
        artists: [{ id: 'Stone Temple Pilots', name: 'Stone Temple Pilots', rank: 1, share: 0.388 }],
      },
      moved: {
        since: 'p',
        nearest: { same: 19, of: 20 },
        recommendations: { same: 19, of: 20, entered: [song('Plush')], left: [] },
      },
      banned: Array.from({ length: 12 }, (_, n) => ({ id: `b${n}`, name: `B${n}` })),
    };
    const text = await drawListener(facts, pipe);
    expect(text).toContain(
      [
        'What makes their recommendations',
        '#  name   artist               events  opinion    share',
        '1  Plush  Stone Temple Pilots       2              40 %',
        '2  Creep  Stone Temple Pilots       1  disliked  -1.2 %',
        '',
        'artists  Stone Temple Pilots (38.8 %)',
        '',
        'Since snapshot p',
        'the same  19 of 20 nearest items, 19 of 20 recommendations',
        'new       Plush – Stone Temple Pilots',
        '',
        'Kept away',
        'banned  B0, B1,',
      ].join('\n'),
    );
    expect(text).toMatch(/B9 and 2 others$/);
  });
});

describe('user-vector', () => {
  it('is short: --json has the whole', () => {
    const vector = Array.from({ length: 64 }, (_, f) => (f + 1) / 100);
    const result = { snapshot: 's', basis: 's', user: null, dim: 64, events: 1200, vector, converged: false };
    const text = drawUserVector(result, pipe);
    expect(text).toContain('Vector of a new user');
    expect(text).toContain('values      0.01 0.02 0.03 0.04 0.05 0.06 … (64 in all: --json)');
    expect(text).toContain('norm        2.991');
    expect(text).toContain('approximate: the equations did not converge');
    expect(drawUserVector({ ...result, converged: true }, pipe)).not.toContain(
      'approximate: the equations did not converge',
    );
  });

  it('of everyone says what was made', () => {
    const result = {
      snapshot: 's',
      parent: 'p',
      basis: 'p',
      users: 175,
      unconverged: 2,
      seconds: 0.2,
      existed: false,
      tag: 't',
      path: 'x',
    };
    expect(drawUserVectors(result, pipe)).toMatch(/^Made vectors of 175 users in 0\.20 s\nsnapshot {2}s\n/);
    expect(drawUserVectors(result, pipe)).toContain('approximate for 2 of them');
    expect(drawUserVectors({ ...result, existed: true }, pipe)).toContain('Found snapshot s complete');
  });
});

describe('publish', () => {
  const gate = (name: string, value: number | null, required: string, passed: boolean): GateVerdict => ({
    ...{
      kind: 'manifest',
      name,
      value,
      required,
      passed,
      judged: true,
      source: '--require',
      note: null,
      canary: null,
    },
  });
  const publication = {
    gatesFile: null,
    published: 'bbbb',
    previous: 'aaaa',
    gates: [
      gate('recall@10', 0.96, '>=0.95', true),
      { ...gate('ndcg@100', null, '>=0.2', false), note: 'it is not among its numbers' },
    ],
    dryRun: false,
    unchanged: false,
    verified: { files: 14, bytes: 1_234_567 },
    seconds: 0.05,
  };

  it('shows every gate, then what readers see', async () => {
    expect((await drawPublication(publication, pipe)).split('\n')).toEqual([
      'Verified 14 files, 1.2 MB, in 0.05 s',
      '',
      '   gate       value  required',
      '✓  recall@10   0.96  >=0.95',
      '✗  ndcg@100    none  >=0.2',
      '',
      '✗ ndcg@100: it is not among its numbers',
      '',
      'Published bbbb (previous: aaaa)',
    ]);
  });

  it('says where gates are from, what stands where a canary item does not, and shared notes once', async () => {
    const source = 'segue-gates.yaml:7';
    const note = 'nothing is published yet';
    const instead = [{ rank: 1, id: 'stp-plush', name: 'Plush\x1b[2J', artist: 'Stone Temple Pilots' }];
    const place = { asked: 'similar', item: null, rank: null } as const;
    const canary = { ...place, question: 'similar A', measure: 'rank', instead: [] } as const;
    const gates: GateVerdict[] = [
      { ...gate('overlap@10', null, '>=0.6', true), judged: false, note },
      { ...gate('items.removed', null, '<9', true), judged: false, note },
      {
        ...gate('similar A contains B', null, '<=20', false),
        ...{ source, note: 'it is not among the first 1000', canary: { ...canary, instead } },
      },
      { ...gate('similar A lacks C', 21, '>20', true), source, canary },
    ];
    expect((await drawGates(gates, pipe)).split('\n')).toEqual([
      '   gate             value  required   from',
      '–  overlap@10        none  >=0.6      --require',
      '–  items.removed     none  <9         --require',
      '   similar A                          segue-gates.yaml:7',
      '✗    contains B    absent  rank <=20',
      '✓    lacks C      rank 21  rank >20',
      '',
      '– overlap@10, items.removed: nothing is published yet',
      '✗ similar A contains B: it is not among the first 1000; first are 1 Plush\\x1b[2J – Stone Temple Pilots',
    ]);
  });

  it('shows all digits of a number that would else read like the bound it misses', async () => {
    const values = async (value: number, required: string): Promise<string> =>
      (await drawGates([gate('ndcg@100', value, required, false)], pipe)).split('\n')[1] ?? '';
    expect(await values(0.19999999, '>=0.2')).toContain('0.19999999  >=0.2');
    expect(await values(0.19994, '>=0.2')).toContain(' 0.1999  >=0.2');
    expect(await values(0.2, '>0.2')).toContain(' 0.2  >0.2');
  });

  it('tells a dry run, and what was current already', async () => {
    const dry = { ...publication, gates: [], dryRun: true, previous: null };
    expect(await drawPublication(dry, pipe)).toContain(
      'Would publish bbbb (previous: none); nothing was changed',
    );
    const same = { ...publication, gates: [], unchanged: true };
    expect(await drawPublication(same, pipe)).toContain('bbbb is the current snapshot already');
  });
});

describe('evaluate', () => {
  const findings = {
    ...{ unknownTargets: 0, unknownItems: 0, heardTargets: 0 },
    ...{ usersWithoutHistory: 0, usersWithoutTargets: 0 },
  };
  const interval = (middle: number): [number, number] => [middle - 0.01, middle + 0.01];
  const result = (name: string, recall: number): EvaluateResult['results'][number] => ({
    ...{ kind: 'model', name, model: name, options: {}, snapshot: null },
    ...{ users: 1863, historyPopularity: 0, findings },
    metrics: {
      ...{
        'recall@10': recall,
        'ndcg@10': recall + 0.02,
        'recall@20': recall + 0.1,
        'ndcg@20': recall + 0.05,
      },
      ...{
        'hit-rate@10': 0.9,
        'map@10': 0.1,
        'mrr@10': 0.4,
        'coverage@10': 0.083,
        'popularity-lift@10': -0.2,
      },
    },
    intervals: { 'recall@10': interval(recall), 'ndcg@10': interval(recall + 0.02) },
    overBaseline:
      name === 'popularity'
        ? {}
        : { 'recall@10': { difference: recall - 0.07, interval: interval(recall - 0.07) } },
    deciles: [
      { decile: 1, fewestUsers: 184, mostUsers: 416, targets: 1824, metrics: { 'recall@10': recall } },
      { decile: 10, fewestUsers: 0, mostUsers: 0, targets: 2543, metrics: { 'recall@10': 0 } },
    ],
    seconds: { train: 0.8, rank: 0.1 },
  });
  const evaluation: EvaluateResult = {
    split: {
      ...{ kind: 'files', part: 'test', seed: null, testShare: null, heldOutUsers: null, splitAt: null },
      recallOver: 'targets',
      train: { users: 1885, items: 13973, pairs: 64315 },
      users: 1863,
      targets: 18321,
      popularity: null,
    },
    at: [10, 20],
    recallOver: 'targets',
    bootstrap: 1000,
    seed: 42,
    warnings: [],
    results: [result('als', 0.186), result('ease', 0.19), result('popularity', 0.07)],
    seconds: 2,
  };

  it('puts models side by side, and says what is what', async () => {
    const lines = (await drawEvaluation(evaluation, pipe)).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'Measured als, ease and popularity in 2.00 s',
      'split       as given by the files',
      'measured    1,863 users, 18,321 targets',
      'trained on  64,315 pairs of 1,885 users and 13,973 items',
      'recall@k    hits / targets',
      '±           half the 95 % interval over users, of 1,000 resamples; +x is over popularity, user by user',
    ]);
    expect(lines[7]).toMatch(
      /^model +recall@10 +ndcg@10 +\+recall@10 +recall@20 .* coverage@10 +popularity-lift@10 +seconds$/,
    );
    expect(lines[8]).toMatch(
      /^als +\.1860 ±\.0100 +\.2060 ±\.0100 +\+\.1160 ±\.0100 +\.2860 .* +8\.3 % +−20 % +0\.90$/,
    );
    expect(lines.slice(12)).toEqual([
      'recall@10 by popularity of the targets',
      'users an item  targets    als   ease  popularity',
      '      184–416    1,824  .1860  .1900       .0700',
      '            0    2,543  .0000  .0000       .0000',
    ]);
  });

  it.each([60, 80, 120])('fits a terminal of %i columns', async (width) => {
    const drawn = await drawEvaluation(evaluation, { ...terminal, width });
    for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(drawn).toMatch(/recall@10 +ndcg@10/);
    // Metrics first; and what is left out is said.
    expect(drawn).toMatch(/^\d more where there is room, and with --json: .*/m);
    expect(drawn).not.toMatch(/^model .* seconds/m);
    expect(drawn).toContain('█');
  });

  it.each<[Partial<EvaluateResult['split']>, string]>([
    [
      { kind: 'strong', heldOutUsers: 10, testShare: 0.2, seed: 42 },
      'strong generalisation: 10 users held out, 80 % of each one’s items folded in (seed 42)',
    ],
    [
      { kind: 'random', testShare: 0.2, seed: 1, part: 'valid' },
      '20 % of each user’s items, at random, the validation part (seed 1)',
    ],
    [{ kind: 'leave-last-out', seed: 1 }, 'the last item of each user'],
    [
      { kind: 'temporal', splitAt: '2014-06-20T00:00:00.000Z' },
      'trained on events before 2014-06-20T00:00:00.000Z, measured on those after',
    ],
  ])('says how it was split: %j', async (split, words) => {
    const drawn = await drawEvaluation({ ...evaluation, split: { ...evaluation.split, ...split } }, pipe);
    expect(drawn).toContain(`split       ${words}\n`);
  });

  it.each([60, 80])(
    'fits %i columns with long names too, and shows what is in them harmlessly',
    async (width) => {
      const long = ['als:factors=128,unobserved-weight=0.05', 'als:\u001b[31mred,reg=0.003'];
      const results = [...long.map((name) => result(name, 0.2)), result('popularity', 0.07)];
      const drawn = await drawEvaluation({ ...evaluation, results }, { ...terminal, width });
      for (const line of drawn.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
      expect(drawn).toMatch(/^Measured 2 candidates and popularity/);
      expect(drawn).not.toContain('\u001b[31mred');
    },
  );

  it('shows new items by seed, and how far apart the seeds are', async () => {
    const seed = (number: number) => ({
      ...{ seed: number, items: 699, itemsWithout: 0, users: 672, drawnFrom: 672, targets: 16502 },
    });
    const cold = {
      ...{ by: 'genres', seeds: [seed(42), seed(43)] },
      used: [{ name: 'genres', as: 'lists', features: 19 }],
      leftOut: [{ name: 'title', why: 'it names the items' }],
    } as const;
    const split = { ...evaluation.split, kind: 'cold-items', seed: 42, testShare: 0.2, cold } as const;
    const results = [result('mean vector of genres (als)', 0.0789), result('own plays of genres', 0.0636)];
    const withSeeds = results.map((each, row) => ({
      ...each,
      seeds: [0.05, 0.07].map((value, at) => ({
        ...{ seed: 42 + at, metrics: { 'recall@20': value + row / 100 } },
      })),
    }));
    const lines = (await drawEvaluation({ ...evaluation, split, results: withSeeds }, pipe)).split('\n');
    expect(lines.slice(1, 5)).toEqual([
      'split          20 % of the items with five users or more: 699 new items, ranked among themselves; means of 2 seeds',
      'measured       1,863 users, 18,321 targets, all seeds together',
      'with seed 42   64,315 pairs of 1,885 users and 13,973 items',
      'item features  genres (19 lists); not title: it names the items',
    ]);
    expect(lines[8]).toMatch(/^model +recall@20 +ndcg@20 +\+recall@20 +recall@10 /);
    expect(lines.slice(12)).toEqual([
      'recall@20 by seed',
      'model                        seed 42  seed 43  spread',
      'mean vector of genres (als)    .0500    .0700   .0200',
      'own plays of genres            .0600    .0800   .0200',
    ]);
  });

  it('says nothing of intervals that were not asked for', async () => {
    const bare = evaluation.results.map((one) => ({ ...one, intervals: {} }));
    expect(await drawEvaluation({ ...evaluation, bootstrap: 0, results: bare }, pipe)).not.toMatch(/^±/m);
  });
});

describe('gc', () => {
  const bytes = { own: 3406, shared: 1_778_010 };
  const one = {
    snapshot: '0123456789abcdef',
    collected: false,
    why: ['current', 'tag:nightly'],
    age: 7200,
    bytes,
  };
  const result = {
    seconds: 1,
    dryRun: true,
    keep: 5,
    olderThan: '30d',
    snapshots: [
      one,
      { ...one, snapshot: '1123456789abcdef', why: ['previous', 'youngest', 'young'], age: 86_400 * 3 },
      { ...one, snapshot: '2123456789abcdef', collected: true, why: ['spare', 'damaged'], age: 86_400 * 40 },
    ],
    freedBytes: 5_000_000,
    keptBytes: 1_784_822,
    trash: { snapshots: 1, bytes: 100 },
    leftovers: ['snapshots/.tmp-0'],
    stamps: 1,
    checkpoints: [{ training: '3123456789abcdef', age: 86_400 * 40, bytes: 70 }],
    foreign: [{ path: 'trash/\u001b[2Jnotes', is: 'a directory' }],
  };

  it('says of each snapshot whether it goes, and why, and what that gives back', async () => {
    expect(await drawCollection(result, pipe)).toBe(
      [
        '         snapshot           age  why                                                            own  shared',
        'keep     0123456789abcdef   2 h  current, tag nightly                                        3.4 kB  1.8 MB',
        'keep     1123456789abcdef   3 d  was current before, among the 5 newest, not older than 30d  3.4 kB  1.8 MB',
        'collect  2123456789abcdef  40 d  nothing needs it, damaged                                   3.4 kB  1.8 MB',
        '',
        'Would delete 1 snapshot, 1 snapshot of the trash, 1 leftover of a dead process and the checkpoints of 1 abandoned training: 5.0 MB freed',
        '2 snapshots stay, 1.8 MB; nothing was changed',
        'Not ours: trash/\\x1b[2Jnotes is a directory, which segue did not make',
      ].join('\n'),
    );
  });

  it('far down a terminal leaves out what is merely young, and off one nothing', async () => {
    const snapshots = Array.from({ length: 200 }, (_, at) => ({
      ...one,
      snapshot: String(at).padStart(16, '0'),
      why: at === 150 ? ['tag:kept', 'youngest'] : ['youngest', 'young'],
    }));
    const drawn = (await drawCollection({ ...result, snapshots }, terminal)).split('\n');
    expect(drawn.filter((line) => line.startsWith('keep'))).toHaveLength(41);
    expect(drawn.join('\n')).toMatch(/tag kept.*\n… and 159 more that are kept\n\n/);
    expect(await drawCollection({ ...result, snapshots }, pipe)).not.toContain('more that are kept');
  });

  it('says so where there is nothing to do', async () => {
    const idle = { ...result, dryRun: false, snapshots: [one], trash: { snapshots: 0, bytes: 0 } };
    const drawn = await drawCollection({ ...idle, leftovers: [], checkpoints: [], foreign: [] }, terminal);
    expect(drawn.split('\n').slice(-2)).toEqual(['Nothing to delete', '1 snapshot stays, 1.8 MB']);
  });
});
