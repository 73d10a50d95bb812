/** Answers for many as a recipe says: for one after the other, by what is opened once. */
import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { sha256Hex } from '../../files/sha256.js';
import { documentRankings } from '../../tables/ndjson-rankings.js';
import type { RankingEncoder } from '../../tables/ranking-encoder.js';
import { distinctRows } from '../exclusions.js';
import { keyWithoutLikes } from '../recipes/needs.js';
import type { Recipe } from '../recipes/recipe.js';
import {
  answerFor,
  noAnswerFor,
  openRecipeRun,
  type RecipeRun,
  type RecipeRunOptions,
} from '../recipes/recipe-run.js';
import { tableOfAnswers, type AnswersForUsers, type AskedForUsers } from './answers-for-users.js';
import { emptyBatch, packRanking } from '../../search/ranked-batch.js';
import { openTableEncoder } from './ranking-files.js';

/** Users of a block, which is what an interruption loses: lines can be few, a table's blocks are what its readers read. */
const usersAtOnce = { ndjson: 128, arrow: 1024, parquet: 1024, csv: 128 } as const;
/** Users that are answered before signals are let through. */
const usersATurn = 16;

/**
 * A line of NDJSON is the document of that user alone. A user of whom no like is known, where the recipe reads a
 * history, gets an answer without items. Errors as `recommendByRecipe`, and 'bad-usage' for a table of a start page.
 */
export async function answersByRecipe(
  asked: AskedForUsers,
  recipe: Recipe,
  options: Omit<RecipeRunOptions, 'inMemory'>,
  context: TaskContext,
): Promise<AnswersForUsers> {
  const { recommender, users, format, subjects, json } = asked;
  if (recipe.rows !== undefined && format !== 'ndjson') throw noTable(recipe, format);
  if ((options.page ?? 1) > 1 && format !== 'ndjson') throw noTableOfPage(format);
  const forAll = { ...options, inMemory: true };
  const run = silent(await openRecipeRun(recommender, recipe, forAll, context));
  const close = (): Promise<void> => {
    run.close();
    return Promise.resolve();
  };
  try {
    /** Documents of the users of these places, until they are written. */
    const documents = new Map<number, string>();
    let numBlank = 0;
    let numShort = 0;
    const numPlaces = Math.min(run.length, recommender.numItems) * (recipe.rows?.count ?? 1);
    const { selection, seedRows, shownRows } = run;
    return {
      encoder: await encoderFor(asked, run, options.where, documents),
      subjectsAtOnce: usersAtOnce[format],
      identity: {
        // As it was asked for: what is left out of it is the snapshot's. Where its file is, and on which lines, is nothing
        // to its answers.
        recipe: JSON.stringify({ ...recipe, places: null }),
        k: run.length,
        page: run.page ?? 1,
        asOf: run.asOf,
        seeds: [...seedRows],
        shown: [...shownRows],
        excluded: [...distinctRows(selection.leaveOut)],
        among: selection.among === undefined ? null : sha256Hex(selection.among.bits),
      },
      async rank(from, rows) {
        const ranked = emptyBatch(rows.length, numPlaces);
        const ids = subjects.read(from, from + rows.length);
        for (const [at, row] of rows.entries()) {
          if (at % usersATurn === 0) {
            await setImmediate();
            if (context.signal.aborted) throw abortError(context.signal);
          }
          const history = users.historyOf(row);
          const user = ids.at(at);
          const isColdStart = keyWithoutLikes(run.recipe, history) !== undefined;
          const { result, found } = isColdStart
            ? noAnswerFor(run, user)
            : answerFor(run, { user, history }, false);
          if (format === 'ndjson') documents.set(from + at, json(result));
          if (isColdStart) numBlank++;
          else if (recipe.rows === undefined && found.length < run.length) numShort++;
          packRanking(ranked, at, found);
        }
        return ranked;
      },
      tell() {
        const say = (kind: 'warning' | 'note', message: string): void => {
          context.onProgress({ kind, message });
        };
        if (numBlank > 0) {
          const message = `users without known likes: ${numBlank}. Their answers are empty; \`recipe\` popular would fill them`;
          say('warning', message);
        }
        if (numShort > 0)
          say('note', `users with fewer than ${run.length} items, since no more were found: ${numShort}`);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What filters leave is not said of every single user. */
function silent(run: RecipeRun): RecipeRun {
  return { ...run, selection: { ...run.selection, warnTooFew: () => undefined } };
}

function noTable(recipe: Recipe, format: string): AppError {
  return recipe.places.error(
    'rows',
    'bad-usage',
    `the rows of a start page do not fit a table, and \`format\` ${format} is one`,
    { suggestions: ['`format` ndjson, or `out` FILE.ndjson'], details: { format } },
  );
}

function noTableOfPage(format: string): AppError {
  return new AppError(
    'bad-usage',
    `\`format\` ${format} is a table, which ranks from 1: it is for the first page`,
    {
      suggestions: [
        '`format` ndjson, or `out` FILE.ndjson',
        'all pages at once: leave `page` out, and raise `k`',
      ],
      details: { format },
    },
  );
}

function encoderFor(
  asked: AskedForUsers,
  { recommender, recipe, leftOut, length, selection, includeHeard, asOf }: RecipeRun,
  where: string | undefined,
  documents: Map<number, string>,
): RankingEncoder | Promise<RankingEncoder> {
  if (asked.format === 'ndjson') {
    return documentRankings((place) => {
      const text = documents.get(place) ?? '';
      documents.delete(place);
      return text;
    });
  }
  const limits = { k: length, includeHeard, excluded: distinctRows(selection.leaveOut) };
  const table = tableOfAnswers(asked, recommender.kind(), limits, {
    recipe: recipe.name,
    leftOut,
    asOf,
    where,
  });
  return openTableEncoder(asked.format, table);
}
