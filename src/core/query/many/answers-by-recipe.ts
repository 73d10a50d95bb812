/** Answers for many as a recipe says: for one after the other, by what is opened once. */
import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { sha256Hex } from '../../files/sha256.js';
import { detailsOf, placeIn, type Recipe } from '../recipes/recipe.js';
import { requireKind } from '../../snapshot/kinds.js';
import { trainedKind } from '../../snapshot/layout.js';
import { documentRankings } from '../../tables/ndjson-rankings.js';
import { commandKey, type RankingEncoder } from '../../tables/ranking-encoder.js';
import { idsOfKind } from './answers-by-score.js';
import type { AnswersForUsers, AskedForUsers } from './answers-for-users.js';
import { emptyBatch, packRanking } from './packed-rankings.js';
import { openTableEncoder } from './ranking-files.js';
import { keyWithoutLikes } from '../recipes/needs.js';
import {
  cookFor,
  nothingFor,
  openKitchen,
  type Kitchen,
  type KitchenOptions,
} from '../recipes/recommend-by-recipe.js';

/** Users of a block, which is what an interruption loses: lines can be few, a table's blocks are what its readers read. */
const usersAtOnce = { ndjson: 128, arrow: 1024, parquet: 1024 } as const;
/** Users that are cooked for before signals are let through. */
const usersATurn = 16;

/**
 * A line of NDJSON is the document of that user alone. Somebody of whom no like is known, where the recipe reads a
 * history, gets an answer without items. Errors as `recommendByRecipe`, and 'bad-usage' for a table of a start page.
 */
export async function answersByRecipe(
  asked: AskedForUsers,
  recipe: Recipe,
  options: Omit<KitchenOptions, 'inMemory'>,
  context: TaskContext,
): Promise<AnswersForUsers> {
  const { snapshot, users, format, subjects, json } = asked;
  if (recipe.rows !== undefined && format !== 'ndjson') throw noTable(recipe, format);
  const opened: { close(): void }[] = [];
  const close = (): Promise<void> => {
    for (const part of opened.reverse()) part.close();
    return Promise.resolve();
  };
  try {
    const keep = <T extends { close(): void }>(part: T): T => {
      opened.push(part);
      return part;
    };
    const forAll = { ...options, inMemory: true };
    const kitchen = silent(await openKitchen(snapshot, recipe, forAll, keep, context));
    /** Documents of the users of these places, until they are written. */
    const documents = new Map<number, string>();
    let numBlank = 0;
    let numShort = 0;
    const numPlaces = Math.min(kitchen.length, kitchen.numItems) * (recipe.rows?.count ?? 1);
    return {
      encoder: await encoderFor(asked, kitchen, options, documents),
      subjectsAtOnce: usersAtOnce[format],
      identity: identityOf(kitchen, options),
      async rank(from, rows) {
        const ranked = emptyBatch(rows.length, numPlaces);
        const ids = subjects.read(from, from + rows.length);
        for (const [at, row] of rows.entries()) {
          if (at % usersATurn === 0) {
            await setImmediate();
            if (context.signal.aborted) throw abortError(context.signal);
          }
          const history = users.historyOf(row);
          const isBlank = keyWithoutLikes(recipe, history) !== undefined;
          const { result, found } = isBlank
            ? nothingFor(kitchen, ids.at(at))
            : cookFor(kitchen, { user: ids.at(at), history }, { ...options, explain: false });
          if (format === 'ndjson') documents.set(from + at, json(result));
          if (isBlank) numBlank++;
          else if (recipe.rows === undefined && found.length < kitchen.length) numShort++;
          packRanking(ranked, at, found);
        }
        return ranked;
      },
      tell() {
        const say = (kind: 'warning' | 'note', message: string): void => {
          context.onProgress({ kind, message });
        };
        if (numBlank > 0) {
          const message = `users of whom nothing that they like is known: ${numBlank}. Their answers are empty, and --recipe popular would fill them`;
          say('warning', message);
        }
        if (numShort > 0)
          say(
            'note',
            `users with fewer than ${kitchen.length} items, since no more may be found: ${numShort}`,
          );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What filters leave is not said of every single user. */
function silent(kitchen: Kitchen): Kitchen {
  return { ...kitchen, selection: { ...kitchen.selection, explainShortage: () => undefined } };
}

function noTable(recipe: Recipe, format: string): AppError {
  return new AppError(
    'bad-usage',
    `${placeIn(recipe, 'rows')}: a table has no place for the rows of a start page, and --format ${format} is one`,
    {
      suggestions: ['--format ndjson, or --out FILE.ndjson'],
      details: { ...detailsOf(recipe, 'rows'), format },
    },
  );
}

function encoderFor(
  { snapshot, catalogue, subjects, format }: AskedForUsers,
  { recipe, length, numItems, selection, asOf }: Kitchen,
  { includeHeard }: Pick<KitchenOptions, 'includeHeard'>,
  documents: Map<number, string>,
): RankingEncoder | Promise<RankingEncoder> {
  if (format === 'ndjson') {
    return documentRankings((place) => {
      const text = documents.get(place) ?? '';
      documents.delete(place);
      return text;
    });
  }
  const { id, basis, manifest } = snapshot;
  const excluded = [...new Set(selection.leaveOut)].sort((a, b) => a - b);
  const metadata = new Map([
    [commandKey, 'recommend'],
    ['segue.snapshot', id],
    ['segue.basis', basis],
    ['segue.model', manifest.model.name],
    ['segue.kind', trainedKind],
    ['segue.recipe', recipe.name],
    ['segue.k', String(length)],
    ['segue.include-heard', String(includeHeard || recipe.filters.leaveOut === 'nothing')],
    ['segue.exclude', JSON.stringify(excluded.map((row) => catalogue.record(trainedKind, row).id))],
    ...(asOf === null ? [] : ([['segue.as-of', asOf]] as const)),
  ]);
  const found = idsOfKind(snapshot, requireKind(snapshot, trainedKind), numItems);
  const columns = { subject: 'user', found: trainedKind, score: 'score' } as const;
  return openTableEncoder(format, { columns, subjects, found, metadata });
}

function identityOf(
  { recipe, length, seedRows, selection, asOf }: Kitchen,
  { includeHeard }: Pick<KitchenOptions, 'includeHeard'>,
): AnswersForUsers['identity'] {
  const { among, leaveOut } = selection;
  return {
    // Where its file is, and on which lines, is nothing to its answers.
    recipe: JSON.stringify({ ...recipe, file: null, lines: null }),
    ...{ k: length, includeHeard, asOf, seeds: [...seedRows] },
    excluded: [...new Set(leaveOut)].sort((a, b) => a - b),
    among: among === undefined ? null : sha256Hex(among.bits),
  };
}
