/**
 * Every screen, on terminals of 10 to 300 columns: it is drawn, whatever the data, and no line is wider than the terminal
 * but for words that cannot be broken (ids, paths) and commands to copy.
 */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { drawAudience } from '#dist/cli/views/audience.js';
import { drawCollection } from '#dist/cli/views/collection.js';
import { drawDeletion } from '#dist/cli/views/deletion.js';
import { drawBundleDifference } from '#dist/cli/views/bundle-difference.js';
import { drawDifference } from '#dist/cli/views/difference.js';
import { drawEvaluation } from '#dist/cli/views/evaluation.js';
import { drawExport } from '#dist/cli/views/export.js';
import { drawHistory } from '#dist/cli/views/history.js';
import { drawImport, drawImportPlan } from '#dist/cli/views/import.js';
import { drawIndexing } from '#dist/cli/views/indexing.js';
import { drawListener } from '#dist/cli/views/listener.js';
import { drawNeighbours } from '#dist/cli/views/neighbours.js';
import { drawPublication } from '#dist/cli/views/publication.js';
import { drawRankings } from '#dist/cli/views/rankings.js';
import { drawFromRecipes } from '#dist/cli/views/recipes.js';
import { drawRecommendations } from '#dist/cli/views/recommendations.js';
import { drawRollback } from '#dist/cli/views/rollback.js';
import { drawSnapshotList } from '#dist/cli/views/snapshot-list.js';
import { drawSnapshotPage } from '#dist/cli/views/snapshot.js';
import { drawTag, drawUntag } from '#dist/cli/views/tags.js';
import { drawPlan, drawTraining } from '#dist/cli/views/training.js';
import { drawTuning } from '#dist/cli/views/tuning.js';
import { drawUserVector, drawUserVectors } from '#dist/cli/views/user-vectors.js';
import { drawVerification } from '#dist/cli/views/verification.js';
import { describeFailure, failureText } from '#dist/cli/failure.js';
import { progressLine } from '#dist/cli/progress.js';
import { commandLine } from '#dist/cli/terminal/command-line.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import { AppError } from '#dist/core/errors.js';
import { layoutFor } from '#dist/tui/browser-layout.js';

