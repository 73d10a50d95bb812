/**
 * Every screen, on terminals of 10 to 300 columns: it is drawn, whatever the data, and no line is wider than the terminal
 * but for words that cannot be broken (ids, paths) and commands to copy.
 */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
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
import { drawRecipeAnswer, drawRecipeList } from '#dist/cli/views/recipes.js';
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
import { anyText, documentOf } from '../helpers/schema-arbitrary.js';

const widths = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 61, max: 300 }) },
);
interface Drawn {
  readonly screen: string;
  readonly data: fc.Arbitrary<never>;
  readonly draw: (data: never, screen: Screen) => string | Promise<string>;
}

/** The data are as loose as what a stranger's snapshot can hold: not all of it fits the narrower types. */
function drawn(screen: string, draw: Drawn['draw'], data: fc.Arbitrary<unknown>): Drawn {
  return { screen, draw, data: data as Drawn['data'] };
}

const ofDifferences = { 'metrics.name': fc.constantFrom('ndcg@10', 'loss') };

const screens: readonly Drawn[] = [
  drawn('similar', drawNeighbours, documentOf('similar')),
  drawn('recommend --explain', drawRecommendations, documentOf('recommend')),
  drawn('recommend --recipe', drawRecipeAnswer, documentOf('recommend-recipe')),
  drawn('recipe list', drawRecipeList, documentOf('recipe-list')),
  drawn('--all', drawRankings, documentOf('recommend-all')),
  drawn('export', drawExport, documentOf('export')),
  drawn('train', drawTraining, documentOf('train')),
  drawn('train --dry-run', drawPlan, documentOf('train-dry-run')),
  drawn('build-index', drawIndexing, documentOf('build-index')),
  drawn('user-vector', drawUserVector, documentOf('user-vector')),
  drawn('user-vector --explain', drawListener, documentOf('user-vector-explain')),
  drawn('audience', drawAudience, documentOf('audience')),
  drawn('user-vector --all', drawUserVectors, documentOf('user-vector-all')),
  drawn('import', drawImport, documentOf('import')),
  drawn('import --dry-run', drawImportPlan, documentOf('import-dry-run')),
  drawn('publish', drawPublication, documentOf('publish')),
  drawn('rollback', drawRollback, documentOf('rollback')),
  drawn('snapshots list', drawSnapshotList, documentOf('snapshots-list')),
  drawn('snapshots show', drawSnapshotPage, documentOf('snapshots-show')),
  drawn('snapshots tag', drawTag, documentOf('snapshots-tag')),
  drawn('snapshots untag', drawUntag, documentOf('snapshots-untag')),
  drawn('snapshots history', drawHistory, documentOf('snapshots-history')),
  drawn('snapshots delete', drawDeletion, documentOf('snapshots-delete')),
  drawn('snapshots verify', drawVerification, documentOf('snapshots-verify')),
  drawn('gc', drawCollection, documentOf('gc')),
  drawn(
    'diff-snapshots',
    (data: Parameters<typeof drawDifference>[0], screen) =>
      drawDifference(data, screen, { a: 'current', b: 'trial' }),
    documentOf('diff-snapshots', ofDifferences),
  ),
  drawn(
    'diff-snapshots of two bundles',
    (data: Parameters<typeof drawBundleDifference>[0], screen) =>
      drawBundleDifference(data, screen, { a: 'current', b: 'trial' }, commandLine()),
    documentOf('diff-snapshots-bundles', ofDifferences),
  ),
  drawn('evaluate', drawEvaluation, documentOf('evaluate')),
  drawn('tune', drawTuning, documentOf('tune', { train: fc.constant(['segue', 'train', 'a b.csv']) })),
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
    fc.record({ message: anyText, text: anyText, at: fc.nat({ max: 80 }) }),
  ),
  drawn(
    'progress',
    (step: Parameters<typeof progressLine>[0], screen) => progressLine(step, 30_000, screen),
    fc.record({
      kind: fc.constant('step'),
      phase: anyText,
      done: fc.nat(),
      total: fc.option(fc.nat(), { nil: undefined }),
      unit: fc.constantFrom('bytes', 'users'),
      note: anyText,
    }),
  ),
];

/** Whether a line is a word, has one that no screen of this width has room for, or is a command. */
const mayBeWider = (line: string, width: number): boolean =>
  /\bsegue [a-z]|^read it /.test(line) ||
  /^\s*\S+$/.test(line) ||
  line.split(' ').some((word) => stringWidth(word) > width - 4);

it.each(screens)('every screen at every width $screen', async ({ data, draw }) => {
  await fc.assert(
    fc.asyncProperty(data, widths, fc.boolean(), async (one, width, coloured) => {
      const lines = (await draw(one, { decorated: true, coloured, width, height: 24 })).split('\n');
      expect(lines.filter((line) => stringWidth(line) > width && !mayBeWider(line, width))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

it('the browser has a place for its list on every terminal', () => {
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