const widths = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 61, max: 300 }) },
);
const id = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((n) => n.toString(16).padStart(16, '0'));
const title = fc.oneof(
  fc.constantFrom(
    'Plush',
    'Come As You Are',
    'Where the Streets Have No Name',
    '雪の降る街に',
    '',
    '👩‍👩‍👧 Family',
  ),
  fc
    .array(fc.constantFrom('a', 'of', 'music', 'Ünïcode', '日本語', 'e\u0301t\u0301'), {
      minLength: 1,
      maxLength: 14,
    })
    .map((words) => words.join(' ')),
  fc.string({ maxLength: 20 }),
);
const path = title.map((name) => `/srv/${name}/file`);
const size = fc.nat({ max: 2 ** 40 });
const few = fc.nat({ max: 5000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const real = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const seconds = fc.double({ min: 0, max: 1e5, noNaN: true });
const moment = fc.nat({ max: 4e9 }).map((s) => new Date(s * 1000).toISOString());
const flag = fc.boolean();
const list = <T>(of: fc.Arbitrary<T>, maxLength = 5): fc.Arbitrary<T[]> => fc.array(of, { maxLength });
const or = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const bytes = fc.record({ own: size, shared: size });
const record = fc.record;
const metrics = fc.dictionary(
  fc.constantFrom('loss', 'ndcg@10', 'recall@100', 'a metric of long name'),
  real,
);
const options = fc.dictionary(fc.constantFrom('reg', 'factors', 'half-life'), fc.oneof(few, title));
const item = record(
  { id: title, name: title, artist: title, album: title, released: few, tracks: few },
  { requiredKeys: ['id', 'name'] },
);
const ranked = fc
  .tuple(item, few, real)
  .map(([known, rank, score]) => ({ ...known, rank, score, similarity: score }));
const contribution = fc
  .tuple(item, record({ rank: few, share: real, plays: few, opinion: fc.constantFrom('heard', 'disliked') }))
  .map(([known, own]) => ({ ...known, ...own }));
const placed = record({ value: fc.double({ min: 0, max: 1e6, noNaN: true }), percentile: share });
const shift = fc.tuple(item, share, share).map(([known, before, after]) => ({ ...known, before, after }));
const shifts = record({ gaining: list(shift), losing: list(shift) });
const tag = fc.constantFrom('nightly', 'before-summer', 'x');
const reason = record({
  name: title,
  contribution: real,
  share: or(real),
  opinion: fc.constantFrom('liked', 'heard', 'disliked'),
});
const explanation = {
  because: list(reason, 3),
  rest: record({ items: few, contribution: real, share: or(real) }),
};
const explained = fc.tuple(ranked, record(explanation)).map(([one, why]) => ({ ...one, ...why }));
const absence = record({
  ...{
    name: title,
    reason: fc.constantFrom('recommended', 'capped', 'outranked', 'heard', 'filtered'),
    reasons: list(fc.constantFrom('heard', 'banned', 'no-vector', 'filtered')),
  },
  ...{
    flags: list(fc.constantFrom('--where', '--only')),
    plays: few,
    lastAt: or(moment),
    rank: or(few),
    of: few,
    score: or(real),
    kthScore: or(real),
  },
  ...explanation,
});
const ingredient = fc.oneof(
  record({
    ingredient: fc.constant('source' as const),
    source: title,
    rank: few,
    score: real,
    share,
    near: item,
  }),
  record({ ingredient: fc.constant('factor' as const), key: title, factor: real }),
  record({
    ingredient: fc.constant('place' as const),
    byScore: few,
    chosen: few,
    mmr: record({ nearest: or(item), similarity: share }),
    toPrevious: or(share),
  }),
);
const names = { current: flag, previous: flag, latest: flag, tags: list(tag, 2) };
const made = { snapshot: id, seconds, existed: flag, tag: or(tag), path };
const counts = {
  users: few,
  items: few,
  interactions: size,
  events: size,
  skippedRows: few,
  firstAt: or(moment),
  lastAt: or(moment),
  dim: fc.nat({ max: 300 }),
  existed: flag,
};
const problem = record({ file: or(title), message: title });
const side = record({
  snapshot: id,
  basis: id,
  model: title,
  dim: fc.nat({ max: 300 }),
  items: few,
  users: or(few),
});
const cameAndWent = { added: few, removed: few, common: few };
const value = fc.oneof(real, title, fc.constant(null), options);
const decile = record({
  decile: fc.integer({ min: 1, max: 10 }),
  items: few,
  leastListeners: few,
  mostListeners: few,
  overlapAt10: share,
  rbo: share,
  drift: or(share),
});
const metricNames = [
  'recall@10',
  'ndcg@10',
  'recall@100',
  'ndcg@100',
  'hit-rate@10',
  'map@10',
  'mrr@10',
  'coverage@10',
  'popularity-lift@10',
];
const atNames = <T>(of: fc.Arbitrary<T>) => record(Object.fromEntries(metricNames.map((name) => [name, of])));
const interval = fc.tuple(share, share);
const trial = record({
  ...{
    number: few,
    round: few,
    seconds,
    settings: record({ reg: real }),
    options: record({ reg: real, 'cg-steps': few }),
  },
  checkpoints: list(record({ epochs: few, score: or(share) }), 3),
  best: or(record({ epochs: few, score: or(share) })),
});
const gate = record({
  ...{
    name: title,
    value: or(real),
    required: fc.constant('>=0.5'),
    passed: flag,
    judged: flag,
    source: title,
    note: or(title),
  },
  canary: or(
    record({
      question: title,
      measure: fc.constantFrom('rank' as const, 'similarity' as const),
      instead: list(ranked, 3),
    }),
  ),
});
const columns = record({ user: title, item: title });

const memberName = fc.constantFrom('radio', 'd', 'discover-of-the-week.2026_' + 'x'.repeat(39));
const member = record({ as: memberName, snapshot: id });
const difference = record({
  verdict: record({ kind: fc.constant('other'), sentence: title }),
  ...{
    a: side,
    b: side,
    overlapAt10: or(share),
    overlapAt10All: or(share),
    rbo: or(share),
    rboAll: or(share),
  },
  items: record({ ...cameAndWent, addedTop: list(item), removedTop: list(item) }),
  users: or(record(cameAndWent)),
  compared: record({ items: few, itemsAll: few, all: flag }),
  deciles: list(decile, 10),
  drift: or(
    record({
      aligned: fc.constantFrom('rotation', 'direct'),
      items: few,
      meanCosine: share,
      p10Cosine: share,
      residual: share,
    }),
  ),
  settings: list(
    record({
      name: fc.constantFrom('model.reg', 'index.kind', 'inputs.items'),
      a: value,
      b: value,
      same: flag,
    }),
  ),
  metrics: list(
    record({ name: fc.constantFrom('ndcg@10', 'loss'), a: or(real), b: or(real), change: or(real) }),
  ),
  changedMost: list(fc.tuple(item, share).map(([one, overlap]) => ({ ...one, overlap }))),
  movedMost: list(fc.tuple(item, share).map(([one, cosine]) => ({ ...one, cosine }))),
  recommendations: or(
    record({
      users: few,
      overlapAt10: share,
      rbo: share,
      changedMost: list(record({ user: title, overlap: share, gone: list(item), came: list(item) }), 2),
    }),
  ),
  skew: or(
    record({
      users: few,
      measure: fc.constant('ndcg@100 of own history'),
      matched: share,
      mixed: share,
      rotated: or(share),
      lost: share,
    }),
  ),
  failOn: list(record({ name: tag, value: or(real), condition: fc.constant('<0.9'), holds: flag }), 2),
});

interface Drawn {
  readonly screen: string;
  readonly data: fc.Arbitrary<never>;
  readonly draw: (data: never, screen: Screen) => string | Promise<string>;
}

/** The data are as loose as what a stranger's snapshot can hold: not all of it fits the narrower types. */
function drawn(
  screen: string,
  draw: (data: never, screen: Screen) => string | Promise<string>,
  data: fc.Arbitrary<unknown>,
): Drawn {
  return { screen, draw, data: data as Drawn['data'] };
}

const screens: readonly Drawn[] = [
  drawn(
    'similar',
    drawNeighbours,
    record({
      kind: fc.constantFrom('item', 'artist'),
      query: list(item, 2),
      minus: list(item, 2),
      neighbours: list(ranked, 12),
    }),
  ),
  drawn(
    'recommend --explain',
    drawRecommendations,
    record({
      user: or(title),
      scoredBy: fc.constantFrom('popularity', undefined),
      recommendations: list(explained),
      whyNot: list(absence, 2),
    }),
  ),
  drawn(
    'recommend --recipe',
    drawFromRecipes,
    record({
      ...{
        user: or(title),
        recipe: title,
        asOf: or(moment),
        rows: fc.constant([{ title: 'More like this, and then some' }]),
      },
      recommendations: list(
        fc.tuple(ranked, list(ingredient, 3)).map(([one, ingredients]) => ({ ...one, row: 1, ingredients })),
      ),
      passedOver: list(
        record({
          id: title,
          name: title,
          row: fc.constant(1),
          score: real,
          byScore: few,
          because: record({ key: title, value: title }),
        }),
        12,
      ),
    }),
  ),
  drawn(
    '--list-recipes',
    drawFromRecipes,
    record({
      recipes: list(
        record(
          { name: tag, about: title, from: fc.constantFrom('own', 'segue'), path },
          { noNullPrototype: true },
        ),
      ),
      ownDirectory: path,
    }),
  ),
  drawn(
    '--all',
    drawRankings,
    record({
      snapshot: id,
      users: few,
      rows: size,
      out: path,
      format: tag,
      bytes: size,
      seconds,
      resumed: few,
    }),
  ),
  drawn(
    'export',
    drawExport,
    record({
      snapshot: id,
      what: fc.constantFrom('items', 'users'),
      kind: or(tag),
      rows: size,
      dim: few,
      withoutVector: few,
      format: fc.constantFrom('npy', 'parquet'),
      files: list(record({ path, bytes: size }), 2),
      seconds,
    }),
  ),
  drawn(
    'train',
    drawTraining,
    record({
      ...counts,
      ...made,
      model: tag,
      epochs: list(record({ loss: real }), 20),
      keptEpoch: or(few),
      stoppedBy: or(fc.constantFrom('early-stop', 'time-budget')),
      resumedAfter: or(few),
      metrics,
    }),
  ),
  drawn(
    'train --dry-run',
    drawPlan,
    record({
      ...counts,
      snapshot: or(id),
      files: list(record({ path, format: tag, gzip: flag, columns, rows: size }), 2),
      solver: or(fc.constantFrom('in-memory', 'partial-sums')),
      memoryBytes: size,
      threads: few,
      trainingSeconds: seconds,
      diskBytes: size,
      spark: or(
        record({
          executors: few,
          shuffledBytes: size,
          broadcastBytes: size,
          rowBytes: size,
          pairBytes: size,
          executorBytes: size,
        }),
      ),
      options,
      parameters: options,
    }),
  ),
  drawn(
    'build-index',
    drawIndexing,
    record({
      ...made,
      parent: id,
      lists: few,
      probes: few,
      targetRecall: share,
      recallAt10: share,
      recallInterval: interval,
      sampled: few,
      at100: record({ recall: share, probes: few, sampled: few }),
      bytes: size,
      orderBytes: size,
    }),
  ),
  drawn(
    'user-vector',
    drawUserVector,
    record({ snapshot: id, user: or(title), dim: few, events: few, vector: list(real, 20), converged: flag }),
  ),
  drawn(
    'user-vector --explain',
    drawListener,
    record({
      ...{ snapshot: id, user: title, events: few, items: few, firstAt: or(moment), lastAt: or(moment) },
      contributions: or(
        record({ recommendations: few, items: list(contribution), artists: list(contribution) }),
      ),
      nearest: or(
        record({ items: list(ranked), users: list(record({ rank: few, id: title, similarity: share })) }),
      ),
      taste: or(record({ mainstream: placed, items: placed, artists: placed, comparedUsers: few })),
      recent: or(
        record({ halfLifeMs: size, asOf: moment, similarity: share, items: shifts, artists: shifts }),
      ),
      moved: or(
        record({
          since: id,
          nearest: or(record({ same: few, of: few })),
          recommendations: record({ same: few, of: few, entered: list(item), left: list(item) }),
        }),
      ),
      ...{ banned: list(item, 12), disliked: list(item) },
    }),
  ),
  drawn(
    'audience',
    drawAudience,
    record({
      ...{ snapshot: id, item, of: few, leftOut: few },
      listeners: list(
        record({ rank: few, id: title, score: real, events: few }, { requiredKeys: ['rank', 'id', 'score'] }),
      ),
    }),
  ),
  drawn('user-vector --all', drawUserVectors, record({ ...made, parent: id, users: few, unconverged: few })),
  drawn(
    'import',
    drawImport,
    record({
      ...counts,
      ...made,
      importedUsers: few,
      zeroVectors: few,
      measure: fc.constantFrom('cosine', 'inner-product'),
      fold: tag,
      options,
    }),
  ),
  drawn(
    'import --dry-run',
    drawImportPlan,
    record({
      ...counts,
      snapshot: id,
      importedUsers: few,
      zeroVectors: few,
      measure: tag,
      fold: tag,
      options,
      diskBytes: size,
    }),
  ),
  drawn(
    'publish',
    drawPublication,
    record({
      published: id,
      previous: or(id),
      members: fc.option(list(member), { nil: undefined }),
      gates: list(gate),
      dryRun: flag,
      unchanged: flag,
      verified: record({ files: few, bytes: size }),
      seconds,
    }),
  ),
  drawn(
    'rollback',
    drawRollback,
    record({
      rolledBackTo: id,
      members: fc.option(list(member), { nil: undefined }),
      from: id,
      undo: or(id),
      dryRun: flag,
      unchanged: flag,
      verified: record({ files: few, bytes: size }),
      seconds,
    }),
  ),
  drawn(
    'snapshots list',
    drawSnapshotList,
    record({
      ...{ root: path, at: moment, current: or(id), problems: list(problem, 2) },
      snapshots: list(
        record({
          ...names,
          snapshot: id,
          madeAt: or(moment),
          basis: or(id),
          model: or(tag),
          dim: or(few),
          parts: list(tag, 3),
          metrics,
          recallAt10: or(share),
          bytes,
          damage: or(problem),
        }),
      ),
      total: record({
        snapshots: record({ count: few, bytes: size }),
        trash: record({ count: few, bytes: size }),
        drafts: record({ count: few, bytes: size }),
      }),
    }),
  ),
  drawn(
    'snapshots show',
    drawSnapshotPage,
    record({
      ...names,
      ...{
        snapshot: id,
        path,
        at: moment,
        madeAt: moment,
        formatVersion: few,
        basis: id,
        parent: or(id),
        children: list(id, 2),
        metrics,
        bytes,
      },
      model: record({
        name: title,
        algorithmVersion: few,
        scorer: tag,
        fold: tag,
        engine: tag,
        seed: few,
        dim: few,
        options,
      }),
      inputs: record({
        interactions: record({
          sha256: id,
          events: size,
          users: few,
          items: few,
          pairs: size,
          firstAt: or(moment),
          lastAt: or(moment),
        }),
        items: or(record({ sha256: id, rows: few })),
      }),
      users: or(record({ rows: few, unconverged: few, options })),
      index: or(
        record({
          item: record({
            kind: tag,
            lists: few,
            probes: few,
            targetRecall: share,
            recallAt10: share,
            sampled: few,
          }),
        }),
      ),
      files: list(record({ path: tag, bytes: size, sha256: id })),
      publications: list(
        record({ time: moment, op: fc.constantFrom('publish', 'rollback'), who: title, why: or(title) }),
        7,
      ),
      readers: or(record({ processes: list(record({ pid: few, command: title }), 2), complete: flag })),
      damage: or(problem),
    }),
  ),
  drawn('snapshots tag', drawTag, record({ tag, snapshot: id, previous: or(id), unchanged: flag })),
  drawn('snapshots untag', drawUntag, record({ untagged: list(record({ tag, snapshot: id }), 2) })),
  drawn(
    'snapshots history',
    drawHistory,
    record({
      root: path,
      changes: list(
        record({
          seq: few,
          time: moment,
          op: fc.constantFrom('publish', 'rollback'),
          from: or(id),
          to: id,
          who: title,
          why: or(title),
          outcome: fc.constantFrom('done', 'abandoned'),
          members: fc.option(list(member), { nil: undefined }),
        }),
      ),
      total: few,
      unreadable: few,
      cutShort: flag,
    }),
  ),
  drawn(
    'snapshots delete',
    drawDeletion,
    record({
      dryRun: flag,
      deleted: list(record({ snapshot: id, bytes })),
      latest: or(id),
      freedBytes: size,
    }),
  ),
  drawn(
    'snapshots verify',
    drawVerification,
    record({
      verdicts: list(
        record({ snapshot: id, whole: flag, files: few, bytes: size, damage: list(problem, 2) }),
      ),
      problems: list(problem, 2),
      seconds,
    }),
  ),
  drawn(
    'gc',
    drawCollection,
    record({
      ...{
        dryRun: flag,
        keep: few,
        olderThan: or(tag),
        freedBytes: size,
        keptBytes: size,
        trash: record({ snapshots: few, bytes: size }),
        leftovers: list(path, 2),
        stamps: few,
      },
      snapshots: list(
        record({
          snapshot: id,
          collected: flag,
          why: list(fc.constantFrom('current', 'tag:nightly', 'youngest', 'spare'), 3),
          age: few,
          bytes,
        }),
      ),
      checkpoints: list(record({ training: id, age: few, bytes: size }), 2),
      foreign: list(record({ path, is: fc.constant('a regular file') }), 2),
    }),
  ),
  drawn(
    'diff-snapshots',
    (data: Parameters<typeof drawDifference>[0], screen) =>
      drawDifference(data, screen, { a: 'current', b: 'trial' }),
    difference,
  ),
  drawn(
    'diff-snapshots of two bundles',
    (data: Parameters<typeof drawBundleDifference>[0], screen) =>
      drawBundleDifference(data, screen, { a: 'current', b: 'trial' }, commandLine()),
    record({
      a: record({ bundle: id, members: list(member) }),
      b: record({ bundle: id, members: list(member) }),
      members: fc.array(
        record({ as: memberName, change: fc.constant('changed'), a: or(id), b: or(id), difference }),
        { minLength: 1, maxLength: 3 },
      ),
      failOn: list(record({ as: memberName, name: tag, value: or(real), condition: tag, holds: flag }), 2),
    }),
  ),
  drawn(
    'evaluate',
    drawEvaluation,
    record({
      split: record({
        kind: fc.constantFrom('strong', 'random', 'temporal', 'files'),
        part: fc.constantFrom('test', 'valid'),
        seed: or(few),
        testShare: or(share),
        heldOutUsers: or(few),
        splitAt: or(moment),
        train: or(record({ users: few, items: few, pairs: size })),
        users: few,
        targets: size,
      }),
      ...{
        at: fc.constant([10, 100]),
        recallOver: fc.constantFrom('targets', 'min-k'),
        bootstrap: few,
        seconds,
      },
      results: fc.array(
        record({
          ...{
            name: fc.oneof(tag, title),
            metrics: atNames(share),
            intervals: atNames(interval),
            overBaseline: atNames(record({ difference: real, interval: or(interval) })),
          },
          deciles: fc.constant([
            {
              decile: 1,
              fewestUsers: 1,
              mostUsers: 20,
              targets: 1234,
              metrics: { 'recall@10': 0.1, 'recall@100': 0.5 },
            },
          ]),
          seconds: record({ train: seconds, rank: seconds }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  ),
  drawn(
    'tune',
    drawTuning,
    record({
      split: record({ users: few, targets: few, kind: tag }),
      ...{
        model: tag,
        metric: fc.constant('ndcg@10'),
        space: fc.constant(['reg=0.001..0.1:log', 'cg-steps=1..4:int']),
        baseline: share,
        defaults: or(share),
      },
      ...{
        trials: list(trial, 20),
        best: trial,
        train: fc.constant(['segue', 'train', 'a b.csv']),
        trialsFile: path,
        trained: few,
        resumed: few,
        seconds,
      },
    }),
  ),
  drawn(
    'a failure',
    (error: { message: string; text: string; at: number }, screen) =>
      failureText(
        describeFailure(
          new AppError('bad-usage', error.message, {
            details: { pointer: { text: error.text, at: Math.min(error.at, error.text.length) } },
          }),
        ),
        screen,
      ).trimEnd(),
    record({ message: title, text: title, at: fc.nat({ max: 80 }) }),
  ),
  drawn(
    'progress',
    (step: Parameters<typeof progressLine>[0], screen) => progressLine(step, 30_000, screen),
    record({
      kind: fc.constant('step'),
      phase: title,
      done: few,
      total: fc.option(few, { nil: undefined }),
      unit: fc.constantFrom('bytes', 'users'),
      note: title,
    }),
  ),
];

/** Whether a line is a word, has one that no screen of this width has room for, or is a command. */
const mayBeWider = (line: string, width: number): boolean =>
  /\bsegue [a-z]/.test(line) ||
  /^\s*\S+$/.test(line) ||
  line.split(' ').some((word) => stringWidth(word) > width - 4);

describe('every screen at every width', () => {
  it.each(screens)('$screen', async ({ data, draw }) => {
    await fc.assert(
      fc.asyncProperty(data, widths, flag, async (one, width, coloured) => {
        const lines = (await draw(one, { decorated: true, coloured, width, height: 24 })).split('\n');
        expect(lines.filter((line) => stringWidth(line) > width && !mayBeWider(line, width))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the browser', () => {
  it('has a place for its list on every terminal', () => {
    const wrong: string[] = [];
    for (let columns = 1; columns <= 300; columns += 1) {
      for (let rows = 1; rows <= 60; rows += 1) {
        const { width, margin, listRows } = layoutFor(columns, rows);
        const fits = columns === 1 || width + 2 * margin <= columns;
        if (width < 1 || listRows < 1 || !fits) wrong.push(`${columns} × ${rows}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
